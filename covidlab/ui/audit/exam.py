"""The examination of maps on the page Audit: which methods point at a tag when, and only when, the model uses it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from covidlab.audit.exam_text import HOW_KNOWN, RULE, describe_near, level_sentences, method_warning
from covidlab.language import tr
from covidlab.prediction.explanation import METHOD_NAMES, Method
from covidlab.runs.audit_making import audited_config
from covidlab.runs.exams import OTHER_SETTINGS, PART, KnownExam, known_exam
from covidlab.text import markdown_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.maps_charts import describe_levels, exam_chart, levels_chart
from covidlab.ui.audit.phantom_pictures import HEIGHT, phantom_pane
from covidlab.ui.shared.components.xray_viewer import Viewer

Found = Mapping[str, Any]

EXPECTED_SECONDS = 120.0
_QUIET = {"displayModeBar": False}
_LONG = 600


def draw_exam(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("The examination of maps"), anchor=False)
    st.markdown(
        tr(
            "Models learn from phantoms, some of which have a planted tag: a letter in the corner. A map "
            "that can be trusted points at the tag when the model uses it, and only then."
        )
    )
    exam = known_exam(audited_config(audited.catalog, audited.run_id))
    part = audited.part(PART)
    if part is not None and part.error:
        st.warning(markdown_escaped(part.error, max_length=400))
    if exam is not None:
        _draw_found(exam)
    if exam is None or not exam.has_same_settings:
        ask_for(
            audited,
            [PART],
            tr("Examine the maps with these settings"),
            key="audit_exam",
            expected_seconds=EXPECTED_SECONDS,
        )


def _draw_found(exam: KnownExam) -> None:
    found = exam.found
    chart, said = st.columns(2, gap="medium")
    with chart:
        st.markdown(tr("**How often the brightest cell lies on the tag**"))
        lines = [method_warning(found, method) for method in Method]
        st.plotly_chart(exam_chart(found), key="audit_exam_chart", config=_QUIET, alt=" ".join(lines))
    with said:
        for method in Method:
            _draw_verdict(found, method)
    st.caption(markdown_escaped(f"{RULE} {HOW_KNOWN} {_about(exam)}", max_length=1000))
    with st.expander(tr("By how many phantoms had the tag")):
        st.plotly_chart(levels_chart(found), key="audit_exam_levels", config=_QUIET, alt=describe_levels(found))
        for sentence in (describe_near(found), *level_sentences(found)):
            st.caption(markdown_escaped(sentence, max_length=_LONG))
    with st.expander(tr("Maps of some phantoms")):
        st.fragment(_draw_examples)(found)


def _draw_verdict(found: Found, method: Method) -> None:
    passed = found["methods"][str(method)]["passed"]
    icon = ":material/check_circle:" if passed else ":material/cancel:"
    st.markdown(f"{icon} {markdown_escaped(method_warning(found, method), max_length=_LONG)}")


def _about(exam: KnownExam) -> str:
    found = exam.found
    origin = tr("It came with covidlab.") if exam.is_shipped else tr("It was done here.")
    other = "" if exam.has_same_settings else f" {OTHER_SETTINGS}"
    return tr(
        "The dashed line is chance, one cell of 49. Each share: {num_heads} heads learned from "
        "{num_train} phantoms and read {num_held_out} others, all with the tag; occlusion of "
        "{num_occluded}. {origin}{other}",
        num_heads=found["num_heads"],
        num_train=found["num_train"],
        num_held_out=found["num_held_out"],
        num_occluded=found["num_occluded"],
        origin=origin,
        other=other,
    )


def _draw_examples(found: Found) -> None:
    examples = found["examples"]
    place = st.selectbox(
        tr("Phantom"),
        range(len(examples)),
        format_func=lambda place: _example_name(examples[place]),
        key="audit_exam_example",
    )
    example = examples[place]
    panes = [
        phantom_pane(
            shortcut="letter",
            contrast=found["contrast"],
            number=example["number"],
            is_marked=True,
            heat=heat,
            title=str(METHOD_NAMES[Method(name)]),
            caption=tr("points at the tag") if example["points"][name] else tr("does not point at the tag"),
        )
        for name, heat in example["maps"].items()
    ]
    Viewer(key="audit_exam_viewer", height=HEIGHT, subject=str(place)).draw(panes)
    st.caption(
        tr("With the tag the log odds of opacities are {change:.1f} higher than without it.", change=example["change"])
    )


def _example_name(example: Found) -> str:
    tag = tr("tag independent of the class") if isinstance(example["share"], str) else tr("tag on all of a class")
    return tr("Phantom {number}, {tag}", number=example["number"], tag=tag)
