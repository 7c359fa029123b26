"""Which model, and which X-ray of the set."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.patients import PATIENTS_NOT_KNOWN, are_patients_known
from covidlab.errors import DataError, TemporaryError
from covidlab.imaging.decode import read_bytes
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.active_model import model_in_use, runs_with_model
from covidlab.runs.exposure import NEW, PATIENT_TRAINED, PATIENT_UNKNOWN, TRAINED, UNKNOWN, exposure
from covidlab.runs.store import Run
from covidlab.runs.training_data import describe_training_data
from covidlab.text import class_name, markdown_escaped, metric_text, pluralize
from covidlab.ui.predict.uploads import keep_film, take_film, visitor_films
from covidlab.ui.shared.active_model import MODEL_KEY, model_name, name_in_address, use_model, visitors_model
from covidlab.ui.shared.bound import draw_bound, set_bound
from covidlab.ui.shared.navigation import page_link

# In a longer list nobody finds a film, and the page would wait for it at every click.
MOST_SAMPLES = 300

_SHOWN = "predict_sample_shown"
# What the model has not trained on first.
_ORDER = (NEW, PATIENT_UNKNOWN, UNKNOWN, PATIENT_TRAINED, TRAINED)
_SEEN = {
    TRAINED: tr_lazy("trained on"),
    PATIENT_TRAINED: tr_lazy("same patient trained on"),
    NEW: tr_lazy("new to this model"),
    PATIENT_UNKNOWN: tr_lazy("not trained on, patient not known"),
    UNKNOWN: tr_lazy("not known if trained on"),
}


def choose_model() -> Run | None:
    """Draw the choice of the model, kept in the address, and return its run; None where there is no model."""
    runs = {run.id: run for run in runs_with_model()}
    if not runs:
        return None
    for_all, own = model_in_use(), visitors_model()
    if MODEL_KEY not in st.query_params:
        set_bound(MODEL_KEY, None if own.id == for_all.id else name_in_address(own))
    chosen = draw_bound(
        st.selectbox,
        tr("Model"),
        list(runs),
        # That of all visitors, so that a choice of one's own stands in the address and outlives a reload.
        default=for_all.id,
        format_func=lambda run_id: model_name(runs[run_id]),
        key=MODEL_KEY,
        on_change=lambda: use_model(runs[st.session_state[MODEL_KEY]]),
        help=tr("This choice applies only to you, on every page. It is part of the address of this page."),
    )
    run = runs[chosen]
    if run.id != own.id:
        # The model in the address is gone, and Streamlit has taken the default.
        use_model(run)
    if run.path == DEFAULT_MODEL:
        st.caption(
            tr("It ships with covidlab and was trained on all fifty X-rays. Its model card is on the page About.")
        )
        return run
    page_link(
        "pages/3_Runs.py",
        label=tr("How run {number} was trained", number=run.number),
        icon=":material/stacked_line_chart:",
        named={"run": run.id},
    )
    return run


def model_facts(run: Run) -> str:
    """Return what the model learned from and how well it did, in Markdown."""
    data, report = run.load_facts().get("data", {}), run.report() or {}
    crossed = report.get("cross_validation") or {}
    text = tr(
        "Learned from {describe_training_data}. ",
        describe_training_data=markdown_escaped(describe_training_data(data), max_length=120),
    )
    if "auc" in crossed:
        text += tr("Cross-validated AUC {metric_text}.", metric_text=metric_text(crossed["auc"]))
    else:
        text += tr(
            "Not cross-validated; AUC on its validation X-rays {metric_text}.",
            metric_text=metric_text(report.get("auc")),
        )
    return text if are_patients_known(data) else f"{text} {PATIENTS_NOT_KNOWN}"


def choose_sample(run: Run, catalog: Catalog) -> TemporaryError | None:
    """Draw the choice of a film of the set, those the model has not trained on first; the film stands in the address.

    Returns why the film could not be decoded now, None where it could.
    """
    seen, asked = exposure(run, catalog), st.query_params.get("film")
    offered = _offered(seen, asked)
    classes = {file: catalog.value(file, "class") for file in offered}
    # The names in the list say what this model has seen, so each model has a list of its own; the address is what they share.
    key = f"predict_sample_{run.id}"
    st.session_state[key] = asked if asked in seen else None
    st.selectbox(
        tr("Or an X-ray of the set"),
        offered,
        index=None,
        format_func=lambda file: sample_name(file, classes[file], seen[file]),
        placeholder=tr("Choose an X-ray"),
        key=key,
        on_change=lambda: choose_film(st.session_state[key]),
        help=tr(
            "The X-rays that this model has not trained on come first. A result on an X-ray from its "
            "training proves nothing."
        ),
    )
    if len(offered) < len(seen):
        st.caption(
            tr(
                "{num_offered:,} of {x_rays} are listed. Any other can be opened on Browse and read.",
                num_offered=len(offered),
                x_rays=pluralize(len(seen), "X-ray"),
            )
        )
    if asked != st.session_state.get(_SHOWN) and asked in seen:
        try:
            keep_film(_sample_film(catalog, asked))
        except TemporaryError as error:
            return error
    st.session_state[_SHOWN] = asked
    return None


def _offered(seen: Mapping[str, str], asked: str | None) -> list[str]:
    """The X-rays of the list in their order; the one that is asked for is always among them."""
    # As they come, which is by name: of 100,000 no more than the first few are looked at.
    in_order = (file for kind in _ORDER for file, state in seen.items() if state == kind)
    offered = list(islice(in_order, MOST_SAMPLES))
    if asked in seen and asked not in offered:
        offered[-1] = asked
    return offered


def choose_film(file: str | None) -> None:
    """Put a film of the set into the address, from which it is read (to be called from a widget)."""
    if file is None:
        st.query_params.pop("film", None)
    else:
        st.query_params["film"] = file


def sample_name(file: str, folder: str, seen: str) -> str:
    """Return how a film of the set is called in the list, e.g. "COVID-19 · new to this model · 1-s2.0.jpg"."""
    return f"{class_name(folder)} · {_SEEN[seen]} · {Path(file).name}"


def draw_link_to_training() -> None:
    """Say that there is no model yet, and where one comes from."""
    st.info(
        tr("There is no model yet. Train one first: with the usual settings that takes seconds."),
        icon=":material/tune:",
    )
    page_link("pages/2_Train.py", label=tr("Train a model"), icon=":material/tune:")


def _sample_film(catalog: Catalog, file: str) -> VisitorFilm:
    known = next((film for film in visitor_films() if film.file == file), None)
    if known is not None:
        return known
    try:
        return take_film(read_bytes(catalog.film_path(file)), name=Path(file).name, file=file)
    except DataError as error:
        return VisitorFilm(name=Path(file).name, file=file, refusal=str(error))
