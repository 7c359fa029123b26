"""The Predict page's parts: which model, which film, and what the one says of the other."""

import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from covidlab.config import PRESETS
from covidlab.data.catalog import Catalog
from covidlab.data.images import read_bytes
from covidlab.errors import CovidLabError, ModelError
from covidlab.runs.acquaintance import NEW, PATIENT_TRAINED, TRAINED, UNKNOWN, acquaintance
from covidlab.runs.reporting import figure_text
from covidlab.runs.selection import model_in_use, runs_with_model
from covidlab.runs.store import Run
from covidlab.ui import charts
from covidlab.ui.films import film_grid
from covidlab.ui.layout import page_query
from covidlab.ui.navigation import page_door
from covidlab.ui.uploads import (
    VisitorFilm,
    draw_uploader,
    empty_uploader,
    forget_everything,
    keep_film,
    take_upload,
    visitor_film,
    visitor_films,
)
from covidlab.ui.words import HELP, class_name, counted, markdown_escaped, shown

FILMS_A_PAGE = 6
FILMS_TO_START_WITH = 12
DEFAULT_OPACITY = 0.5

_SHOWN = "predict_sample_shown"
_SEEN = {
    TRAINED: "trained on",
    PATIENT_TRAINED: "same patient trained on",
    NEW: "new to this model",
    UNKNOWN: "not known whether trained on",
}
_SEEN_SENTENCES = {
    TRAINED: "The model has trained on this film, so its answer proves nothing.",
    PATIENT_TRAINED: "The model has not trained on this film, but on another film of the same patient, so its answer proves little.",
    NEW: "The model has not trained on this film or on another one of its patient.",
    UNKNOWN: "Whether the model has trained on this film is not known: its run used other films, did not write its validation "
    "films down, or began from an earlier model.",
}
_FROM_ELSEWHERE = (
    "It is not a film of the set. Films of other hospitals and machines differ in more than disease, and the model may judge "
    "by that."
)
_PROBABILITY_HELP = (
    "What the model gives, between 0 and 1. It says how strongly the film looks to this model like one side of the films it "
    "learned from. It is not the probability of a disease: that depends on the patient, on how frequent the disease is, "
    "and on films unlike these."
)


# --- which model


def choose_model() -> Run | None:
    """Draw the choice of the model, kept in the address, and return its run; None where there is no model."""
    runs = {run.id: run for run in runs_with_model()}
    if not runs:
        return None
    in_use = model_in_use()
    chosen = st.selectbox(
        "Model",
        list(runs),
        index=list(runs).index(in_use.id) if in_use and in_use.id in runs else 0,
        format_func=lambda run_id: model_name(runs[run_id]),
        key="predict_model",
        bind="query-params",
        help="The choice is yours alone: it stands in the address of this page and changes nothing for others.",
    )
    run = runs[chosen]
    page_door(
        "pages/3_Runs.py",
        label=f"How run {run.number} was trained",
        icon=":material/stacked_line_chart:",
        query_params={**page_query(), "run": run.id},
    )
    return run


def model_name(run: Run) -> str:
    """Return "Run 2 (original, head)"."""
    return f"Run {run.number} ({run.config.preset}, {run.config.fine_tune})"


def model_facts(run: Run) -> str:
    """Return what the model learned from and how well it did, in Markdown."""
    data, report = run.facts.get("data", {}), run.report() or {}
    crossed = report.get("cross_validation") or {}
    text = f"Learned from {counted(data.get('num_training', 0), 'film')}. "
    if "auc" in crossed:
        return f"{text}Cross-validated AUC {figure_text(crossed['auc'])}."
    return f"{text}Not cross-validated; AUC on its validation films {figure_text(report.get('auc'))}."


def warm_up() -> None:
    """Begin to load TensorFlow while the person looks for a film; the page does not wait."""
    _importing()


# --- which film


def choose_sample(run: Run, catalog: Catalog) -> None:
    """Draw the choice of a film of the set, those the model has not trained on first; the film stands in the address."""
    seen = acquaintance(run, catalog)
    order = (NEW, UNKNOWN, PATIENT_TRAINED, TRAINED)
    films = catalog.films.set_index("file").to_dict("index")
    asked = st.query_params.get("film")
    # The names in the list say what this model has seen, so each model has a list of its own; the address is what they share.
    key = f"predict_sample_{run.id}"
    st.session_state[key] = asked if asked in seen else None
    st.selectbox(
        "Or a film of the set",
        sorted(seen, key=lambda file: (order.index(seen[file]), file)),
        index=None,
        format_func=lambda file: sample_name(file, films[file], seen[file]),
        placeholder="Choose a film",
        key=key,
        on_change=lambda: choose_film(st.session_state[key]),
        help="The films this model has not trained on come first. On a film it has trained on, its answer proves nothing.",
    )
    if asked != st.session_state.get(_SHOWN) and asked in seen:
        keep_film(_sample_film(catalog, asked))
    st.session_state[_SHOWN] = asked


def choose_film(file: str | None) -> None:
    """Put a film of the set into the address, from which it is read (to be called from a widget)."""
    if file is None:
        st.query_params.pop("film", None)
    else:
        st.query_params["film"] = file


def sample_name(file: str, film: dict, seen: str) -> str:
    """Return how a film of the set is called in the list, e.g. "COVID-19 · new to this model · 1-s2.0.jpg"."""
    return f"{class_name(film['class'])} · {_SEEN[seen]} · {Path(file).name}"


def read_uploads(run: Run) -> None:
    """Draw the upload widget and read what was uploaded, one file after another; each file is dropped once it is read."""
    uploads = draw_uploader()
    if not uploads:
        return
    bar = st.progress(0.0)
    for number, upload in enumerate(uploads):
        bar.progress(number / len(uploads), text=f"Reading file {number + 1} of {len(uploads)}")
        film = take_upload(upload)
        keep_film(film)
        if not _read([film], run):
            return
    empty_uploader()
    st.rerun()


def _read(films: Sequence[VisitorFilm], run: Run) -> bool:
    """Let the model read those of the films it has not read yet; say so and return False where it cannot be used."""
    unread = [film for film in films if not film.refusal and model_key(run) not in film.readings]
    if not unread:
        return True
    try:
        with st.spinner("Loading VGG16, some seconds the first time"):
            predictor = load_predictor(run)
    except CovidLabError as error:
        st.error(markdown_escaped(error, max_length=600))
        return False
    with st.spinner("Reading"):
        for film in unread:
            prepared = film.inputs[predictor.resize]
            film.readings[model_key(run)] = predictor.read_prepared(prepared, notes=film.notes)
    return True


def load_predictor(run: Run):
    """Return the warm model of a run; raises ModelError where its file is not the one the run saved or cannot be used."""
    sha256 = run.facts.get("model_sha256")
    if not sha256:
        raise ModelError(
            f"Run {run.number} does not say what its model file must contain, so it is not used. Train again."
        )
    try:
        facts = run.model_path.stat()
        return _predictor(str(run.model_path), sha256, facts.st_mtime_ns, facts.st_size)
    except FileNotFoundError as error:
        raise ModelError(f"The model of run {run.number} was deleted meanwhile. Choose another one.") from error
    except ImportError as error:
        raise ModelError(
            "TensorFlow cannot be loaded here, so no film can be read; browsing works. Install the requirements anew. "
            f"Received: {error}."
        ) from error


def model_key(run: Run) -> str:
    """Name under which the readings of a run's model are kept: a run that is trained on gets another one."""
    return f"{run.id}/{run.facts.get('model_sha256', '')}"


# --- what it says


def draw_films(run: Run, catalog: Catalog | None) -> None:
    """Draw every film of this visit with its reading, the newest on top, in pages."""
    films = visitor_films()
    if not films:
        _draw_invitation(run, catalog)
        return
    refused = sum(bool(film.refusal) for film in films)
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f"**{counted(len(films), 'film')}**" + (f", {refused} refused" if refused else "")
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
        if _read(shown_films, run):
            _draw_cards(shown_films, run, catalog)


def _draw_cards(films: Sequence[VisitorFilm], run: Run, catalog: Catalog | None) -> None:
    seen = acquaintance(run, catalog) if catalog is not None else {}
    contents = dict(zip(catalog.films["sha256"], catalog.films["file"], strict=True)) if catalog is not None else {}
    for film in films:
        file = film.file or contents.get(film.sha256, "")
        with st.container(border=True, key=f"predict_film_{film.id}"):
            if film.refusal:
                _draw_refusal(film)
            else:
                st.fragment(draw_film)(film, run, seen=seen.get(file, ""), same_as=file if not film.file else "")


def _draw_overview(films: Sequence[VisitorFilm], run: Run) -> None:
    readings = [film.readings.get(model_key(run)) for film in films]
    name = class_name(str(run.config.positive_class))
    table = pd.DataFrame(
        {
            "file": [shown(film.name, max_length=60) for film in films],
            "resembles": [
                "refused" if film.refusal else class_name(reading.resembles) if reading else ""
                for film, reading in zip(films, readings, strict=True)
            ],
            f"probability of {name}": [reading.probability if reading else None for reading in readings],
        }
    )
    with st.expander("All films as a table"):
        probability = st.column_config.ProgressColumn(min_value=0.0, max_value=1.0, format="%.3f")
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config={table.columns[-1]: probability},
            alt="All films of this visit",
        )


def _draw_invitation(run: Run, catalog: Catalog | None) -> None:
    st.info(
        "Upload a film, or choose one of the set: what the model makes of it appears here.", icon=":material/radiology:"
    )
    seen = acquaintance(run, catalog) if catalog is not None else {}
    if new := [file for file, state in seen.items() if state == NEW][:FILMS_TO_START_WITH]:
        st.markdown("**Films this model has not trained on**")
        film_grid(catalog, catalog.films[catalog.films["file"].isin(new)], key="new", on_open=choose_film)


def draw_film(film: VisitorFilm, run: Run, *, seen: str, same_as: str) -> None:
    """Draw one film with its reading; the slider draws only this part anew and never runs the model."""
    reading = film.readings[model_key(run)]
    report = run.report() or {}
    name = class_name(str(report.get("positive_class") or run.config.positive_class))
    st.caption(markdown_escaped(film.name, max_length=60))
    st.subheader(resemblance(reading.resembles), anchor=False)
    picture, words = st.columns([2, 3], gap="medium")
    with picture:
        _draw_picture(film, run, reading, name)
    with words:
        threshold = float(report.get("threshold", 0.5))
        label = f"Probability of {name}"
        bar = charts.probability_bar(reading.probability, threshold=threshold, label=label)
        described = charts.describe_probability(reading.probability, threshold=threshold, label=label)
        st.plotly_chart(bar, key=f"bar_{film.id}", config={"displayModeBar": False}, alt=described)
        _draw_numbers(reading, run)
        if same_as:
            st.markdown(f"The same film is in the set: {markdown_escaped(same_as)}.")
        if seen in (TRAINED, PATIENT_TRAINED):
            st.warning(_SEEN_SENTENCES[seen], icon=":material/warning:")
        else:
            st.markdown(_SEEN_SENTENCES.get(seen, _FROM_ELSEWHERE))
        for note in film.notes:
            st.markdown(f":material/info: {markdown_escaped(note, max_length=200)}")


def resemblance(folder: str) -> str:
    """Return the reading as one sentence that never speaks like a medical device, in Markdown."""
    return f"This film resembles the {markdown_escaped(class_name(folder))} films of the set"


def overlaid(picture: bytes, heatmap: np.ndarray, *, opacity: float) -> np.ndarray:
    """Return the picture of a film with the heat map laid over it, uint8 (height, width, 3)."""
    from covidlab.reading.explanation import overlay

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
        help=f"{HELP['Grad-CAM']} The brightest colour is this film's own strongest place. 0 shows the film alone.",
    )
    shows_heat = has_heat and opacity > 0
    what = "Chest film" + (f", places that raised the probability of {name} coloured" if shows_heat else "")
    place.image(
        overlaid(film.picture, reading.heatmap, opacity=opacity if has_heat else 0),
        width="stretch",
        output_format="JPEG",
        alt=what,
    )
    text = f"Illustrative only. Bright: what raised the probability of {name} for this model."
    if not has_heat:
        text = f"No place raised the probability of {name}, so there is no heat map."
    elif PRESETS[run.config.preset].pooling == "upper_left":
        text += " Preset original looks at the upper left part of a film only."
    st.caption(markdown_escaped(text, max_length=300))


def _draw_numbers(reading, run: Run) -> None:
    if len(reading.probabilities) > 2:
        ordered = sorted(reading.probabilities.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{class_name(folder)} {value:.2f}" for folder, value in ordered)
        st.markdown(f"All classes: {markdown_escaped(shares, max_length=300)}.")
    st.markdown(
        "The number is about this model and these films. It is not the probability of a disease.",
        help=_PROBABILITY_HELP,
    )
    st.markdown(f"Run {run.number}: {model_facts(run)}", help=HELP["AUC"])


def _draw_refusal(film: VisitorFilm) -> None:
    st.caption(markdown_escaped(film.name, max_length=60))
    st.warning(markdown_escaped(film.refusal, max_length=400), icon=":material/block:")


def draw_door_to_training() -> None:
    """Say that there is no model yet, and where one comes from."""
    st.info(
        "There is no model yet. Train one first: with the usual settings that takes seconds.", icon=":material/tune:"
    )
    page_door("pages/2_Train.py", label="Train a model", icon=":material/tune:", query_params=page_query())


def _sample_film(catalog: Catalog, file: str) -> VisitorFilm:
    known = next((film for film in visitor_films() if film.file == file), None)
    if known is not None:
        return known
    try:
        return visitor_film(read_bytes(catalog.film_path(file)), name=Path(file).name, file=file)
    except CovidLabError as error:
        return VisitorFilm(name=Path(file).name, file=file, refusal=str(error))


@st.cache_resource(max_entries=2, show_spinner=False)
def _predictor(path: str, sha256: str, mtime_ns: int, num_bytes: int):
    # Time and size are part of the key, so that a file changed since is looked at again.
    _importing().join()
    from covidlab.reading.predictor import Predictor

    return Predictor(Path(path), sha256=sha256)


# One thread a server: TensorFlow's modules import each other in circles, which two threads must not enter together.
@st.cache_resource(show_spinner=False)
def _importing() -> threading.Thread:
    thread = threading.Thread(target=_import_quietly, name="covidlab warm-up", daemon=True)
    thread.start()
    return thread


def _import_quietly() -> None:
    try:
        import covidlab.reading.predictor  # noqa: F401
    except ImportError:
        # Whoever asks for a prediction meets the error again, and is told.
        return
