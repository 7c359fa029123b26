"""An estimate of where the lungs lie on a frontal chest X-ray, for X-rays without a mask; plain OpenCV and NumPy.

A shape of two lungs (``lung_shape``) is moved and stretched until its outline runs where dark turns to bright. It is an active
shape in the manner of Cootes et al. 1995 (doi 10.1006/cviu.1995.1004), with a shape that is written down instead of learned,
found by the cross-entropy method (de Boer et al. 2005, doi 10.1007/s10479-005-5724-z). ``benchmarks/lung_estimate.py`` holds it
against known masks.
"""

import cv2
import numpy as np

from covidlab.imaging.lung_shape import (
    APEX_EDGE,
    BASE_EDGE,
    INNER_EDGE,
    OUTER_EDGE,
    OUTLINE,
    SPREAD,
    USUAL,
    filled,
    places,
    unlikeliness,
    with_ribs,
)

_SIDE = 128
_SEED = 0

# The search: from a broad and from a narrow chest, as on X-rays of adults and of children with their arms.
_STARTS = (0.40, 0.30)
_ROUNDS, _SHAPES_A_ROUND, _BEST_OF_ROUND = 12, 300, 30

# How much each part of the outline counts. The mediastinum is no sharp edge where the heart lies before it.
_EDGE_WEIGHTS = np.repeat([0.2, 1.0, 1.3, 1.5], [len(p) for p in (INNER_EDGE, APEX_EDGE, OUTER_EDGE, BASE_EDGE)])
_ACROSS_EDGE, _LARGEST_STEP = 0.02, 1.5
_REGION_WEIGHT, _UNLIKELY_WEIGHT = 0.15, 0.1

# Places that should be dark (within the lungs) and bright: the midline, below the diaphragm, the chest wall and the shoulders.
_DARK = np.array(
    [
        (across, down)
        for down in (0.15, 0.3, 0.45, 0.6, 0.75, 0.88)
        for across in (0.12, 0.3, 0.5, 0.7, 0.85)
        if across < 0.6 or down > 0.4 or (across < 0.8 and down > 0.2)
    ]
)
_MIDLINE = np.array([(-0.5, down) for down in (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)])
_BELOW = np.array([(across, down) for down in (1.1, 1.2) for across in (0.1, 0.3, 0.5, 0.7)])
_WALL = np.array([(0.75, 0.05), (1.0, 0.3), (1.06, 0.5), (1.1, 0.7), (1.12, 0.9), (0.5, -0.1), (0.25, -0.08)])

# What an estimate must keep to be plausible: how well it fits, the share of the picture, the smaller lung to the larger.
_LOWEST_FIT = 0.35
_SHARE_OF_PICTURE = (0.12, 0.65)
_LOWEST_SYMMETRY = 0.5


def estimated_lungs(pixels: np.ndarray) -> np.ndarray | None:
    """Mask of the lung fields with what of the heart lies before them, or None where no plausible pair of lungs is found.

    It is an estimate: say so wherever it is used. The same pixels give the same mask.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB; an upright frontal X-ray, air dark

    Returns
    -------
    ndarray of shape (height, width), bool, or None
    """
    shape, fit = _best_shape(_evened(pixels))
    lungs = filled(with_ribs(shape), *pixels.shape[:2])
    return lungs.any(axis=0) if _is_plausible(lungs, fit) else None


def _is_plausible(lungs: np.ndarray, fit: float) -> bool:
    """Whether two masks could be lungs: the outline fits, the area is that of a chest, both are of like size."""
    smaller, larger = sorted(lungs.mean(axis=(1, 2)))
    low, high = _SHARE_OF_PICTURE
    return fit >= _LOWEST_FIT and low <= smaller + larger <= high and smaller >= _LOWEST_SYMMETRY * larger


def _evened(pixels: np.ndarray) -> np.ndarray:
    """A small grey copy with contrast evened out over the picture, float32 of mean 0 and standard deviation 1."""
    small = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(3, 3)).apply(small).astype(np.float32)
    return cv2.GaussianBlur((grey - grey.mean()) / (grey.std() + 1e-3), (0, 0), 1.5)


def _best_shape(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """The shape that fits best of the two that the search ends at, with its fit."""
    found = np.stack([_searched(grey, reach) for reach in _STARTS])
    fits = _fits(grey, found)
    return found[fits.argmax()], float(fits.max())


def _searched(grey: np.ndarray, reach: float) -> np.ndarray:
    """Draw shapes, keep the best, draw nearer to those; ndarray of shape (12,)."""
    generator = np.random.default_rng(_SEED)
    centre, spread = USUAL.copy(), 1.3 * SPREAD
    centre[3:5] = reach
    for _ in range(_ROUNDS):
        shapes = centre + spread * generator.standard_normal((_SHAPES_A_ROUND, len(centre)))
        shapes[0] = centre
        best = shapes[np.argsort(-_fits(grey, shapes))[:_BEST_OF_ROUND]]
        # Part of what was is kept, so that one round's chance does not end the search early.
        centre = 0.7 * best.mean(axis=0) + 0.3 * centre
        spread = np.maximum(0.7 * best.std(axis=0) + 0.3 * spread, 0.03 * SPREAD)
    return centre


def _fits(grey: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """How well each shape fits: steps from dark to bright across the outline, dark inside, like lungs; shape (n,)."""
    bright = sum(_mean_at(grey, shapes, within) for within in (_MIDLINE, _BELOW, _WALL)) / 3
    regions = bright - _mean_at(grey, shapes, _DARK)
    return _steps(grey, shapes) + _REGION_WEIGHT * regions - _UNLIKELY_WEIGHT * unlikeliness(shapes)


def _steps(grey: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Mean step of brightness outward across the outline, weighted by its parts and each bounded; shape (n,)."""
    outline = places(shapes, OUTLINE)
    along = np.roll(outline, -1, axis=2) - np.roll(outline, 1, axis=2)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-6
    normal = np.stack([along[..., 1], -along[..., 0]], axis=-1)
    from_centre = outline - places(shapes, np.array([(0.45, 0.55)]))
    outward = _ACROSS_EDGE * normal * np.sign((from_centre * normal).sum(axis=-1, keepdims=True))
    steps = np.clip(_at(grey, outline + outward) - _at(grey, outline - outward), -_LARGEST_STEP, _LARGEST_STEP)
    parts = np.split(_EDGE_WEIGHTS * steps, np.cumsum([len(p) for p in (INNER_EDGE, APEX_EDGE, OUTER_EDGE)]), axis=-1)
    return np.mean([part.mean(axis=(1, 2)) for part in parts], axis=0)


def _mean_at(grey: np.ndarray, shapes: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Mean brightness at places of both lungs, ndarray of shape (n,)."""
    return _at(grey, places(shapes, within)).mean(axis=(1, 2))


def _at(grey: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Brightness at places (n, 2, p, 2) in shares of the picture, interpolated; outside it that of its border."""
    pixel = (xy * _SIDE - 0.5).astype(np.float32).reshape(len(xy), -1, 2)
    values = cv2.remap(grey, pixel[..., 0], pixel[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(xy.shape[:-1])
