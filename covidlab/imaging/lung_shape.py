"""The shape of two lungs on a frontal X-ray in twelve numbers, written down from anatomy and not taken from any masks.

A shape is an ndarray of twelve floats in shares of the picture's width and height: where the midline lies; then, for the
lung on the left and the lung on the right of the picture, its distance from the midline to the inner and to the outer edge, the
height of its apex and of its base, and how far its diaphragm is domed; then how far the midline leans.
"""

import cv2
import numpy as np

_SIDES = (-1, 1)
_INNER, _OUTER, _APEX, _BASE, _DOME = (slice(first, first + 2) for first in (1, 3, 5, 7, 9))

# Where lungs lie on an X-ray that shows the chest and little else, and how much that differs from one X-ray to the next.
USUAL = np.array([0.5, 0.055, 0.055, 0.40, 0.40, 0.13, 0.13, 0.74, 0.74, 0.0, 0.0, 0.0])
SPREAD = np.array([0.04, 0.012, 0.012, 0.06, 0.06, 0.07, 0.07, 0.10, 0.10, 0.05, 0.05, 0.05])
# How much the two lungs of one person may differ: inner edge, outer edge, apex, base.
_SIDES_DIFFER = np.array([0.03, 0.06, 0.05, 0.08])

# Outline of one lung, part by part: (across, down), across from the inner edge (0) to the chest wall (1), down from the apex
# (0) to the base (1). Below 1 lies the angle between ribs and diaphragm; above it the dome of the diaphragm.
INNER_EDGE = ((0.0, 1.0), (0.0, 0.8), (0.0, 0.6), (0.0, 0.4), (0.02, 0.22))
APEX_EDGE = ((0.06, 0.1), (0.17, 0.02), (0.32, 0.0), (0.5, 0.05))
OUTER_EDGE = ((0.66, 0.16), (0.79, 0.32), (0.89, 0.5), (0.95, 0.68), (0.99, 0.86), (1.0, 1.02))
BASE_EDGE = ((0.98, 1.08), (0.85, 1.02), (0.65, 0.95), (0.45, 0.93), (0.22, 0.96))
OUTLINE = np.array(INNER_EDGE + APEX_EDGE + OUTER_EDGE + BASE_EDGE)

# The edge between dark and bright lies within the ribs; outlines that people draw go around them.
_RIBS_ACROSS, _RIBS_ABOVE = 0.025, 0.04


def places(shapes: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return where places of a lung lie in the picture.

    Parameters
    ----------
    shapes : ndarray of shape (n, 12)
    within : ndarray of shape (p, 2), (across, down) as in ``OUTLINE``

    Returns
    -------
    ndarray of shape (n, 2, p, 2): for each shape and lung (x, y), 0 to 1 inside the picture
    """
    inner, outer, apex, base, dome = (shapes[:, part, None] for part in (_INNER, _OUTER, _APEX, _BASE, _DOME))
    across, down = within[:, 0], within[:, 1]
    lifted = 2 * dome * np.clip(down - 0.5, 0, None) * (1 - 2 * np.abs(across - 0.35))
    y = apex + (down - lifted) * (base - apex)
    from_midline = np.array(_SIDES)[:, None] * (inner + across * (outer - inner))
    midline, lean = shapes[:, 0, None, None], shapes[:, 11, None, None]
    return np.stack([midline + from_midline + lean * (y - USUAL[0]), y], axis=-1)


def unlikeliness(shapes: np.ndarray) -> np.ndarray:
    """Return how far each shape is from the usual one and from being the same on both sides, ndarray of shape (n,), >= 0."""
    unusual = np.square((shapes - USUAL) / SPREAD).mean(axis=1)
    left, right = shapes[:, 1:9:2], shapes[:, 2:9:2]
    return unusual + np.square((left - right) / _SIDES_DIFFER).sum(axis=1) / 6


def with_ribs(shape: np.ndarray) -> np.ndarray:
    """Return the shape reaching around the ribs, whose inner edge is what is seen."""
    wider = shape.copy()
    wider[_OUTER] += _RIBS_ACROSS
    wider[_APEX] -= _RIBS_ABOVE
    return wider


def filled(shape: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the mask of each lung, ndarray of shape (2, height, width), bool."""
    masks = np.zeros((2, height, width), np.uint8)
    for mask, outline in zip(masks, places(shape[None], OUTLINE)[0], strict=True):
        cv2.fillPoly(mask, [np.round(outline * (width, height) - 0.5).astype(np.int32)], 1)
    return masks.astype(bool)
