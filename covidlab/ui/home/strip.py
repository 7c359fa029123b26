"""The X-rays of the set on Home: small pictures by class, below each what models that had not seen it say of it."""

from functools import lru_cache

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import is_curated_set
from covidlab.language import language, number_text, tr
from covidlab.runs.held_out import HeldOut, held_out_answers
from covidlab.runs.over_splits import describe_splits
from covidlab.runs.store import Run
from covidlab.services.learning import offer_set, xrays_of_set
from covidlab.text import class_name, markdown_escaped, pluralize
from covidlab.ui.shared.active_model import visitors_model
from covidlab.ui.shared.components import address
from covidlab.ui.shared.components.xray_strip import xray_strip
from covidlab.ui.shared.navigation import switch_page
from covidlab.ui.shared.verdict import draw_verdict_line
from covidlab.ui.shared.xray_groups import xray_groups

_BROWSE = "pages/1_Browse.py"
_OPEN = "home_open_xray"


def draw_strip(catalog: Catalog) -> None:
    """Draw small pictures of both classes, and what the model in use says of them."""
    if file := st.session_state.pop(_OPEN, None):
        switch_page(_BROWSE, {"film": file})
    run = visitors_model()
    answers = held_out_answers(run, catalog) if run else None
    place = address(f"/sets/{offer_set(catalog)}")
    xray_strip(
        _groups_in(language(), catalog, answers, place),
        sprite=f"{place}/sprite",
        num_in_sprite=xrays_of_set(catalog).num_in_sprite,
        key="home_strip",
        on_open=_ask_to_open,
    )
    st.caption(describe_answers(catalog, run, answers))
    if run is not None and answers is not None:
        draw_verdict_line(run, key="home_verdict")


def _ask_to_open(file: str) -> None:
    # A callback may not switch the page.
    st.session_state[_OPEN] = file


# Neither a catalog nor answers change.
@lru_cache(maxsize=8)
def _groups_in(code: str, catalog: Catalog, answers: HeldOut | None, place: str) -> list[dict]:
    """``xray_groups`` in the language ``code``, the one of now."""
    return xray_groups(catalog, answers, place=place)


def describe_answers(catalog: Catalog, run: Run | None, answers: HeldOut | None) -> str:
    """Return in Markdown what the bars are, how many X-rays are on the side of their class, and what that means."""
    if run is None or answers is None:
        return tr("No model has answered for these X-rays yet. Train one to see what it says of each.")
    positive = markdown_escaped(class_name(catalog.positive_class))
    who = (
        tr("models with the settings of {name} that had not seen the patients", name=run.name)
        if answers.is_crossed and catalog.patients_known
        else tr("models with the settings of {name} that had not seen the X-rays", name=run.name)
        if answers.is_crossed
        else tr("{name} on its validation X-rays", name=run.name)
    )
    num_right = int(answers.is_right(catalog).sum())
    sentences = [
        tr("Bar: the probability of {positive}, from {who}.", positive=positive, who=who),
        tr(
            "{num_right} of {x_rays} are on the side of their class; ✕ marks the others.",
            num_right=num_right,
            x_rays=pluralize(answers.num_known, "X-ray"),
        ),
    ]
    crossed = (run.report() or {}).get("cross_validation") or {}
    figure = crossed.get("accuracy") or {}
    if answers.is_crossed and figure.get("value") is not None and answers.num_known == catalog.num_films:
        sentences.append(
            tr(
                "Accuracy over {describe_splits}: {figure}.",
                describe_splits=describe_splits(crossed),
                figure=_figure(figure, catalog),
            )
        )
    if is_curated_set(catalog):
        sentences.append(
            tr(
                "**This does not show that COVID-19 can be seen:** in this set its X-rays with a stated age are "
                "of adults, the others of children."
            )
        )
    return " ".join(sentences)


def _figure(figure: dict, catalog: Catalog) -> str:
    patients = (
        tr(" of {patients}", patients=pluralize(catalog.num_patients, "patient")) if catalog.patients_known else ""
    )
    interval = tr("95 % interval {low:.2f} to {high:.2f}", low=figure["low"], high=figure["high"])
    return f"{number_text(figure['value'], '.2f')} ({interval}, n = {pluralize(figure['n'], 'X-ray')}{patients})"
