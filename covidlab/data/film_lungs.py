"""The lungs of an X-ray of a set as a mask of the side that a network takes: those the set has a mask of, else an estimate."""

import cv2
import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.imaging.lungs import estimated_lungs


def film_lungs(catalog: Catalog, file: str, film: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """Return the lungs of an X-ray and whether they are those of the set.

    Parameters
    ----------
    film : (side, side, 3) uint8, the X-ray as a network takes it, from which they are estimated where the set has no mask

    Returns
    -------
    lungs : (side, side) bool, None where there is no mask and no plausible estimate
    known : False for an estimate and where there is none
    """
    path = catalog.mask_path(file)
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path else None
    lungs = estimated_lungs(film) if mask is None else mask > 127
    if lungs is None or not lungs.any():
        return None, False
    side = len(film)
    # By area, so that half a pixel of lung is half a pixel.
    return cv2.resize(lungs.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA) >= 0.5, mask is not None
