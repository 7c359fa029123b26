"""Heat against lungs on the page Audit: where the maps lie, and whether they depend on what was learned."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from covidlab.audit.attention_text import (
    CITATION,
    WHOSE_HEADS,
    describe_lungs,
    describe_phantoms,
    describe_randomisation,
    methods,
)
from covidlab.config import IMAGE_SIDE
from covidlab.data.thumbnails import large_film
from covidlab.errors import CovidLabError
from covidlab.imaging.encode import jpeg
from covidlab.language import tr
from covidlab.prediction.explanation import ILLUSTRATIVE, METHOD_NAMES, Method
from covidlab.prediction.overlay import overlay_png
from covidlab.runs.audit_making import audited_config
from covidlab.runs.exams import exam_line
from covidlab.text import class_name, markdown_escaped, one_line, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.maps_charts import lungs_chart, randomisation_chart
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer

Found = Mapping[str, Any]

PART = "attention"
EXPECTED_SECONDS, OCCLUSION_SECONDS = 20.0, 60.0
_QUIET = {"displayModeBar": False}
_LONG = 600
_SIDE = 500


def draw_attention(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Heat against lungs"), anchor=False)
    part = audited.part(PART)
    if part is None or part.error:
        st.markdown(
            tr(
                "This shows how much of each map lies inside the lungs, against chance, and whether the map "
                "depends on what was learned."
            )
        )
        if part is not None:
            st.warning(markdown_escaped(part.error, max_length=400))
        ask_for(audited, [PART], tr("Compute the maps"), key="audit_attention", expected_seconds=EXPECTED_SECONDS)
        return
    st.markdown(str(ILLUSTRATIVE))
    _draw_charts(part.found)
    _draw_exam(audited, part.found)
    _draw_examples(audited, part.found)
    _ask_for_occlusion(audited, part.found)
    st.caption(markdown_escaped(f"{WHOSE_HEADS} {_about(part.found)} {CITATION}", max_length=1000))


def _draw_charts(found: Found) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(tr("**Heat inside the lungs over chance**"))
        said = [describe_lungs(found, method) for method in methods(found)]
        st.plotly_chart(lungs_chart(found), key="audit_attention_lungs", config=_QUIET, alt=" ".join(said))
        _say(said)
    with right:
        st.markdown(tr("**Rank correlation of the maps with those of others**"))
        said = [describe_randomisation(found, method) for method in methods(found)]
        st.plotly_chart(randomisation_chart(found), key="audit_attention_random", config=_QUIET, alt=" ".join(said))
        _say(said)
    _say([describe_phantoms(found, method) for method in methods(found)])


def _draw_exam(audited: Audited, found: Found) -> None:
    config = audited_config(audited.catalog, audited.run_id)
    for method in methods(found):
        st.caption(markdown_escaped(exam_line(config, method), max_length=_LONG))


def _draw_examples(audited: Audited, found: Found) -> None:
    with st.expander(tr("Maps of some X-rays")):
        st.fragment(_draw_example)(audited, found["examples"])


def _draw_example(audited: Audited, examples: list[Found]) -> None:
    place = st.selectbox(
        tr("X-ray"),
        range(len(examples)),
        format_func=lambda place: one_line(examples[place]["file"]),
        key="audit_attention_example",
    )
    example = examples[place]
    try:
        picture = jpeg(large_film(audited.catalog, example["file"], side=_SIDE), quality=88)
    except CovidLabError as error:
        # It is gone or damaged since; the figures above hold.
        st.warning(sentence_escaped(error))
        return
    name = class_name(example["explained"])
    panes = [_pane(picture, Method(key), heat, example, name) for key, heat in example["maps"].items()]
    Viewer(key="audit_attention_viewer", height=320, subject=str(place)).draw(panes)


def _pane(picture: bytes, method: Method, heat: list, example: Found, name: str) -> Pane:
    heatmap, share = np.array(heat, np.float32), example["share"][str(method)]
    caption = (
        tr(
            "{value:.0f} % of the heat inside the lungs, {value_2:.0f} % by chance",
            value=100 * share,
            value_2=100 * example["chance"],
        )
        if share is not None
        else tr("nothing speaks for the class")
    )
    return Pane(
        picture,
        f"{METHOD_NAMES[method]}, {name}",
        caption=caption,
        overlay=overlay_png(heatmap, (IMAGE_SIDE, IMAGE_SIDE)) if heatmap.max() > 0 else None,
        overlay_title=tr("What spoke for {name}", name=name),
    )


def _ask_for_occlusion(audited: Audited, found: Found) -> None:
    if Method.OCCLUSION not in methods(found):
        ask_for(
            audited,
            [PART],
            tr("Add occlusion maps of a few X-rays"),
            key="audit_attention_occlusion",
            expected_seconds=OCCLUSION_SECONDS,
            options={PART: {"occlusion": True}},
            help=tr("Each map takes 49 passes through the network."),
        )


def _about(found: Found) -> str:
    estimated = (
        tr(" The lungs of {num_estimated} were estimated.", num_estimated=found["num_estimated"])
        if found["num_estimated"]
        else tr(" All have a mask of the lungs.")
    )
    missing = (
        tr(" {num_without_lungs} have no lungs that were found.", num_without_lungs=found["num_without_lungs"])
        if found["num_without_lungs"]
        else ""
    )
    return tr(
        "{num_films} X-rays.{estimated}{missing} Intervals resample patients.",
        num_films=found["num_films"],
        estimated=estimated,
        missing=missing,
    )


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        if sentence:
            st.markdown(markdown_escaped(sentence, max_length=_LONG))
