"""Small pictures of films, kept on disk, and one film large with its lungs marked."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.errors import StorageError
from covidlab.files import replacing
from covidlab.imaging.decode import decode_file
from covidlab.imaging.encode import fit, jpeg
from covidlab.paths import home

THUMBNAIL_SIDE = 256
JPEG_QUALITY = 85

# Okabe and Ito's orange: told apart from every grey, also by the colour-blind.
_LUNG_COLOUR = (230, 159, 0)
_LUNG_TINT = 0.15


def thumbnail(catalog: Catalog, file: str, *, side: int = THUMBNAIL_SIDE) -> bytes:
    """Film as a small JPEG, its longer side at most ``side`` pixels, made once and kept in ``home()/thumbnails``.

    Raises DataError where the set has no such film and UnreadableImage where it cannot be read.
    """
    kept = kept_thumbnail(catalog, file, side=side)
    if kept:
        return kept
    path = _path(catalog, file, side)
    small = fit(decode_file(catalog.film_path(file), at_least=side).pixels, side)
    picture = jpeg(small, quality=JPEG_QUALITY)
    # A full or read-only disk costs time at the next view, nothing else.
    with suppress(StorageError, OSError), replacing(path, durable=False) as temporary:
        temporary.write_bytes(picture)
    return picture


def kept_thumbnail(catalog: Catalog, file: str, *, side: int = THUMBNAIL_SIDE) -> bytes | None:
    """The small picture that ``thumbnail`` made before, None where it must be made."""
    with suppress(OSError):
        picture = _path(catalog, file, side).read_bytes()
        # Not durable on purpose: after a power cut a file may be empty or cut off.
        return picture if picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9") else None
    return None


def large_film(catalog: Catalog, file: str, *, with_mask: bool, side: int = 1024) -> np.ndarray:
    """Film with its longer side at most ``side`` pixels, its lungs tinted and outlined where asked for and known.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8, RGB

    Raises DataError where the set has no such film and UnreadableImage where it or its mask cannot be read.
    """
    film = fit(decode_file(catalog.film_path(file)).pixels, side)
    mask_path = catalog.mask_path(file) if with_mask else None
    if mask_path is None:
        return film
    height, width = film.shape[:2]
    mask = cv2.resize(decode_file(mask_path).pixels[..., 0], (width, height), interpolation=cv2.INTER_AREA)
    return _with_lungs_marked(film, (mask > 127).astype(np.uint8))


def _path(catalog: Catalog, file: str, side: int) -> Path:
    return home() / "thumbnails" / f"{catalog.row(file)['sha256']}-{side}.jpg"


def _with_lungs_marked(film: np.ndarray, mask: np.ndarray) -> np.ndarray:
    tint = np.empty_like(film)
    tint[:] = _LUNG_COLOUR
    blended = cv2.addWeighted(film, 1 - _LUNG_TINT, tint, _LUNG_TINT, 0)
    marked = np.where(mask[..., None] > 0, blended, film)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(marked, outlines, -1, _LUNG_COLOUR, thickness=max(1, max(film.shape) // 400))
