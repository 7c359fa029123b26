"""The last finished epoch on disk."""

import numpy as np
import pytest

from covidlab.errors import StorageError
from covidlab.runs.checkpoint import load_checkpoint, save_checkpoint


def test_checkpoint_killed_at_any_write_leaves_the_previous_one(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    save_checkpoint(path, epoch=1, arrays=[np.arange(5)])
    for step in ("covidlab.files._sync", "covidlab.files.os.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(step, lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                save_checkpoint(path, epoch=2, arrays=[np.arange(6)])
        assert load_checkpoint(path)[0] == 1


def test_checkpoint_damaged_is_not_loaded(tmp_path):
    path = tmp_path / "checkpoint.npz"
    save_checkpoint(path, epoch=1, arrays=[np.arange(1000)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert load_checkpoint(path) is None


def test_checkpoint_folder_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="cannot be written"):
        save_checkpoint(tmp_path / "file" / "checkpoint.npz", epoch=1, arrays=[])
