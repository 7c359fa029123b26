"""The first two steps of a lesson: the X-rays, and a bet of the room on what can be learned from them."""

import math
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from covidlab.config import VALIDATION_SHARE
from covidlab.data.catalog import Catalog
from covidlab.data.flags import is_curated_set
from covidlab.language import tr, tr_lazy
from covidlab.services.learning import offer_set, xrays_of_set
from covidlab.text import class_name, pluralize
from covidlab.ui.present.lesson import Lesson
from covidlab.ui.present.state import BET
from covidlab.ui.shared.components import address
from covidlab.ui.shared.films import film_name

# Five rows of five: each X-ray is as large as half of a projector's picture allows.
MOST_SHOWN = 25

BETS = {
    "half": tr_lazy("About half: nothing is learned"),
    "three_quarters": tr_lazy("About three quarters"),
    "nine_tenths": tr_lazy("About nine of ten"),
    "all": tr_lazy("All of them"),
}
_BET_KEY = "present_bet"


def draw_xrays(lesson: Lesson) -> None:
    """Draw the X-rays of the set, the positive class first, and who they are of."""
    catalog = lesson.catalog
    place = address(f"/sets/{offer_set(catalog)}")
    places = {file: number for number, file in enumerate(xrays_of_set(catalog).files)}
    names = sorted(catalog.classes, key=lambda name: name != catalog.positive_class)
    sections = "".join(_section(catalog, name, place, places) for name in names)
    st.html(f'<div class="present-xrays">{sections}</div>')


def _section(catalog: Catalog, name: str, place: str, places: dict[str, int]) -> str:
    films = catalog.films[catalog.films["class"] == name]
    known = films[films["file"].isin(places)]
    shown = known.iloc[np.unique(np.linspace(0, len(known) - 1, min(MOST_SHOWN, len(known))).astype(int))]
    pictures = "".join(
        f'<img src="{place}/xrays/{places[film["file"]]}" alt="{escape(film_name(film), quote=True)}">'
        for film in shown.to_dict("records")
    )
    about = f"{describe_class(catalog, films)}{(tr(', {num_shown} shown', num_shown=len(shown)) if len(shown) < len(films) else '')}"
    heading = f"<h2>{escape(class_name(name))}</h2><p>{escape(about)}</p>"
    columns = math.ceil(math.sqrt(len(shown)))
    return f'<section style="--columns: {columns}">{heading}<div>{pictures}</div></section>'


def describe_class(catalog: Catalog, films: pd.DataFrame) -> str:
    """Return how many X-rays of how many patients a class has, and in the curated set what its X-rays show."""
    patients = (
        tr(" of {patients}", patients=pluralize(films["patient_id"].nunique(), "patient"))
        if catalog.patients_known
        else ""
    )
    about = f"{pluralize(len(films), 'X-ray')}{patients}"
    if is_curated_set(catalog) and films["class"].iloc[0] != catalog.positive_class:
        num_ill = int(films["finding"].str.contains("pneumonia").sum())
        about += tr(", {num_ill} with another pneumonia", num_ill=num_ill)
    return about


def draw_bet(lesson: Lesson) -> None:
    """Draw the question to the room, and keep its answer in the address."""
    catalog = lesson.catalog
    num_kept = round(VALIDATION_SHARE * catalog.num_films)
    with st.container(key="present_question"):
        st.markdown(
            tr(
                "The network learns from four fifths of the {x_rays}. It has never seen the other {num_kept}. "
                "**How many of these will it call right?**",
                x_rays=pluralize(catalog.num_films, "X-ray"),
                num_kept=num_kept,
            )
        )
    asked = st.query_params.get(BET)
    st.session_state[_BET_KEY] = asked if asked in BETS else None
    st.pills(
        tr("The bet of the room"),
        list(BETS),
        format_func=lambda bet: tr(BETS[bet]),
        key=_BET_KEY,
        on_change=_keep_bet,
        width="stretch",
    )
    if asked in BETS:
        st.markdown(tr("The room says: **{bets}**. Step 5 comes back to it.", bets=tr(BETS[asked])))


def bet_of_the_room() -> str:
    """Return the answer of the room in words, "" where nobody has answered."""
    return str(BETS.get(st.query_params.get(BET, ""), ""))


def _keep_bet() -> None:
    if chosen := st.session_state[_BET_KEY]:
        st.query_params[BET] = chosen
    else:
        st.query_params.pop(BET, None)
