"""The lab of planted shortcuts on the page Audit: a lesson of five steps, the controls, and what the heads then do."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from covidlab.audit.planted_options import (
    AS_LEARNED,
    CONDITIONS,
    CONTRASTS,
    NUMBERS,
    SHORTCUTS,
    STRENGTHS,
    PlantedOptions,
)
from covidlab.audit.planted_text import (
    CITATION,
    STEPS,
    describe_accuracy,
    describe_maps,
    describe_settings,
    verdict,
)
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.prediction.answer import probability_text
from covidlab.runs.audit_making import audited_config
from covidlab.runs.exams import exam_line
from covidlab.runs.preparation import want_phantoms
from covidlab.text import markdown_escaped, plain_number
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.maps_charts import epochs_chart, planted_chart
from covidlab.ui.audit.phantom_pictures import HEIGHT, phantom_pane
from covidlab.ui.shared.components.xray_viewer import Viewer

Found = Mapping[str, Any]

PART = "planted"
EXPECTED_SECONDS = 20.0
_STEP = "audit_planted_step"
_KEYS = {name: f"audit_planted_{name}" for name in ("shortcut", "strength", "contrast", "num")}
_QUIET = {"displayModeBar": False}
_LONG = 600


def draw_planted(audited: Audited) -> None:
    """Draw the section."""
    # Where nothing can be written, the button says so.
    with suppress(CovidLabError):
        want_phantoms()
    st.subheader(tr("Plant a shortcut"), anchor=False)
    st.markdown(
        tr(
            "Phantoms are X-rays that covidlab draws. Here they get a mark that has nothing to do with their "
            "opacities. The heads learn from them, then read phantoms with the mark, the same ones without "
            "it, and with the mark on the other class."
        )
    )
    _draw_lesson(audited)
    options = _controls()
    ask_for(
        audited,
        [PART],
        tr("Train on these phantoms"),
        key="audit_planted_train",
        expected_seconds=EXPECTED_SECONDS,
        options={PART: options.to_dict()},
        primary=True,
        help=tr("The first time the phantoms are drawn and read, which takes longer; then it takes a few seconds."),
    )
    part = audited.part(PART, options=options.to_dict())
    if part is None:
        st.caption(tr("Nobody has trained with these settings yet."))
    elif part.error:
        st.warning(markdown_escaped(part.error, max_length=400))
    else:
        _draw_found(audited, part.found)


def _draw_lesson(audited: Audited) -> None:
    """The step the visitor is at; it is kept as long as the session."""
    place = _place()
    step = STEPS[place]
    is_done = audited.part(PART, options=step.options.to_dict()) is not None
    with st.container(border=True):
        st.progress(
            (place + is_done) / len(STEPS),
            text=tr("Lesson, step {place} of {num_steps}, done", place=place + 1, num_steps=len(STEPS))
            if is_done
            else tr("Lesson, step {place} of {num_steps}", place=place + 1, num_steps=len(STEPS)),
        )
        st.markdown(tr("**Do:** {what}", what=step.do))
        st.markdown(tr("**Look:** {what}", what=step.look))
        with st.container(horizontal=True):
            st.button(tr("Set the controls"), key="audit_planted_set", on_click=_set_controls, args=(step.options,))
            st.button(tr("Back"), key="audit_planted_back", disabled=place == 0, on_click=_go_to, args=(place - 1,))
            is_last = place + 1 == len(STEPS)
            st.button(tr("Next step"), key="audit_planted_next", disabled=is_last, on_click=_go_to, args=(place + 1,))


def _controls() -> PlantedOptions:
    # What a visitor set is forgotten with the tab; the step is not.
    for name, key in _KEYS.items():
        st.session_state.setdefault(key, getattr(STEPS[_place()].options, name))
    left, right = st.columns(2, gap="medium")
    with left:
        shortcut = st.selectbox(
            tr("The mark"), list(SHORTCUTS), format_func=lambda name: str(SHORTCUTS[name]), key=_KEYS["shortcut"]
        )
        num = st.select_slider(tr("Phantoms to learn from"), NUMBERS, key=_KEYS["num"])
    with right:
        strength = st.select_slider(
            tr("Strength of the mark"),
            STRENGTHS,
            format_func=plain_number,
            key=_KEYS["strength"],
            help=tr("0: the mark says nothing. 1: all phantoms with opacities have it, and no others."),
        )
        contrast = st.select_slider(
            tr("Opacities"),
            list(CONTRASTS),
            format_func=lambda contrast: str(CONTRASTS[contrast]),
            key=_KEYS["contrast"],
        )
    return PlantedOptions(shortcut=shortcut, strength=strength, contrast=contrast, num=num)


def _draw_found(audited: Audited, found: Found) -> None:
    st.markdown(f"**{markdown_escaped(verdict(found), max_length=_LONG)}**")
    left, right = st.columns(2, gap="medium")
    said = describe_accuracy(found)
    with left:
        st.markdown(tr("**Accuracy on held-out phantoms**"))
        st.plotly_chart(planted_chart(found), key="audit_planted_accuracy", config=_QUIET, alt=said)
    with right:
        st.markdown(tr("**The same after each epoch**"))
        st.plotly_chart(epochs_chart(found), key="audit_planted_epochs", config=_QUIET, alt=said)
    for sentence in (said, *describe_maps(found)):
        st.markdown(markdown_escaped(sentence, max_length=_LONG))
    st.fragment(_draw_examples)(found)
    line = exam_line(audited_config(audited.catalog, audited.run_id), "grad-cam")
    st.caption(markdown_escaped(f"{describe_settings(found)} {line} {CITATION}", max_length=1000))


def _draw_examples(found: Found) -> None:
    options = PlantedOptions.from_dict(found["options"])
    condition = st.segmented_control(
        tr("Show the phantoms with the"),
        list(CONDITIONS),
        format_func=lambda name: str(CONDITIONS[name]),
        default=AS_LEARNED,
        required=True,
        key="audit_planted_condition",
    )
    panes = []
    for example in found["examples"]:
        reading = example["readings"][condition]
        panes.append(
            phantom_pane(
                shortcut=options.shortcut,
                contrast=options.contrast,
                number=example["number"],
                is_marked=reading["has_mark"],
                heat=reading["map"],
                title=tr("with opacities") if example["positive"] else tr("without opacities"),
                caption=tr(
                    "{value}, probability {probability_text}",
                    value=tr("marked") if reading["has_mark"] else tr("not marked"),
                    probability_text=probability_text(reading["probability"]),
                ),
            )
        )
    Viewer(key="audit_planted_viewer", height=HEIGHT).draw(panes)


def _set_controls(options: PlantedOptions) -> None:
    for name, key in _KEYS.items():
        st.session_state[key] = getattr(options, name)


def _go_to(place: int) -> None:
    st.session_state[_STEP] = place
    _set_controls(STEPS[place].options)


def _place() -> int:
    """The step the visitor is at."""
    return min(st.session_state.get(_STEP, 0), len(STEPS) - 1)
