"""What a model says of the visitor's films: a card a film, the newest on top."""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from covidlab.config import PRESETS
from covidlab.data.catalog import Catalog
from covidlab.data.flags import is_synthetic
from covidlab.errors import CovidLabError
from covidlab.intake.upload import VisitorFilm
from covidlab.runs.exposure import NEW, PATIENT_TRAINED, PATIENT_UNKNOWN, TRAINED, UNKNOWN, exposure
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped, one_line, pluralize
from covidlab.ui.predict.choosing import choose_film, model_facts
from covidlab.ui.predict.reading import draw_failure, is_read, loading_failure, model_key, read_unread
from covidlab.ui.predict.uploads import forget_everything, visitor_films
from covidlab.ui.shared import charts
from covidlab.ui.shared.active_model import model_name
from covidlab.ui.shared.components.film_grid import film_grid
from covidlab.ui.shared.help import HELP

FILMS_A_PAGE = 6
FILMS_TO_START_WITH = 12
DEFAULT_OPACITY = 0.5

_SEEN_SENTENCES = {
    TRAINED: "The model has trained on this X-ray, so its result proves nothing.",
    PATIENT_TRAINED: "The model has trained on another X-ray of this patient, so its result proves little.",
    NEW: "The model has trained neither on this X-ray nor on another one of its patient.",
    PATIENT_UNKNOWN: "The model has not trained on this X-ray. Whether it has trained on another X-ray of its patient is not known.",
    UNKNOWN: "It is not known whether the model has trained on this X-ray: its run used other X-rays, did not record its "
    "validation X-rays, or started from an earlier model.",
}
_FROM_ELSEWHERE = (
    "No X-ray of the data set in use has exactly this content. X-rays of other hospitals and machines differ in more than disease, and the "
    "model may judge by those differences."
)
_PROBABILITY_HELP = (
    "What the model gives, between 0 and 1. It says how strongly the X-ray looks to this model like one side of the X-rays it "
    "learned from. It is not the probability of a disease: that depends on the patient, on how frequent the disease is, "
    "and on X-rays unlike these."
)


def draw_films(run: Run, catalog: Catalog | None, failure: CovidLabError | None = None) -> None:
    """Draw every film of this visit with its reading, the newest on top, in pages.

    ``failure`` is why not all films could be read; where there is none, those shown are read now.
    """
    films = visitor_films()
    if not films:
        if failure := failure or loading_failure(run):
            draw_failure(failure)
        _draw_invitation(run, catalog)
        return
    refused = sum(bool(film.refusal) for film in films)
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f"**{pluralize(len(films), 'X-ray')}**" + (f", {refused} refused" if refused else "")
        st.markdown(text, width="content")
        st.button("Clear", key="predict_clear", on_click=forget_everything, icon=":material/delete_sweep:")
    num_pages = -(-len(films) // FILMS_A_PAGE)
    if num_pages > 1:
        _draw_overview(films, run)
    cards = st.container()
    # A new film on top begins a new count of pages, so that it is seen.
    page = min(st.pagination(num_pages, key=f"predict_page_{films[0].id}"), num_pages) if num_pages > 1 else 1
    shown_films = films[(page - 1) * FILMS_A_PAGE : page * FILMS_A_PAGE]
    with cards:
        if failure := failure or read_unread(shown_films, run):
            draw_failure(failure)
        _draw_cards([film for film in shown_films if film.refusal or is_read(film, run)], run, catalog)


def _draw_cards(films: Sequence[VisitorFilm], run: Run, catalog: Catalog | None) -> None:
    seen = exposure(run, catalog) if catalog is not None else {}
    synthetic = set(catalog.films["file"][is_synthetic(catalog.films)]) if catalog is not None else set()
    contents = dict(zip(catalog.films["sha256"], catalog.films["file"], strict=True)) if catalog is not None else {}
    for film in films:
        file = film.file or contents.get(film.sha256, "")
        with st.container(border=True, key=f"predict_film_{film.id}"):
            if film.refusal:
                _draw_refusal(film)
            else:
                if file in synthetic:
                    st.caption(
                        ":material/science: This X-ray is synthetic: covidlab computed it, and it shows no patient."
                    )
                st.fragment(draw_film)(film, run, seen=seen.get(file, ""), same_as=file if not film.file else "")


def _draw_overview(films: Sequence[VisitorFilm], run: Run) -> None:
    readings = [film.readings.get(model_key(run)) for film in films]
    name = class_name(str(run.load_config().positive_class))
    table = pd.DataFrame(
        {
            "file": [one_line(film.name, max_length=60) for film in films],
            "resembles": [
                "refused" if film.refusal else class_name(reading.resembles) if reading else ""
                for film, reading in zip(films, readings, strict=True)
            ],
            f"probability of {name}": [reading.probability if reading else None for reading in readings],
        }
    )
    with st.expander("All X-rays as a table"):
        probability = st.column_config.ProgressColumn(min_value=0.0, max_value=1.0, format="%.3f")
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config={table.columns[-1]: probability},
            alt="All X-rays of this visit",
        )


def _draw_invitation(run: Run, catalog: Catalog | None) -> None:
    st.info(
        "Upload an X-ray, or choose one of the set. The result of the model appears here.",
        icon=":material/radiology:",
    )
    seen = exposure(run, catalog) if catalog is not None else {}
    if new := [file for file, state in seen.items() if state in (NEW, PATIENT_UNKNOWN)][:FILMS_TO_START_WITH]:
        st.markdown("**X-rays that this model has not trained on**")
        film_grid(catalog, catalog.films[catalog.films["file"].isin(new)], key="new", on_open=choose_film)


def draw_film(film: VisitorFilm, run: Run, *, seen: str, same_as: str) -> None:
    """Draw one film with its reading; the slider draws only this part anew and never runs the model."""
    reading = film.readings[model_key(run)]
    report = run.report() or {}
    name = class_name(str(report.get("positive_class") or run.load_config().positive_class))
    st.caption(markdown_escaped(film.name, max_length=60))
    st.subheader(resemblance(reading.resembles), anchor=False)
    picture, words = st.columns([2, 3], gap="medium")
    with picture:
        _draw_picture(film, run, reading, name)
    with words:
        threshold = float(report.get("threshold", 0.5))
        label = f"Likeness to the {name} X-rays"
        bar = charts.probability_bar(reading.probability, threshold=threshold, label=label)
        described = charts.describe_probability(reading.probability, threshold=threshold, label=label)
        st.plotly_chart(bar, key=f"bar_{film.id}", config={"displayModeBar": False}, alt=described)
        _draw_numbers(reading, run)
        if same_as:
            st.markdown(f"The same X-ray is in the data set in use: {markdown_escaped(same_as)}.")
        if seen in (TRAINED, PATIENT_TRAINED):
            st.warning(_SEEN_SENTENCES[seen], icon=":material/warning:")
        else:
            st.markdown(_SEEN_SENTENCES.get(seen, _FROM_ELSEWHERE))
        for note in film.notes:
            st.markdown(f":material/info: {markdown_escaped(note, max_length=200)}")


def resemblance(folder: str) -> str:
    """Return the reading as one sentence that never speaks like a medical device, in Markdown."""
    return f"To this model, this X-ray resembles the {markdown_escaped(class_name(folder))} X-rays it learned from"


def overlaid(picture: bytes, heatmap: np.ndarray, *, opacity: float) -> np.ndarray:
    """Return the picture of a film with the heat map laid over it, uint8 (height, width, 3)."""
    from covidlab.prediction.overlay import overlay

    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return overlay(pixels, heatmap, opacity=opacity) if opacity > 0 else pixels


def _draw_picture(film: VisitorFilm, run: Run, reading, name: str) -> None:
    place = st.container(key=f"predict_picture_{film.id}")
    has_heat = float(reading.heatmap.max()) > 0
    opacity = st.slider(
        "Opacity of the heat map",
        0.0,
        1.0,
        DEFAULT_OPACITY,
        0.05,
        key=f"opacity_{film.id}",
        disabled=not has_heat,
        help=f"{HELP['Grad-CAM']} The brightest colour marks the strongest place of this X-ray. 0 shows the X-ray alone.",
    )
    shows_heat = has_heat and opacity > 0
    what = "Chest X-ray" + (
        f", with colour on the places that raised the likeness to the {name} X-rays" if shows_heat else ""
    )
    place.image(
        overlaid(film.picture, reading.heatmap, opacity=opacity if has_heat else 0),
        width="stretch",
        output_format="JPEG",
        alt=what,
    )
    text = f"Illustrative only. Bright places raised the likeness to the {name} X-rays for this model."
    if not has_heat:
        text = f"No place raised the likeness to the {name} X-rays, so there is no heat map."
    elif PRESETS[run.load_config().preset].pooling == "upper_left":
        text += " The preset original uses only the upper left part of an X-ray."
    st.caption(markdown_escaped(text, max_length=300))


def _draw_numbers(reading, run: Run) -> None:
    if len(reading.probabilities) > 2:
        ordered = sorted(reading.probabilities.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{class_name(folder)} {value:.2f}" for folder, value in ordered)
        st.markdown(f"All classes: {markdown_escaped(shares, max_length=300)}.")
    st.markdown(
        "The number is about this model and these X-rays. It is not the probability of a disease.",
        help=_PROBABILITY_HELP,
    )
    st.markdown(f"{model_name(run)}: {model_facts(run)}", help=HELP["AUC"])


def _draw_refusal(film: VisitorFilm) -> None:
    st.caption(markdown_escaped(film.name, max_length=60))
    st.warning(markdown_escaped(film.refusal, max_length=400), icon=":material/block:")
