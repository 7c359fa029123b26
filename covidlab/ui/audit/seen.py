"""The first screen of the page Audit: one X-ray as four models see it, and one bit of its file, while the models learn."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from covidlab.audit.ladder_text import TYPICAL, first_sentence, lungs_sentences, rung_title, typical_xray
from covidlab.audit.verdict import rung_of
from covidlab.audit.words import people
from covidlab.errors import CovidLabError
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, markdown_escaped, one_line, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.inputs import colour_or_grey, input_picture
from covidlab.ui.audit.xrays import chosen_xray, draw_xrays
from covidlab.ui.shared.components.seen import SeenTile, seen
from covidlab.ui.shared.films import film_name

Found = Mapping[str, Any]

EXPECTED_SECONDS = 45.0
_KEY = "audit_seen"
_NO_LUNGS = tr_lazy("No lungs were found in this X-ray.")
_LONG = 800


def draw_seen(audited: Audited) -> None:
    """Draw the section; before the ladder is there, what it will show and the button that asks for it."""
    name = markdown_escaped(class_name(audited.catalog.positive_class))
    st.subheader(tr("Does it see {name}?", name=name), anchor=False)
    part = audited.part("ladder")
    if part is None:
        st.markdown(
            tr(
                "One X-ray as four models see it: whole, with the lungs black, the lungs only, the margins only. "
                "Below each its probability while the model learns, and beside them what one bit of the file "
                "says."
            )
        )
        ask_for(
            audited,
            ("ladder",),
            tr("Show it"),
            key="audit_seen_ask",
            expected_seconds=EXPECTED_SECONDS,
            help=tr(
                "For fifty X-rays about {expected_seconds:.0f} seconds the first time, and some ten afterwards.",
                expected_seconds=EXPECTED_SECONDS,
            ),
        )
    elif part.error:
        st.warning(sentence_escaped(part.error))
    else:
        st.fragment(_draw)(audited, part.found, part.run.id)


def _draw(audited: Audited, found: Found, run_id: str) -> None:
    default = typical_xray(found)
    place = chosen_xray(found, key=_KEY, default=found["epochs"]["xrays"][0] if default is None else default)
    if place not in found["epochs"]["xrays"]:
        # Of a large set only some X-rays were followed while the models learned; the end is known of all.
        st.caption(tr("While the models learned, this X-ray was not followed; the bars show the end."))
    try:
        tiles = seen_tiles(audited, found, place)
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
        return
    seen(
        tiles,
        side=side_name(found, place),
        epochs=max(len(each["accuracy"]) for each in found["epochs"]["models"].values()) - 1,
        key=_KEY,
        subject=f"{run_id}/{audited.catalog.fingerprint}/{place}",
    )
    st.markdown(markdown_escaped(first_sentence(found), max_length=_LONG))
    st.caption(markdown_escaped(_caption(found, place), max_length=_LONG * 2))
    shown = rung_of(found, "lungs-black") or rung_of(found, "whole")
    draw_xrays(audited.catalog, found, shown, key=_KEY, place=place)
    st.caption(
        tr(
            "Choose another X-ray. The bar below each is its probability with {input_name}; ✕: wrong class.",
            input_name=_input_name(shown),
        )
    )


def side_name(found: Found, place: int) -> str:
    """Return the name of the class of an X-ray, or of not being of the positive one where there are several others."""
    positive, own = found["positive_class"], found["classes"][found["labels"][place]]
    if own == positive or len(found["classes"]) == 2:
        return one_line(class_name(own), max_length=30)
    return one_line(tr("not {class_name}", class_name=class_name(positive)), max_length=30)


def seen_tiles(audited: Audited, found: Found, place: int) -> list[SeenTile]:
    """Return what each model sees of an X-ray and says of it; raises CovidLabError where the X-ray cannot be read."""
    tiles = [_model_tile(audited, found, place, name) for name in found["epochs"]["models"]]
    return [*tiles, _bit_tile(audited, found, place)]


def _model_tile(audited: Audited, found: Found, place: int, name: str) -> SeenTile:
    rung, course, file = rung_of(found, name), found["epochs"]["models"][name], found["files"][place]
    followed, picture = found["epochs"]["xrays"], input_picture(audited, file, name)
    if picture is None or rung["probabilities"][place] is None:
        return SeenTile(title=rung_title(rung), picture=None, word=str(_NO_LUNGS), accuracy=course["accuracy"])
    ends = [rung["probabilities"][place]]
    shares = course["probabilities"][followed.index(place)] if place in followed else ends
    return SeenTile(
        title=rung_title(rung),
        picture=picture,
        alt=f"{film_name(audited.catalog.row(file).to_dict())}: {rung_title(rung)}",
        shares=[_of_own_class(found, place, share) for share in shares],
        accuracy=course["accuracy"],
    )


def _bit_tile(audited: Audited, found: Found, place: int) -> SeenTile:
    rung = rung_of(found, "one-bit")
    word, share, accuracy = (
        colour_or_grey(audited.catalog, found["files"][place]),
        rung["probabilities"][place],
        rung["accuracy"],
    )
    return SeenTile(
        title=rung_title(rung),
        picture=None,
        alt=word,
        word=word,
        shares=[] if share is None else [_of_own_class(found, place, share)],
        accuracy=[[accuracy["value"], accuracy["low"], accuracy["high"]]],
    )


def _of_own_class(found: Found, place: int, share: float) -> float:
    is_positive = found["classes"][found["labels"][place]] == found["positive_class"]
    return share if is_positive else 1 - share


def _input_name(rung: Mapping[str, Any]) -> str:
    return tr("the lungs black") if rung["name"] == "lungs-black" else tr("the whole X-ray")


def _caption(found: Found, place: int) -> str:
    """What the bars are."""
    whose = people(patients_known=found.get("num_patients"))
    return " ".join(
        [
            tr(
                "Wide bar: the probability of {side_name}, the class of this X-ray, by models that have not seen "
                "its patient; the line in its middle is 0.50. Thin bar: the share of all X-rays that the same "
                "models call right, with its 95 % interval over {whose}.",
                side_name=side_name(found, place),
                whose=whose,
            ),
            *lungs_sentences(found),
            str(TYPICAL),
        ]
    )
