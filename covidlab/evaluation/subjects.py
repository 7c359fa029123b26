"""One X-ray of a set as an alteration needs it: prepared, and its lungs, from the mask of the set or estimated. No TensorFlow."""

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE, PRESETS
from covidlab.data.catalog import Catalog
from covidlab.evaluation.alterations import Subject
from covidlab.files import file_stamp
from covidlab.imaging.decode import decode_file
from covidlab.imaging.lungs import estimated_lungs
from covidlab.imaging.prepare import model_input


def film_lungs(catalog: Catalog, file: str, film: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """Return the lungs of an X-ray, and whether the set has its mask.

    Parameters
    ----------
    film : (side, side, 3) uint8, the X-ray as the network takes it

    Returns
    -------
    (side, side) bool, None where the set has no mask and none can be estimated; and a bool
    """
    path, side = catalog.mask_path(file), len(film)
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path else None
    found = mask > 127 if mask is not None else estimated_lungs(film)
    if found is None:
        return None, False
    # By area, so that half a pixel of lung is half a pixel.
    lungs = cv2.resize(found.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA) >= 0.5
    return (lungs if lungs.any() else None), mask is not None


def prepared_subject(catalog: Catalog, file: str, *, preset: str) -> tuple[np.ndarray, Subject]:
    """Return an X-ray as the network takes it, uint8 (side, side, 3), and what an alteration may know of it.

    The same as in ``audit.data.AuditData``. Raises CovidLabError where the X-ray cannot be read.
    """
    pixels, row = decode_file(catalog.film_path(file)).pixels, catalog.row(file)
    film = model_input(pixels, resize=PRESETS[preset].resize, side=IMAGE_SIDE)
    lungs, _ = film_lungs(catalog, file, film)
    return film, Subject(lungs=lungs, aspect=float(row["width"]) / float(row["height"]))


def subject_stamp(catalog: Catalog, file: str) -> str:
    """Return a text that changes with the pixels of an X-ray and with its mask."""
    mask = catalog.mask_path(file)
    return f"{catalog.root} {catalog.value(file, 'sha256')} {mask and file_stamp(mask)}"
