"""What a visitor brought: films in the visitor's own session, never on disk, never in a log, until Clear.

A file is decoded once and dropped from the server's memory; what stays is a picture to show, the two inputs a model may
want, and the readings. So neither another model nor the slider of the heat map needs the file again.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.sandbox import NUM_PROCESSES, shared_sandbox
from covidlab.intake.upload import VisitorFilm, visitor_film
from covidlab.language import tr

UPLOAD_KEY = "predict_upload"
FILE_TYPES = ("jpg", "jpeg", "png", "tif", "tiff", "bmp", "webp", "dcm", "dicom")
# Decoded while the model reads one before: two for each process of the sandbox.
AHEAD = 2 * NUM_PROCESSES

# What one visitor may hold in the server's memory: about 0.6 MB a film.
MAX_FILMS = 100

# The evidence that ``watch`` has computed from the films; it goes with them.
EVIDENCE_KEY = "predict_watch"
_FILMS, _TAKEN, _ROUND = "predict_films", "predict_taken", "predict_round"


def visitor_films() -> list[VisitorFilm]:
    """The films of this visit, the newest first."""
    return st.session_state.setdefault(_FILMS, [])


def has_uploads() -> bool:
    """Whether an X-ray of the visitor's own is among those of this visit."""
    return any(not film.file for film in visitor_films())


def keep_film(film: VisitorFilm) -> None:
    """Put a film on top; a film of the set that was there before only moves."""
    films = [other for other in visitor_films() if not film.file or other.file != film.file]
    st.session_state[_FILMS] = [film, *films][:MAX_FILMS]


def draw_uploader() -> list[UploadedFile]:
    """Draw the upload widget and return the files nobody has taken yet."""
    turn = st.session_state.setdefault(_ROUND, 0) % len(FILE_TYPES)
    files = st.file_uploader(
        tr("X-rays of your own"),
        # A widget of file type order is another widget: the only way to empty one whose key stays.
        type=[*FILE_TYPES[turn:], *FILE_TYPES[:turn]],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 2**20,
        key=UPLOAD_KEY,
        help=tr(
            "JPEG, PNG, TIFF, BMP, WebP or DICOM, up to {max_bytes} MB each. The page keeps the last {max_films}.",
            max_bytes=MAX_BYTES // 2**20,
            max_films=MAX_FILMS,
        ),
    )
    return [file for file in files if file.file_id not in _taken()]


def take_uploads(uploads: Sequence[UploadedFile]) -> Iterator[VisitorFilm]:
    """Yield the film of each uploaded file in order, decoded while the one before is used.

    Each file is dropped from the server's memory once it is decoded. Raises TemporaryError as the sandbox does; the file
    it is raised for, and those behind it, stay for another try.
    """
    with ThreadPoolExecutor(NUM_PROCESSES, thread_name_prefix="covidlab decode") as pool:
        waiting: deque[tuple[str, Future[VisitorFilm]]] = deque()
        coming = iter(uploads)
        try:
            while True:
                for upload in islice(coming, AHEAD - len(waiting)):
                    future = pool.submit(take_film, upload.getvalue(), name=upload.name)
                    waiting.append((upload.file_id, future))
                if not waiting:
                    return
                file_id, future = waiting.popleft()
                film = future.result()
                _taken().add(file_id)
                _drop([file_id])
                yield film
        finally:
            pool.shutdown(cancel_futures=True)


def take_film(data: bytes, *, name: str, file: str = "") -> VisitorFilm:
    """Return the film in the bytes of a file, decoded outside the server; raises TemporaryError as the sandbox does."""
    return visitor_film(data, name=name, file=file, prepare=shared_sandbox().prepare)


def empty_uploader() -> None:
    """Make the upload widget a new one, without the files that were taken; the page must be drawn anew."""
    st.session_state[_ROUND] += 1
    st.session_state[_TAKEN] = set()


def forget_everything() -> None:
    """Remove every film and file of this visit (to be called from a button)."""
    uploads: Sequence[UploadedFile] = st.session_state.get(UPLOAD_KEY) or []
    _drop([upload.file_id for upload in uploads])
    # In place: Streamlit keeps the state of before until the next run of the page.
    visitor_films().clear()
    st.session_state.pop(EVIDENCE_KEY, None)
    st.query_params.pop("film", None)
    empty_uploader()


def _taken() -> set[str]:
    return st.session_state.setdefault(_TAKEN, set())


def _drop(file_ids: Sequence[str]) -> None:
    # Streamlit keeps an uploaded file until the session ends, also where its widget is gone.
    context = get_script_run_ctx()
    remove = getattr(context.uploaded_file_mgr, "remove_file", None) if context else None
    if remove:
        for file_id in file_ids:
            remove(session_id=context.session_id, file_id=file_id)
