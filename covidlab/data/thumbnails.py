"""Small pictures of films, kept on disk; one film large, and its lungs."""

import hashlib
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.data.index import MUST_BE_ADDED
from covidlab.errors import StorageError, UnreadableImage
from covidlab.files import replacing
from covidlab.imaging.decode import decode, decode_file, is_dicom, read_bytes
from covidlab.imaging.encode import fit, jpeg, png
from covidlab.imaging.readers.base import DecodedImage
from covidlab.language import tr
from covidlab.paths import home

THUMBNAIL_SIDE = 256
JPEG_QUALITY = 85

# Okabe and Ito's orange: told apart from every grey, also by the colour-blind.
_LUNG_OUTLINE = (230, 159, 0, 255)
_LUNG_TINT = (230, 159, 0, 38)


def thumbnail(catalog: Catalog, file: str, *, side: int = THUMBNAIL_SIDE) -> bytes:
    """Film as a small JPEG, its longer side at most ``side`` pixels, made once and kept in ``home()/thumbnails``.

    Raises DataError where the set has no such film and UnreadableImage where it cannot be read.
    """
    kept = kept_thumbnail(catalog, file, side=side)
    return kept or _make(decode_file(catalog.film_path(file), at_least=side), _path(catalog, file, side), side=side)


def thumbnail_of(path: Path, *, side: int = THUMBNAIL_SIDE) -> bytes:
    """The same small picture of the file of a film, where there is no catalog at hand; found by its content.

    Raises UnreadableImage where it cannot be read, and where it is DICOM, of which a set holds none.
    """
    data = read_bytes(path)
    kept_at = _place(hashlib.sha256(data).hexdigest(), side)
    if kept := _read_kept(kept_at):
        return kept
    if is_dicom(data):
        raise UnreadableImage(tr("{name} {must_be_added}", name=path.name, must_be_added=MUST_BE_ADDED))
    return _make(decode(data, name=path.name, at_least=side), kept_at, side=side)


def kept_thumbnail(catalog: Catalog, file: str, *, side: int = THUMBNAIL_SIDE) -> bytes | None:
    """The small picture that ``thumbnail`` made before, None where it must be made."""
    return _read_kept(_path(catalog, file, side))


def _make(image: DecodedImage, kept_at: Path, *, side: int) -> bytes:
    picture = jpeg(fit(image.pixels, side), quality=JPEG_QUALITY)
    # A full or read-only disk costs time at the next view, nothing else.
    with suppress(StorageError, OSError), replacing(kept_at, durable=False) as temporary:
        temporary.write_bytes(picture)
    return picture


def _read_kept(kept_at: Path) -> bytes | None:
    with suppress(OSError):
        picture = kept_at.read_bytes()
        # Not durable on purpose: after a power cut a file may be empty or cut off.
        return picture if picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9") else None
    return None


def large_film(catalog: Catalog, file: str, *, side: int = 1024) -> np.ndarray:
    """Film with its longer side at most ``side`` pixels, uint8 (height, width, 3), RGB.

    Raises DataError where the set has no such film and UnreadableImage where it cannot be read.
    """
    return fit(decode_file(catalog.film_path(file)).pixels, side)


def lungs_png(catalog: Catalog, file: str, size: tuple[int, int]) -> bytes | None:
    """Lungs of a film tinted and outlined on a clear ground, as PNG; None where they are not known.

    Raises UnreadableImage where the mask cannot be read.

    Parameters
    ----------
    size : width and height in pixels
    """
    path = catalog.mask_path(file)
    if path is None:
        return None
    mask = cv2.resize(decode_file(path).pixels[..., 0], size, interpolation=cv2.INTER_AREA)
    inside = (mask > 127).astype(np.uint8)
    overlay = np.zeros((*inside.shape, 4), np.uint8)
    overlay[inside > 0] = _LUNG_TINT
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return png(cv2.drawContours(overlay, outlines, -1, _LUNG_OUTLINE, thickness=max(1, max(size) // 400)))


def small_mask(catalog: Catalog, file: str, *, side: int) -> np.ndarray | None:
    """Return the lungs of a film, uint8 (height, width), white inside, at most ``side`` pixels a side.

    None where the set has none that can be read.
    """
    path = catalog.mask_path(file)
    if path is None:
        return None
    try:
        return fit(decode_file(path).pixels[..., 0], side)
    except UnreadableImage:
        return None


def _path(catalog: Catalog, file: str, side: int) -> Path:
    return _place(catalog.value(file, "sha256"), side)


def _place(sha256: str, side: int) -> Path:
    return home() / "thumbnails" / f"{sha256}-{side}.jpg"
