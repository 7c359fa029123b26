"""What a visitor brought: films in the visitor's own session, never on disk, never in a log, until Clear.

A file is decoded once and dropped from the server's memory; what stays is a picture to show, the two inputs a model may
want, and the readings. So neither another model nor the slider of the heat map needs the file again.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from covidlab.config import PRESETS
from covidlab.errors import CovidLabError
from covidlab.imaging.decode import decode
from covidlab.imaging.encode import fit, jpeg
from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.prepare import model_input

UPLOAD_KEY = "predict_upload"
FILE_TYPES = ("jpg", "jpeg", "png", "tif", "tiff", "bmp")

# What one visitor may hold in the server's memory: about 0.6 MB a film.
MAX_FILMS = 100
PICTURE_SIDE = 768
PICTURE_QUALITY = 92

_FILMS, _TAKEN, _ROUND = "predict_films", "predict_taken", "predict_round"


@dataclass(eq=False, kw_only=True)
class VisitorFilm:
    """A film of this visit.

    name: as its file was called. file: its name in the data set, "" for an upload. sha256: of its content.
    picture: JPEG of at most 768 pixels a side. inputs: "area" and "linear" -> (224, 224, 3) uint8.
    refusal: why it is no film, "" where it is one. readings: model -> Reading.
    """

    name: str
    file: str = ""
    sha256: str = ""
    refusal: str = ""
    picture: bytes = b""
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readings: dict[str, object] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def visitor_film(data: bytes, *, name: str, file: str = "") -> VisitorFilm:
    """Return a film decoded from the bytes of its file, or the refusal in plain words."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        # The file's own name stays out of the sentence: it is shown above it, escaped.
        film = decode(data, name="This file")
    except CovidLabError as error:
        return VisitorFilm(name=name, file=file, sha256=sha256, refusal=str(error))
    kinds = {preset.resize for preset in PRESETS.values()}
    inputs = {kind: model_input(film.pixels, resize=kind) for kind in kinds}
    picture = jpeg(fit(film.pixels, PICTURE_SIDE), quality=PICTURE_QUALITY)
    return VisitorFilm(name=name, file=file, sha256=sha256, picture=picture, inputs=inputs, notes=film.notes)


def visitor_films() -> list[VisitorFilm]:
    """The films of this visit, the newest first."""
    return st.session_state.setdefault(_FILMS, [])


def keep_film(film: VisitorFilm) -> None:
    """Put a film on top; a film of the set that was there before only moves."""
    films = [other for other in visitor_films() if not film.file or other.file != film.file]
    st.session_state[_FILMS] = [film, *films][:MAX_FILMS]


def draw_uploader() -> list[UploadedFile]:
    """Draw the upload widget and return the files nobody has taken yet."""
    turn = st.session_state.setdefault(_ROUND, 0) % len(FILE_TYPES)
    files = st.file_uploader(
        "X-rays of your own",
        # A widget of file type order is another widget: the only way to empty one whose key stays.
        type=[*FILE_TYPES[turn:], *FILE_TYPES[:turn]],
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES // 2**20,
        key=UPLOAD_KEY,
        help="JPEG, PNG, TIFF or BMP, up to 32 MB each, up to fifty at once.",
    )
    return [file for file in files if file.file_id not in _taken()]


def take_upload(upload: UploadedFile) -> VisitorFilm:
    """Return the film of one uploaded file and drop the file from the server's memory."""
    film = visitor_film(upload.getvalue(), name=upload.name)
    _taken().add(upload.file_id)
    _drop([upload.file_id])
    return film


def empty_uploader() -> None:
    """Make the upload widget a new one, without the files that were taken; the page must be drawn anew."""
    st.session_state[_ROUND] += 1
    st.session_state[_TAKEN] = set()


def forget_everything() -> None:
    """Remove every film and file of this visit (to be called from a button)."""
    uploads: Sequence[UploadedFile] = st.session_state.get(UPLOAD_KEY) or []
    _drop([upload.file_id for upload in uploads])
    st.session_state[_FILMS] = []
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
