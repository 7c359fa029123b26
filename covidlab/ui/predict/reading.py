"""Asking the process that predicts: for uploads, for what a page shows, and again where it failed."""

import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress

import streamlit as st

from covidlab.errors import CovidLabError, ModelError, TemporaryError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.prediction import Prediction
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.access import Act, why_not
from covidlab.services.acts import note_act
from covidlab.services.reader import shared_reader
from covidlab.text import about_seconds, markdown_escaped, pluralize
from covidlab.ui.predict.uploads import draw_uploader, empty_uploader, keep_film, take_uploads
from covidlab.ui.shared.visitor import current_visitor

# Well below the quarter of an hour after which the processes end themselves as idle.
_STAY_SECONDS = 300

# What the last reading of this visit took; from it other parts of the page estimate what they will take.
READING_SECONDS = "predict_reading_seconds"


def keep_warm(run: Run) -> None:
    """Load the model while the person looks for an X-ray, and keep it as long as the page is open; does not wait."""
    st.fragment(_warm_up, run_every=_STAY_SECONDS)(run)


def read_uploads(run: Run) -> CovidLabError | None:
    """Draw the upload widget and read what was uploaded, one file after another; each file is dropped once it is decoded.

    Returns why not all could be read, None where all were. What was decoded is kept, so another try needs no file again.
    """
    if why := why_not(current_visitor(), Act.READ):
        st.info(why, icon=":material/lock:")
        return None
    uploads = draw_uploader()
    if not uploads:
        return None
    note_act(current_visitor(), Act.READ, run, num_xrays=len(uploads))
    # While it is there the upload widget is as much lower (style.css), so that the page below stays where it is.
    place, failure, started = st.empty(), None, time.monotonic()
    bar = place.container(key="predict_reading").progress(0.0, text=_first_text(run, len(uploads)))
    try:
        for number, film in enumerate(take_uploads(uploads), start=1):
            keep_film(film)
            failure = failure or read_unread([film], run, says_so=False)
            bar.progress(number / len(uploads), text=_progress_text(number, len(uploads), time.monotonic() - started))
    except TemporaryError as error:
        place.empty()
        return error
    empty_uploader()
    if failure is None:
        st.rerun()
    place.empty()
    return failure


def _first_text(run: Run, num_files: int) -> str:
    """What happens until the first X-ray is read."""
    with suppress(ModelError):
        if not shared_reader().is_warm(model_file(run)):
            return tr("Loading VGG16 takes some seconds")
    return tr("Reading {x_rays}", x_rays=pluralize(num_files, "X-ray"))


def _progress_text(number: int, num_files: int, seconds: float) -> str:
    """What is done, and how long the rest takes at this pace where that is worth saying."""
    text = tr("{number} of {x_rays} read", number=number, x_rays=pluralize(num_files, "X-ray"))
    remaining = seconds / number * (num_files - number)
    return (
        tr("{text}, {about_seconds} left", text=text, about_seconds=about_seconds(remaining)) if remaining > 1 else text
    )


def read_unread(films: Sequence[VisitorFilm], run: Run, *, says_so: bool = True) -> CovidLabError | None:
    """Let the model read those of the films it has not read yet; return why it could not, None where it could.

    ``says_so``: whether the page says meanwhile that it reads.
    """
    unread = [film for film in films if not film.refusal and not is_read(film, run)]
    if not unread:
        return None
    try:
        model = model_file(run)
        words = (
            tr("Reading") if shared_reader().is_warm(model) else tr("Loading VGG16. The first time takes some seconds.")
        )
        with st.spinner(words) if says_so else nullcontext():
            for film in unread:
                film.readings[model_key(run)] = _reading(film, model)
    except CovidLabError as error:
        return error
    return None


def _reading(film: VisitorFilm, model: ModelFile) -> Prediction:
    reader = shared_reader()
    is_warm, started = reader.is_warm(model), time.monotonic()
    reading = reader.predict(film.inputs, model, notes=film.notes, sha256=film.sha256)
    # Loading VGG16 would count as reading.
    if is_warm:
        st.session_state[READING_SECONDS] = time.monotonic() - started
    return reading


def is_read(film: VisitorFilm, run: Run) -> bool:
    """Whether the model of a run has read a film."""
    return model_key(run) in film.readings


def require_reading(film: VisitorFilm, run: Run) -> None:
    """Draw the whole page anew where the model of a run has not read a film: a part of the page outlives a training on."""
    if not is_read(film, run):
        st.rerun()


def model_key(run: Run) -> str:
    """Name under which the readings of a run's model are kept: a run that is trained on, or judged anew, gets another one."""
    facts = run.load_facts()
    return "/".join((run.id, facts.get("model_sha256", ""), facts.get("reference_sha256", "")))


def loading_failure(run: Run) -> CovidLabError | None:
    """Why the model of a run could not be loaded at the last try, None where it could or was not tried yet."""
    try:
        return shared_reader().failure(model_file(run))
    except ModelError as error:
        return error


def draw_failure(failure: CovidLabError) -> None:
    """Say why nothing can be read, with a button for another try where that may help."""
    st.error(markdown_escaped(failure, max_length=600))
    if isinstance(failure, TemporaryError):
        # Any click draws the page again, and what is unread is read then.
        st.button(tr("Try again"), key="predict_retry", icon=":material/refresh:")


def _warm_up(run: Run) -> None:
    shared_sandbox().warm_up()
    with suppress(ModelError):
        shared_reader().warm_up(model_file(run))
