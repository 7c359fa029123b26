"""Which places a number rests on, found by covering them one after the other (Zeiler and Fergus 2014, arXiv 1311.2901).

Needs no TensorFlow: it is given a function that reads prepared films.
"""

from collections.abc import Callable

import numpy as np

# One cell of VGG16's last map is 32 pixels wide. A patch of one and a half covers what lies across the border of two cells.
CELLS_A_SIDE = 7
_PATCH_IN_CELLS = 1.5

# (n, side, side, 3) uint8 -> (n,) log odds of a class
LogOddsOf = Callable[[np.ndarray], np.ndarray]


def occlusion_map(log_odds_of: LogOddsOf, prepared: np.ndarray) -> np.ndarray:
    """Return by how much the log odds fall when a patch of the film's mean grey covers each place; a rise counts as 0.

    Parameters
    ----------
    log_odds_of : asked for the film itself, then for one row of the map after the other
    prepared : ndarray of shape (side, side, 3), uint8

    Returns
    -------
    ndarray of shape (7, 7), float32, >= 0, in log odds
    """
    uncovered = float(log_odds_of(prepared[None])[0])
    rows = [uncovered - log_odds_of(_covered_along(prepared, row)) for row in range(CELLS_A_SIDE)]
    return np.maximum(np.stack(rows), 0).astype(np.float32)


def covered_films(prepared: np.ndarray) -> np.ndarray:
    """Return the film covered at one place after the other, row by row: (49, side, side, 3) uint8."""
    return np.concatenate([_covered_along(prepared, row) for row in range(CELLS_A_SIDE)])


def map_from_readings(uncovered: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Return the maps of many films from their log odds (n,) and those of ``covered_films`` (n, 49): (n, 7, 7) float32."""
    fall = np.asarray(uncovered)[:, None] - np.asarray(covered)
    return np.maximum(fall, 0).reshape(-1, CELLS_A_SIDE, CELLS_A_SIDE).astype(np.float32)


def _covered_along(prepared: np.ndarray, row: int) -> np.ndarray:
    """The film once for each place along a row of the map, covered there: (7, side, side, 3) uint8."""
    films = np.repeat(prepared[None], CELLS_A_SIDE, axis=0)
    grey = np.round(prepared.mean(axis=(0, 1))).astype(np.uint8)
    down = _span(row, prepared.shape[0])
    for column, film in enumerate(films):
        film[down, _span(column, prepared.shape[1])] = grey
    return films


def _span(cell: int, side: int) -> slice:
    """Pixels that the patch of a cell covers along one side; at the border of the film it is cut off."""
    centre, half = (cell + 0.5) * side / CELLS_A_SIDE, _PATCH_IN_CELLS * side / CELLS_A_SIDE / 2
    return slice(max(0, round(centre - half)), min(side, round(centre + half)))
