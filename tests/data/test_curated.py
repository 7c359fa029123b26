"""The fifty: imported whole and verified or not at all; the check names what is wrong."""

import csv
import hashlib
import os
import shutil
import stat

import numpy as np
import pytest
from PIL import Image

from covidlab.data import curated as curated_module
from covidlab.data.curated import check_dataset, import_curated
from covidlab.errors import DataError, StorageError


def files_below(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def source(make_dataset, tmp_path, monkeypatch):
    """A small set with masks that takes the place of the fifty, its list kept where the code looks for it."""
    root = make_dataset({"covid": 4, "normal": 3}, name="source")
    films = []
    for file in files_below(root):
        mask = np.zeros((80, 96), np.uint8)
        mask[20:60, 20:70] = 255
        path = root / "masks" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).convert("1").save(path)
        sha256 = hashlib.sha256((root / file).read_bytes()).hexdigest()
        films.append({"file": file, "class": file.split("/")[0], "patient_id": file, "sha256": sha256, "width": 96})
        films[-1] |= {"height": 80, "mask": f"masks/{file}", "view_metadata": "PA", "view_printed_on_image": ""}
    films[1]["view_printed_on_image"] = "AP"
    (tmp_path / "list").mkdir()
    for folder in (tmp_path / "list", root):
        with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(films[0]))
            writer.writeheader()
            writer.writerows(films)
    monkeypatch.setattr(curated_module, "CURATED_LIST", tmp_path / "list")
    return root


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


def test_check_dataset_names_each_fault(source):
    (source / "covid/film-000.png").unlink()
    shutil.copy(source / "covid/film-003.png", source / "covid/film-002.png")
    normal = source / "normal/film-000.png"
    normal.write_bytes(normal.read_bytes()[:-30])
    Image.fromarray(np.full((80, 80), 3, np.uint8)).save(source / "normal/extra.png")
    found = check_dataset(source)
    assert found.missing == ("covid/film-000.png",)
    assert found.changed == ("covid/film-002.png", "normal/film-000.png")
    assert found.unreadable == ("normal/film-000.png",)
    assert found.duplicates == (("covid/film-002.png", "covid/film-003.png"),)
    assert found.not_listed == ("normal/extra.png",)
    assert not found.ok


def test_check_dataset_sentences_name_the_files(source):
    (source / "covid/film-000.png").unlink()
    (source / "masks/covid/film-001.png").unlink()
    sentences = check_dataset(source).sentences()
    assert sentences[0] == "6 X-rays were checked: see below."
    assert (
        "2 files are listed in metadata.csv but not there: covid/film-000.png, masks/covid/film-001.png." in sentences
    )


def test_check_dataset_ap_film_contradicts_the_claim_and_is_no_fault(source):
    found = check_dataset(source)
    assert found.ok
    assert found.view_contradictions == ("covid/film-001.png",)
    assert '"PA only" does not hold: 1 of the 4 X-rays' in found.sentences()[1]


def test_check_dataset_of_another_set_says_nothing_of_views(source, make_dataset):
    found = check_dataset(make_dataset({"ill": 2, "well": 2}, name="other"))
    assert found.ok
    assert found.sentences() == ["4 X-rays were checked: nothing is wrong."]


def test_check_dataset_without_films_says_how_to_import(source):
    for folder in ("covid", "normal", "masks"):
        shutil.rmtree(source / folder)
    found = check_dataset(source)
    assert not found.ok
    assert found.sentences() == [
        "No X-rays are here. Run `python -m covidlab dataset import SRC` to fill the data set."
    ]


def test_check_dataset_no_such_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no such folder: .*nowhere"):
        check_dataset(tmp_path / "nowhere")


@pytest.mark.curated
def test_import_curated_of_the_fifty_is_verified_and_changes_nothing_at_the_source(curated, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in curated.glob("*/*")}
    result = import_curated(curated, tmp_path / "target")
    assert result.num_copied == 100
    assert {path: path.stat().st_mtime_ns for path in curated.glob("*/*")} == before


@pytest.mark.curated
def test_check_dataset_curated_is_sound_and_seven_films_are_ap(curated):
    found = check_dataset(curated)
    assert found.ok
    assert (found.num_films, found.num_positive, len(found.view_contradictions)) == (50, 25, 7)
    assert "7 of the 25 X-rays of class covid are AP" in found.sentences()[1]


@pytest.mark.curated
def test_check_films_without_any_mask_is_a_note_and_not_a_fault(curated, tmp_path):
    source = tmp_path / "X-rays only"
    for part in ("covid", "normal"):
        shutil.copytree(curated / part, source / part)
    import_curated(source, tmp_path / "target")
    result = check_dataset(tmp_path / "target")
    assert result.ok
    assert any("lung masks are not here" in sentence for sentence in result.sentences())
