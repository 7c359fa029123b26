"""The small copy of a picture that the checks look at: at most 512 pixels a side, with and without its plain borders."""

from dataclasses import dataclass

import cv2
import numpy as np

# Every measure of the checks was taken on copies of this size, so that it costs the same for every X-ray.
SMALL_SIDE = 512
# A row or column is border where nearly all of it is black or white; a marker may stand in it. Compressed black reaches 12.
_BLACK, _WHITE, _PLAIN_SHARE = 12, 246, 0.98
# A picture of which less remains has no border: it is empty, a drawing or a page.
_LEAST_REMAINING = 0.3


@dataclass(frozen=True, eq=False)
class SmallPicture:
    """A small copy of a picture.

    colours: (height, width, 3) uint8, RGB. grey: (height, width) uint8. inner: ``grey`` without black and white borders.
    borders: share of the height or width that is border above, below, at the left and at the right.
    width, height: of the picture it was made from.
    """

    colours: np.ndarray
    grey: np.ndarray
    inner: np.ndarray
    borders: tuple[float, float, float, float]
    width: int
    height: int


def small_picture(pixels: np.ndarray) -> SmallPicture:
    """Return the small copy of ``pixels``, (height, width, 3) uint8 RGB."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SMALL_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    colours = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    grey = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    rows, columns = _inside(grey)
    borders = (
        rows.start / grey.shape[0],
        1 - rows.stop / grey.shape[0],
        columns.start / grey.shape[1],
        1 - columns.stop / grey.shape[1],
    )
    return SmallPicture(colours, grey, grey[rows, columns], borders, width, height)


def _inside(grey: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns between the borders; all of them where too little would remain."""
    dark, light = grey <= _BLACK, grey >= _WHITE
    rows, columns = (_between(np.maximum(dark.mean(axis), light.mean(axis)) >= _PLAIN_SHARE) for axis in (1, 0))
    remaining = (rows.stop - rows.start) * (columns.stop - columns.start) / grey.size
    if remaining < _LEAST_REMAINING:
        return slice(0, grey.shape[0]), slice(0, grey.shape[1])
    return rows, columns


def _between(plain: np.ndarray) -> slice:
    """From the first to the last line that is not ``plain``."""
    lines = np.flatnonzero(~plain)
    return slice(int(lines[0]), int(lines[-1]) + 1) if lines.size else slice(0, 0)
