"""How little is enough, on the page Audit: all rungs in one chart, and the input of each rung for each X-ray."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.ladder_text import INPUTS, how_measured, lungs_sentences, rung_title, typical_xray
from covidlab.audit.verdict import rung_of
from covidlab.errors import CovidLabError
from covidlab.evaluation.alterations import ALTERATIONS
from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.text import class_name, markdown_escaped, sentence_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.inputs import colour_or_grey, header_values, input_picture
from covidlab.ui.audit.ladder_chart import describe_ladder, ladder_chart
from covidlab.ui.audit.xrays import chosen_xray, draw_xrays
from covidlab.ui.shared.films import facts_html, film_name

Found = Mapping[str, Any]

_KEY = "audit_ladder"
_LONG = 800
_DEFAULT = "lungs-black"
_PAIRED = tr_lazy(
    "Two intervals side by side do not compare two inputs; the table has the paired difference to whole X-rays."
)


def draw_ladder(audited: Audited) -> None:
    """Draw the section; nothing before the ladder is there, since the first screen asks for it."""
    part = audited.part("ladder")
    if part is None or part.error:
        return
    st.subheader(tr("How little is enough?"), anchor=False)
    figure = ladder_chart(part.found)
    st.plotly_chart(figure, key="audit_ladder_chart", config={"displayModeBar": False}, alt=describe_ladder(part.found))
    measured = " ".join([how_measured(part.found), *lungs_sentences(part.found), str(_PAIRED)])
    st.caption(markdown_escaped(measured, max_length=_LONG))
    with st.expander(tr("The figures as a table")):
        st.dataframe(ladder_table(part.found), hide_index=True, alt=tr("The figures as a table"))
    st.fragment(_draw_inputs)(audited, part.found)


def ladder_table(found: Found) -> pd.DataFrame:
    """Return a row a rung: input, accuracy and AUC with intervals, the difference to whole X-rays, and n."""
    rows = []
    for rung in found["rungs"]:
        rows.append(
            {
                tr("Input"): rung_title(rung),
                tr("Accuracy"): _with_interval(rung["accuracy"]),
                "AUC": _with_interval(rung["auc"]),
                tr("Accuracy less that of whole X-rays"): _with_interval(rung.get("difference"), sign="+"),
                "n": rung["accuracy"]["n"],
            }
        )
    return pd.DataFrame(rows)


def _with_interval(figure: Mapping[str, Any] | None, *, sign: str = "") -> str:
    if not figure or figure["value"] is None:
        return "–"
    value, low, high = (number_text(figure[end], f"{sign}.2f") for end in ("value", "low", "high"))
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _draw_inputs(audited: Audited, found: Found) -> None:
    """What a rung is given of an X-ray, and what its models say of it."""
    titles = {rung["name"]: rung_title(rung) for rung in found["rungs"]}
    name = st.selectbox(
        tr("Look at an input"),
        list(titles),
        index=list(titles).index(_DEFAULT) if _DEFAULT in titles else 0,
        format_func=lambda rung: titles[rung],
        key="audit_ladder_rung",
    )
    rung, default = rung_of(found, name), typical_xray(found)
    place = chosen_xray(found, key=_KEY, default=0 if default is None else default)
    picture, words = st.columns([2, 3], gap="medium")
    try:
        with picture:
            _draw_input(audited, found["files"][place], name)
        with words:
            _draw_answer(audited, found, rung, place)
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
    draw_xrays(audited.catalog, found, rung, key=_KEY, place=place)
    positive = markdown_escaped(class_name(found["positive_class"]))
    st.caption(
        tr("Choose an X-ray. Bar: its probability of {positive} with this input; ✕: wrong class.", positive=positive)
    )


def _draw_input(audited: Audited, file: str, name: str) -> None:
    if name == "one-bit":
        st.markdown(tr("Stored in: **{colour_or_grey}**", colour_or_grey=colour_or_grey(audited.catalog, file)))
    elif name == "header":
        st.html(facts_html(header_values(audited.catalog, file)))
    elif picture := input_picture(audited, file, name):
        st.image(
            picture,
            width=320,
            alt=tr(
                "{file} with this input: {name}",
                file=file,
                name=tr(ALTERATIONS[name].title) if name in ALTERATIONS else name,
            ),
        )
    else:
        st.markdown(tr("No lungs were found in this X-ray, so this input cannot be made of it."))


def _draw_answer(audited: Audited, found: Found, rung: Mapping[str, Any], place: int) -> None:
    film, share = audited.catalog.row(found["files"][place]).to_dict(), rung["probabilities"][place]
    st.markdown(f"**{markdown_escaped(film_name(film), max_length=160)}**")
    st.markdown(str(INPUTS[rung["name"]]))
    if share is None:
        return
    positive = markdown_escaped(class_name(found["positive_class"]))
    is_right = (share >= 0.5) == (found["classes"][found["labels"][place]] == found["positive_class"])
    side = tr("on the side of its class") if is_right else tr("on the side of the other class")
    st.markdown(
        tr(
            "Probability of {positive}: **{probability_text}**, {side}, from models that have not seen its "
            "patient (the mean over the repeats).",
            positive=positive,
            probability_text=probability_text(share),
            side=side,
        )
    )
