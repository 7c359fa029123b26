"""The fifty: imported whole and verified or not at all; the check names what is wrong."""

import os
import shutil
import stat

import numpy as np
import pytest
from PIL import Image

from covidlab.data.checking import check_dataset
from covidlab.data.curated import import_curated
from covidlab.errors import DataError, StorageError


def files_below(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_import_curated_copies_films_masks_and_list(source, tmp_path):
    result = import_curated(source, tmp_path / "target")
    assert (result.num_copied, result.num_present, result.masks_absent) == (14, 0, False)
    assert files_below(tmp_path / "target") == files_below(source)
    assert check_dataset(tmp_path / "target").ok


def test_import_curated_again_copies_nothing(source, tmp_path):
    import_curated(source, tmp_path / "target")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "target").rglob("*")}
    result = import_curated(source, tmp_path / "target")
    assert (result.num_copied, result.num_present) == (0, 14)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "target").rglob("*")} == before


def test_import_curated_into_the_source_itself_copies_nothing(source):
    assert import_curated(source, source).num_present == 14


def test_import_curated_mends_one_damaged_file_only(source, tmp_path):
    import_curated(source, tmp_path / "target")
    film = tmp_path / "target/covid/film-001.png"
    film.write_bytes(film.read_bytes()[:-10])
    assert import_curated(source, tmp_path / "target").num_copied == 1
    assert film.read_bytes() == (source / "covid/film-001.png").read_bytes()


@pytest.mark.parametrize("file", ["covid/film-002.png", "masks/normal/film-001.png"])
def test_import_curated_changed_byte_is_named_and_nothing_is_copied(source, tmp_path, file):
    data = bytearray((source / file).read_bytes())
    data[len(data) // 2] ^= 1
    (source / file).write_bytes(data)
    with pytest.raises(DataError, match=f"1 file is not what the list .* expects: {file}.*Nothing was copied"):
        import_curated(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_import_curated_mask_of_another_size_is_refused(source, tmp_path):
    Image.fromarray(np.zeros((70, 96), bool)).save(source / "masks/covid/film-000.png")
    with pytest.raises(DataError, match=r"expects: masks/covid/film-000\.png"):
        import_curated(source, tmp_path / "target")


def test_import_curated_grey_picture_as_mask_is_refused(source, tmp_path):
    shutil.copy(source / "covid/film-000.png", source / "masks/covid/film-000.png")
    with pytest.raises(DataError, match=r"expects: masks/covid/film-000\.png"):
        import_curated(source, tmp_path / "target")


def test_import_curated_missing_films_are_named(source, tmp_path):
    for number in range(4):
        (source / f"covid/film-00{number}.png").unlink()
    with pytest.raises(
        DataError, match=r"4 files are missing in .*covid/film-000\.png.* and 1 more\. Nothing was copied"
    ):
        import_curated(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_import_curated_without_masks_folder_copies_films_and_says_so(source, tmp_path):
    shutil.rmtree(source / "masks")
    result = import_curated(source, tmp_path / "target")
    assert (result.num_copied, result.masks_absent) == (7, True)


def test_import_curated_no_such_source_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no such folder to import from: .*nowhere"):
        import_curated(tmp_path / "nowhere", tmp_path / "target")


def test_import_curated_reports_progress(source, tmp_path):
    steps = []
    import_curated(source, tmp_path / "target", progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 14) for done in range(1, 15)]


def test_import_curated_from_a_read_only_source_gives_files_one_can_write(source, tmp_path):
    for path in [source, *source.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    import_curated(source, tmp_path / "target")
    for path in [source, *source.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert (tmp_path / "target/covid/film-000.png").stat().st_mode & stat.S_IWUSR


def test_import_curated_full_disk_is_said_and_leaves_no_half(source, tmp_path, monkeypatch):
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("covidlab.files.shutil.disk_usage", lambda _: free)
    with pytest.raises(StorageError, match="The disk is too full"):
        import_curated(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_import_curated_interrupted_in_a_copy_leaves_whole_files_only(source, tmp_path, monkeypatch):
    replace, done = os.replace, []

    def killed(temporary, path):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(path)
        replace(temporary, path)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        import_curated(source, tmp_path / "target")
    assert len(files_below(tmp_path / "target")) == 3
    monkeypatch.setattr(os, "replace", replace)
    assert import_curated(source, tmp_path / "target").num_copied == 11


@pytest.mark.curated
def test_import_curated_of_the_fifty_is_verified_and_changes_nothing_at_the_source(curated, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in curated.glob("*/*")}
    result = import_curated(curated, tmp_path / "target")
    assert result.num_copied == 100
    assert {path: path.stat().st_mtime_ns for path in curated.glob("*/*")} == before
