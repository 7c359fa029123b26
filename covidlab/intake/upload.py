"""An X-ray a visitor brings, decoded once: a picture to show, and the inputs that any model may want."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from covidlab.config import PRESETS
from covidlab.errors import UnreadableImage
from covidlab.imaging.encode import fit_jpeg
from covidlab.imaging.prepared import Prepare, Recipe, prepare_image
from covidlab.imaging.readers.base import Tags
from covidlab.imaging.receipt import Check
from covidlab.language import said_by, tr_lazy

PICTURE_SIDE = 768
THUMBNAIL_SIDE = 120
UPLOAD_RECIPE = Recipe(
    picture_side=PICTURE_SIDE,
    picture_quality=92,
    resizes=tuple(sorted({preset.resize for preset in PRESETS.values()})),
    with_checks=True,
)

_KINDS = {
    **dict.fromkeys((".jpg", ".jpeg"), "JPEG"),
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    ".png": "PNG",
    ".bmp": "BMP",
    ".webp": "WebP",
    **dict.fromkeys((".dcm", ".dicom"), "DICOM"),
}


@dataclass(eq=False, kw_only=True)
class VisitorFilm:
    """An X-ray of one visit.

    name: as its file was called. file: its name in the data set, "" for an upload. sha256: of its content, "" where it
    was refused. picture: JPEG of at most 768 pixels a side. inputs: "area" and "linear" -> (224, 224, 3) uint8.
    checks: what its header and pixels show. tags: of a DICOM file. refusal: why it cannot be read, "" where it can.
    readings: model -> Prediction. shows_anyway: whether the visitor asked for a number that is not shown plainly.
    explanations, votes, reports: maps, answers of all models and printed pages that were asked for, so that none is made twice.
    unfinished: maps that were begun and are not done.
    reference: what the visitor calls the X-ray in downloads.
    """

    name: str
    file: str = ""
    sha256: str = ""
    refusal: str = ""
    picture: bytes = b""
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    tags: Tags | None = None
    readings: dict[str, object] = field(default_factory=dict)
    shows_anyway: bool = False
    explanations: dict[tuple[str, ...], object] = field(default_factory=dict)
    unfinished: dict[tuple[str, ...], Any] = field(default_factory=dict)
    votes: dict[tuple[str, ...], object] = field(default_factory=dict)
    reports: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    reference: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @cached_property
    def thumbnail(self) -> bytes:
        """The picture at most 120 pixels a side, JPEG; made once, since every run of the page lists it."""
        return fit_jpeg(self.picture, side=THUMBNAIL_SIDE)


def visitor_film(data: bytes, *, name: str, file: str = "", prepare: Prepare = prepare_image) -> VisitorFilm:
    """Return the X-ray in the bytes of a file, or the refusal in plain words.

    ``prepare`` decodes it; a server gives that of a sandbox. Raises TemporaryError where that is too busy to try.
    """
    try:
        # The file's own name stays out of the sentence: it is shown above it, escaped.
        image = prepare(data, recipe=UPLOAD_RECIPE, name=tr_lazy("This file"))
    except UnreadableImage as error:
        return VisitorFilm(name=name, file=file, refusal=said_by(error))
    notes = (*image.notes, *_note_of_suffix(name, image.format))
    return VisitorFilm(
        name=name,
        file=file,
        sha256=image.sha256,
        picture=image.picture,
        inputs=image.inputs,
        notes=notes,
        checks=image.checks,
        tags=image.tags,
    )


def _note_of_suffix(name: str, kind: str) -> Iterator[str]:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _KINDS and _KINDS[suffix] != kind:
        yield tr_lazy(
            "The name of the file says {kinds}, its content is {kind}. It was read by its content.",
            kinds=_KINDS[suffix],
            kind=kind,
        )
