"""What the frozen layers give, kept on disk: computed once, whatever is trained on it afterwards.

A pack is a folder that holds records of one shape: ``records.bin`` (one after another) and ``index.csv`` (a line a record:
file content, view, checksum). What is asked for is read from the disk each time and never mapped, so that the memory of who
reads does not grow with the pack: 10,000 X-rays in eight views are 4 GB at the depth "head". A record is written and flushed before its line is, and a line counts
only when it is whole, so a kill at any moment loses at most the records under way. TensorFlow is not imported here:
a page may ask what is missing.
"""

import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from io import FileIO
from pathlib import Path

import numpy as np
from filelock import FileLock

from covidlab.config import IMAGE_SIDE, REFERENCE, Augmentation, Preset
from covidlab.files import append_line, storage_errors
from covidlab.learning.backbones.base import INPUT, Backbone
from covidlab.paths import home

# Raise this where preparation of films or views changes, so that no old record is taken for a new one.
PREPARATION_VERSION = 1

ActivationKey = tuple[str, int]  # (sha256 of the file, view)
_PLAIN_AUGMENTATION = Augmentation()


class ActivationPack:
    """Records of one layer, found by file content and view.

    Parameters
    ----------
    folder : Path
    shape : tuple of int, shape of one record
    dtype : numpy dtype of one record; float16 for activations, uint8 for prepared films
    """

    def __init__(self, folder: Path, *, shape: tuple[int, ...], dtype: type = np.float16):
        self.folder = Path(folder)
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.record_bytes = int(np.prod(shape)) * self.dtype.itemsize
        self._rows: dict[ActivationKey, int] = {}
        self._checksums: list[int] = []
        self._verified: set[int] = set()
        self._index_end, self._index_file = 0, 0
        self.refresh()

    def __contains__(self, key: ActivationKey) -> bool:
        return key in self._rows

    def keys(self) -> list[ActivationKey]:
        """Return the keys of all records."""
        return list(self._rows)

    def num_records(self) -> int:
        """Return how many records there are."""
        return len(self._rows)

    def missing(self, keys: Sequence[ActivationKey]) -> list[ActivationKey]:
        """Return the keys that have no record yet, each once, in order."""
        return [key for key in dict.fromkeys(keys) if key not in self._rows]

    def read(self, keys: Sequence[ActivationKey]) -> np.ndarray:
        """Return the records of ``keys``, shape (len(keys), *shape); raises KeyError where one is missing or damaged.

        All damaged ones are forgotten by then, so that they count as missing.
        """
        records = np.empty((len(keys), *self.shape), self.dtype)
        rows = [self._rows[key] for key in keys]
        damaged = [key for key, row, whole in zip(keys, rows, self._filled(records, rows), strict=True) if not whole]
        for key in damaged:
            self._rows.pop(key, None)
        if damaged:
            raise KeyError(damaged[0])
        return records

    def add(self, keys: Sequence[ActivationKey], records: np.ndarray) -> None:
        """Append one record a key; keys that another process added meanwhile are left as they are."""
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "lock"):
            self.refresh()
            new = [(key, record) for key, record in zip(keys, records, strict=True) if key not in self._rows]
            data = [np.ascontiguousarray(record, self.dtype).tobytes() for _, record in new]
            path = self.folder / "records.bin"
            with storage_errors(path), open(path, "r+b" if path.exists() else "w+b") as file:
                # Behind the last indexed record there may be the rest of a write that was killed.
                file.seek(len(self._checksums) * self.record_bytes)
                file.write(b"".join(data))
                file.flush()
            if new:
                first_row = len(self._checksums)
                lines = [
                    f"{first_row + i},{key[0]},{key[1]},{zlib.crc32(record)}"
                    for i, ((key, _), record) in enumerate(zip(new, data, strict=True))
                ]
                append_line(self.folder / "index.csv", "\n".join(lines))
                self.refresh()

    def refresh(self) -> None:
        """Take in what other processes added."""
        path = self.folder / "index.csv"
        facts = path.stat() if path.exists() else None
        size, file = (facts.st_size, facts.st_ino) if facts else (0, 0)
        if size < self._index_end or file != self._index_file:
            self._rows.clear()
            self._checksums.clear()
            self._verified.clear()
            self._index_end, self._index_file = 0, file
        if size > self._index_end:
            with open(path, "rb") as index:
                index.seek(self._index_end)
                text = index.read()
            # What follows the last whole line is read again once that line is whole.
            whole = text[: text.rfind(b"\n") + 1]
            self._index_end += len(whole)
            self._take_in(whole.decode("utf-8", errors="replace").splitlines())

    def _take_in(self, lines: Sequence[str]) -> None:
        path = self.folder / "records.bin"
        num_whole = path.stat().st_size // self.record_bytes if path.exists() else 0
        # Each line carries its row number, so that a torn one costs its own record only; the checksum stands last, so
        # that what is left of a torn line never names another row.
        for line in lines:
            fields = line.split(",")
            if len(fields) == 4 and fields[0].isdigit() and fields[2].isdigit() and fields[3].isdigit():
                row = int(fields[0])
                self._checksums.extend([-1] * (row + 1 - len(self._checksums)))
                self._checksums[row] = int(fields[3])
                if row < num_whole:
                    self._rows[fields[1], int(fields[2])] = row

    def _filled(self, records: np.ndarray, rows: Sequence[int]) -> list[bool]:
        """Read ``rows`` into ``records``; return of each whether it is what was written."""
        try:
            with open(self.folder / "records.bin", "rb", buffering=0) if rows else nullcontext() as file:
                return [self._is_whole(file, row, record) for row, record in zip(rows, records, strict=True)]
        except FileNotFoundError:
            return [False] * len(rows)

    def _is_whole(self, file: FileIO, row: int, record: np.ndarray) -> bool:
        file.seek(row * self.record_bytes)
        if file.readinto(record) != self.record_bytes:
            return False
        if row not in self._verified and zlib.crc32(record) == self._checksums[row]:
            self._verified.add(row)
        return row in self._verified


class AugmentedPack:
    """Two packs as one: the films as they are (view 0), shared by all augmentations, and the views of one augmentation."""

    def __init__(self, plain: ActivationPack, views: ActivationPack):
        self._plain, self._views = plain, views

    def __contains__(self, key: ActivationKey) -> bool:
        return key in self._of(key)

    def missing(self, keys: Sequence[ActivationKey]) -> list[ActivationKey]:
        """See ActivationPack."""
        return [key for key in dict.fromkeys(keys) if key not in self]

    def read(self, keys: Sequence[ActivationKey]) -> np.ndarray:
        """See ActivationPack."""
        if not keys:
            return self._plain.read(keys)
        return np.concatenate([self._of(key).read([key]) for key in keys])

    def add(self, keys: Sequence[ActivationKey], records: np.ndarray) -> None:
        """See ActivationPack."""
        for pack in (self._plain, self._views):
            mine = [place for place, key in enumerate(keys) if self._of(key) is pack]
            if mine:
                pack.add([keys[place] for place in mine], records[mine])

    def refresh(self) -> None:
        """See ActivationPack."""
        self._plain.refresh()
        self._views.refresh()

    def _of(self, key: ActivationKey) -> ActivationPack:
        return self._views if key[1] else self._plain


def open_pack(
    backbone: Backbone,
    preset: Preset,
    *,
    fine_tune: str,
    precision: str = REFERENCE,
    augmentation: Augmentation = _PLAIN_AUGMENTATION,
) -> ActivationPack | AugmentedPack:
    """Return the pack of activations at the deepest frozen layer, named by everything they depend on.

    Where every layer learns these are the prepared films themselves.
    """
    cut = backbone.cut_point(fine_tune)
    if cut.layer == INPUT:
        return open_film_pack(preset.resize, side=backbone.input_side)
    # The sha256 of its weights names the network; float32, the reference, has no name of its own.
    depends_on = [_preparation(preset.resize), cut.layer, preset.preprocessing, backbone.weights_sha256[:12]]
    depends_on += [] if precision == REFERENCE else [precision]

    def pack(*names: str) -> ActivationPack:
        return ActivationPack(home() / "activations" / "-".join([*depends_on, *names]), shape=cut.shape)

    if augmentation == _PLAIN_AUGMENTATION:
        return pack()
    return AugmentedPack(pack(), pack(_augmentation(augmentation)))


def _augmentation(augmentation: Augmentation) -> str:
    return f"r{augmentation.rotation}_s{augmentation.shift}_b{augmentation.brightness}" + "_flip" * augmentation.flip


def open_film_pack(resize: str, *, side: int) -> ActivationPack:
    """Return the pack of prepared films; nothing of the network matters but its side, so presets share them."""
    depends_on = [_preparation(resize), INPUT] + ([] if side == IMAGE_SIDE else [str(side)])
    return ActivationPack(home() / "activations" / "-".join(depends_on), shape=(side, side, 3), dtype=np.uint8)


def _preparation(resize: str) -> str:
    return f"v{PREPARATION_VERSION}-{resize}"


def activation_keys(sha256s: Sequence[str], views: Sequence[int]) -> list[ActivationKey]:
    """Return the key of every film in every view, film by film."""
    return [(sha256, view) for sha256 in sha256s for view in views]
