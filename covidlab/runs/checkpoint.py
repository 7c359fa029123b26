"""The last finished epoch on disk: whole or absent, checked by the CRC of the archive."""

import zipfile
from pathlib import Path

import numpy as np

from covidlab.files import replacing


def save_checkpoint(path: Path, *, epoch: int, arrays: list[np.ndarray]) -> None:
    """Replace the checkpoint by the state after ``epoch``."""
    with replacing(path) as temporary:
        np.savez(temporary, epoch=np.int64(epoch), **{f"array_{i:03d}": array for i, array in enumerate(arrays)})


def load_checkpoint(path: Path) -> tuple[int, list[np.ndarray]] | None:
    """Return (epoch, arrays), or None where there is no checkpoint or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = sorted(name for name in archive.files if name.startswith("array_"))
            return int(archive["epoch"]), [archive[name] for name in names]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return None
