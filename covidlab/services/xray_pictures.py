"""Pictures of the X-rays of a data set for the browser: many small ones in one JPEG, and one large. No Streamlit.

Only X-rays that a run or a data set names, below its own folder, are read; a file that is no picture is refused.
"""

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from covidlab.data.thumbnails import thumbnail_of
from covidlab.errors import CovidLabError
from covidlab.files import file_stamp
from covidlab.imaging.encode import fit, jpeg

CELL_SIDE = 48
COLUMNS = 20
# Beyond that X-rays are drawn as plain dots.
MAX_IN_SPRITE = 400
LARGE_SIDE = 512
JPEG_QUALITY = 82
SPRITES_KEPT = 8
# A cell without a picture.
_GREY = 96
_THREADS = 4


@dataclass(frozen=True)
class XRays:
    """The X-rays of a run or of a data set: the folder, and files relative to it in their order."""

    root: Path
    files: tuple[str, ...]

    @property
    def num_in_sprite(self) -> int:
        """Number of X-rays that have a small picture; 0 where there are too many of them."""
        return len(self.files) if len(self.files) <= MAX_IN_SPRITE else 0

    def path(self, index: int) -> Path | None:
        """Path of an X-ray; None where there is none of this number, or its name leads out of the folder."""
        if not 0 <= index < len(self.files):
            return None
        name = PurePosixPath(self.files[index])
        is_below = bool(name.parts) and not name.is_absolute() and ".." not in name.parts and "\\" not in str(name)
        return self.root / name if is_below and "\0" not in str(name) else None

    @cached_property
    def paths(self) -> list[Path | None]:
        """Paths of all X-rays."""
        return [self.path(index) for index in range(len(self.files))]

    def stamp(self, index: int | None = None) -> str:
        """A short text that changes with the files of all X-rays, or of one."""
        paths = self.paths if index is None else [self.path(index)]
        digest = hashlib.sha256(str(self.root).encode(errors="surrogateescape"))
        for path in paths:
            digest.update(_stamp_of(path).encode(errors="surrogateescape"))
        return digest.hexdigest()[:16]


def large_picture(xrays: XRays, index: int) -> bytes | None:
    """Return one X-ray as JPEG, its longer side at most ``LARGE_SIDE`` pixels; None where it cannot be read."""
    path = xrays.path(index)
    with suppress(CovidLabError, OSError):
        return thumbnail_of(path, side=LARGE_SIDE) if path else None
    return None


class Sprites:
    """The small pictures of all X-rays in one JPEG, those last asked for; who asks for one under way waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def of(self, xrays: XRays) -> bytes | None:
        """Return cells of ``CELL_SIDE`` pixels, ``COLUMNS`` in a row, in the order of the X-rays; None where there are too many."""
        if not xrays.num_in_sprite:
            return None
        with self._lock:
            stamp = xrays.stamp()
            if stamp not in self._kept:
                self._kept[stamp] = _make_sprite(xrays)
            self._kept.move_to_end(stamp)
            while len(self._kept) > SPRITES_KEPT:
                self._kept.popitem(last=False)
            return self._kept[stamp]


def _make_sprite(xrays: XRays) -> bytes:
    num_rows = -(-len(xrays.files) // COLUMNS)
    sheet = np.full((num_rows * CELL_SIDE, COLUMNS * CELL_SIDE, 3), _GREY, np.uint8)
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        for place, cell in enumerate(pool.map(_cell, xrays.paths)):
            row, column = divmod(place, COLUMNS)
            top, left = row * CELL_SIDE, column * CELL_SIDE
            if cell is not None:
                sheet[top : top + CELL_SIDE, left : left + CELL_SIDE] = cell
    return jpeg(sheet, quality=JPEG_QUALITY)


def _cell(path: Path | None) -> np.ndarray | None:
    """The middle of an X-ray as uint8 (CELL_SIDE, CELL_SIDE, 3), RGB; None where it cannot be read."""
    with suppress(CovidLabError, OSError):
        if path is not None:
            small = cv2.imdecode(np.frombuffer(thumbnail_of(path), np.uint8), cv2.IMREAD_COLOR_RGB)
            height, width = small.shape[:2]
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
            square = fit(small[top : top + side, left : left + side], CELL_SIDE)
            return cv2.resize(square, (CELL_SIDE, CELL_SIDE))
    return None


def _stamp_of(path: Path | None) -> str:
    return f"{path.name} {file_stamp(path)}\n" if path else "\n"
