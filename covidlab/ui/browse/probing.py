"""What tells the classes apart: the probe of the data set in use, computed once, by a process of its own."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import is_curated_set
from covidlab.evaluation.probe_result import BYTES_A_PIXEL, Probe, PropertyResult
from covidlab.language import tr
from covidlab.services.probes import ProbeState, shared_prober
from covidlab.text import about_seconds, markdown_escaped, pluralize
from covidlab.ui.about.texts import draw_curated_shortcuts

_LOOK_SECONDS = 1.0


def draw_probe(catalog: Catalog) -> None:
    """Draw what was found, or how far the probe is; it begins when somebody first looks."""
    prober = shared_prober()
    prober.start(catalog)
    is_over = prober.state(catalog).is_over
    st.caption(
        tr(
            "A network that tells the classes apart has shown little where the file header or a thumbnail "
            "does so too. Logistic regression, cross-validated; known patients are kept together."
        )
    )
    st.fragment(_draw_state, run_every=None if is_over else _LOOK_SECONDS)(catalog, was_over=is_over)
    if is_curated_set(catalog):
        draw_curated_shortcuts(catalog)


def _draw_state(catalog: Catalog, *, was_over: bool) -> None:
    prober = shared_prober()
    state = prober.state(catalog)
    if state.is_over and not was_over:
        # The whole page, so that nobody looks every second any more.
        st.rerun()
    if state.probe is not None:
        draw_found(state.probe)
    elif state.failure:
        st.warning(markdown_escaped(state.failure, max_length=400), icon=":material/warning:")
        st.button(tr("Compare again"), key="browse_probe_again", on_click=lambda: prober.start(catalog, again=True))
    else:
        st.progress(state.num_done / max(1, state.num_films), text=describe_progress(state))


def draw_found(probe: Probe) -> None:
    """Draw the sentences of a probe and the figures of each property."""
    first, *others = (markdown_escaped(sentence, max_length=600) for sentence in probe.sentences())
    if probe.is_alarm:
        st.warning(first, icon=":material/warning:")
    else:
        st.markdown(first)
    st.markdown("\n".join(f"- {sentence}" for sentence in others))
    if probe.properties:
        st.table(properties_table(probe))


def properties_table(probe: Probe) -> pd.DataFrame:
    """Share of X-rays that each property of the header alone tells right, the highest first, with its interval."""
    found = sorted(probe.properties, key=lambda one: -one.told.value)
    return pd.DataFrame(
        {
            tr("Share of X-rays"): [f"{100 * one.told.value:.0f} %" for one in found],
            tr("95 % interval"): [
                tr("{value:.0f} to {value_2:.0f} %", value=100 * one.told.low, value_2=100 * one.told.high)
                for one in found
            ],
            tr("Beyond chance"): [_beyond_chance(one) for one in found],
        },
        index=pd.Index(
            [tr(one.name) for one in found], name=tr("Property alone (n = {num_films:,})", num_films=probe.num_films)
        ),
    )


def _beyond_chance(one: PropertyResult) -> str:
    if one.name == BYTES_A_PIXEL:
        return tr("not tested: it may be the disease")
    return tr("yes") if one.is_alarm else tr("no")


def describe_progress(state: ProbeState) -> str:
    """How far the probe is, in words."""
    if not state.num_films:
        return tr("Starting the comparison, once for all visitors")
    if state.num_done >= state.num_films:
        return tr("Comparing the classes")
    left = state.seconds / max(1, state.num_done) * (state.num_films - state.num_done)
    return tr(
        "Reading X-rays, once for all visitors: {num_done:,} of {x_rays} · {about_seconds} left",
        num_done=state.num_done,
        x_rays=pluralize(state.num_films, "X-ray"),
        about_seconds=about_seconds(left),
    )
