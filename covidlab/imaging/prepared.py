"""All that is kept of one file: decoded, measured and made small in one go, so that its pixels need not be kept."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np

from covidlab.errors import UnreadableImage
from covidlab.imaging.checks import check_image
from covidlab.imaging.decode import decode
from covidlab.imaging.encode import fit, jpeg, plain_png
from covidlab.imaging.likeness import likeness
from covidlab.imaging.prepare import model_input
from covidlab.imaging.readers.base import Tags
from covidlab.imaging.receipt import Check
from covidlab.language import tr_lazy


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is to be made of a file.

    picture_side, picture_quality: of the JPEG to show. resizes: the kinds of model inputs ("area", "linear").
    with_likeness: whether its perceptual hash is wanted. with_checks: whether what speaks against reading it is wanted.
    with_plain: whether a DICOM file is wanted as a picture without a header. patient_salt: a secret, where the patient of a
    DICOM file is wanted, hashed with it.
    """

    picture_side: int
    picture_quality: int
    resizes: tuple[str, ...] = ()
    with_likeness: bool = False
    with_checks: bool = False
    with_plain: bool = False
    patient_salt: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedImage:
    """What a recipe made of a file.

    sha256: of the file. format, mode, notes, tags: as ``DecodedImage`` says. width, height: upright. picture: JPEG.
    inputs: kind of resizing -> (224, 224, 3) uint8. likeness: (32,) uint8, None where it was not wanted.
    checks: what the pixels and tags show, empty where it was not wanted. plain: a DICOM file as PNG, patient: who it is of,
    hashed; both empty for other files and where they were not wanted.
    """

    sha256: str
    format: str
    mode: str
    width: int
    height: int
    picture: bytes
    notes: tuple[str, ...] = ()
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    likeness: np.ndarray | None = None
    tags: Tags | None = None
    checks: tuple[Check, ...] = ()
    plain: bytes = b""
    patient: str = ""


class Prepare(Protocol):
    """How a file is prepared: in this process (``prepare_image``), or in one with limits (``Sandbox.prepare``)."""

    def __call__(self, data: bytes, *, recipe: Recipe, name: str = "the file") -> PreparedImage: ...


def prepare_image(data: bytes, *, recipe: Recipe, name: str = "the file") -> PreparedImage:
    """Return what ``recipe`` makes of the bytes of a file.

    Raises UnreadableImage as ``decode`` does, and for a file of one colour, all black or all white.
    """
    image = decode(data, name=name)
    height, width = image.pixels.shape[:2]
    if image.pixels.min() == image.pixels.max():
        raise UnreadableImage(
            tr_lazy("{name} cannot be read: it has one colour only, so there is no picture in it.", name=name)
        )
    try:
        return PreparedImage(
            sha256=hashlib.sha256(data).hexdigest(),
            format=image.format,
            mode=image.mode,
            width=width,
            height=height,
            picture=jpeg(fit(image.pixels, recipe.picture_side), quality=recipe.picture_quality),
            notes=image.notes,
            inputs={kind: model_input(image.pixels, resize=kind) for kind in recipe.resizes},
            likeness=likeness(image.pixels) if recipe.with_likeness else None,
            tags=image.tags,
            checks=check_image(image) if recipe.with_checks else (),
            plain=plain_png(image.pixels) if recipe.with_plain and image.format == "DICOM" else b"",
            patient=_patient(data, recipe.patient_salt) if image.format == "DICOM" else "",
        )
    except (MemoryError, cv2.error) as error:
        raise UnreadableImage(tr_lazy("{name} cannot be read: it takes too much memory.", name=name)) from error


def _patient(data: bytes, salt: str) -> str:
    """Patient of a DICOM file, hashed with a secret; "" where none is stated or wanted."""
    if not salt:
        return ""
    from covidlab.imaging.readers.dicom import patient_id

    stated = patient_id(data)
    return f"p-{hmac.new(salt.encode(), stated.encode(), 'sha256').hexdigest()[:16]}" if stated else ""
