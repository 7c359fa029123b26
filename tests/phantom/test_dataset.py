"""Sets of phantoms: whole, repeatable, read by the rest of the product, and never over someone else's files."""

import csv
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.checking import check_dataset
from covidlab.errors import StorageError, UsageError
from covidlab.imaging.decode import decode_file
from covidlab.phantom import dataset as phantom_module
from covidlab.phantom.dataset import COLUMNS, PhantomConfig, is_phantom_set, make_phantoms

REPOSITORY = Path(__file__).resolve().parents[2]


def small(**settings) -> PhantomConfig:
    return PhantomConfig(**{"num_films": 6, "size": 128} | settings)


def contents(folder) -> dict[str, str]:
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def table(folder) -> list[dict]:
    with open(folder / "metadata.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def phantoms(tmp_path):
    make_phantoms(tmp_path / "phantoms", small(shortcut="letter", shortcut_strength=1.0))
    return tmp_path / "phantoms"


def test_make_phantoms_is_read_by_the_catalog(phantoms):
    catalog = load_catalog(phantoms)
    assert (catalog.num_films, catalog.classes, catalog.num_patients) == (6, ("covid", "normal"), 6)
    assert catalog.patients_known
    assert set(catalog.films["view_position"]) == {"PA"}
    assert set(catalog.films["finding"]) == {"synthetic opacities", "no opacity (synthetic)"}
    assert all(catalog.mask_path(file).is_file() for file in catalog.films["file"])


def test_make_phantoms_passes_the_check_of_data_sets(phantoms):
    result = check_dataset(phantoms)
    assert result.ok and result.num_films == 6 and not result.duplicates


def test_make_phantoms_metadata_has_every_column_of_the_curated_set():
    with open(REPOSITORY / "dataset" / "metadata.csv", newline="", encoding="utf-8") as file:
        assert set(next(csv.reader(file))) <= set(COLUMNS)


def test_make_phantoms_metadata_tells_of_the_files(phantoms):
    for row in table(phantoms):
        data = (phantoms / row["file"]).read_bytes()
        assert (row["sha256"], int(row["bytes"])) == (hashlib.sha256(data).hexdigest(), len(data))
        assert (row["synthetic"], row["licence"], row["source"]) == ("1", "CC0", "synthetic (covidlab phantom)")
        assert "seed 42" in row["notes"] and "lesion_extent 0.5" in row["notes"]
        assert (float(row["lesion_extent"]) > 0) == (row["class"] == "covid")


def test_make_phantoms_masks_lie_where_metadata_says(phantoms):
    for row in table(phantoms):
        film = decode_file(phantoms / row["file"])
        lung = decode_file(phantoms / row["mask"]).pixels[..., 0] > 0
        opacity = decode_file(phantoms / row["opacity_mask"]).pixels[..., 0] > 0
        assert film.pixels.shape[:2] == lung.shape == opacity.shape == (128, 128)
        assert opacity.any() == (row["class"] == "covid") and not (opacity & ~lung).any()
        assert float(row["lesion_extent"]) == pytest.approx(opacity.sum() / lung.sum(), abs=1e-4)


def test_make_phantoms_letter_of_strength_one_is_with_opacities_only(phantoms):
    for row in table(phantoms):
        assert (row["shortcut"], row["shortcut_present"]) == ("letter", str(int(row["class"] == "covid")))
        assert row["panel_letter_or_caption"] == row["shortcut_present"]
        assert bool(row["shortcut_mask"]) == (row["class"] == "covid")
        if row["shortcut_mask"]:
            assert cv2.imread(str(phantoms / row["shortcut_mask"]), cv2.IMREAD_GRAYSCALE).any()


def test_make_phantoms_again_writes_the_same_bytes(phantoms, tmp_path):
    make_phantoms(tmp_path / "again", small(shortcut="letter", shortcut_strength=1.0))
    assert contents(tmp_path / "again") == contents(phantoms)


def test_make_phantoms_of_another_seed_shares_no_film(tmp_path):
    make_phantoms(tmp_path / "one", small(num_films=3, seed=1))
    make_phantoms(tmp_path / "two", small(num_films=3, seed=2))
    assert not {row["sha256"] for row in table(tmp_path / "one")} & {row["sha256"] for row in table(tmp_path / "two")}


def test_make_phantoms_first_films_do_not_depend_on_the_number(tmp_path):
    make_phantoms(tmp_path / "few", small(num_films=3))
    make_phantoms(tmp_path / "more", small(num_films=5))
    few, more = table(tmp_path / "few"), table(tmp_path / "more")
    assert few == more[:3]


def test_make_phantoms_into_a_larger_earlier_set_leaves_nothing_of_it(tmp_path):
    folder = tmp_path / "phantoms"
    make_phantoms(folder, small(num_films=6, seed=1))
    make_phantoms(folder, small(num_films=3))
    make_phantoms(tmp_path / "fresh", small(num_films=3))
    assert contents(folder) == contents(tmp_path / "fresh")


def test_make_phantoms_cut_off_leaves_no_table_and_can_be_repeated(phantoms, tmp_path, monkeypatch):
    folder, make_phantom = tmp_path / "cut", phantom_module.make_phantom

    def cut_off(config, number):
        if number == 3:
            raise StorageError("The disk is full.")
        return make_phantom(config, number)

    config = small(shortcut="letter", shortcut_strength=1.0)
    monkeypatch.setattr(phantom_module, "make_phantom", cut_off)
    with pytest.raises(StorageError, match="disk is full"):
        make_phantoms(folder, config)
    assert not is_phantom_set(folder) and not (folder / "metadata.csv").exists()
    for left in (".metadata.tmp-1.csv", "covid/.phantom-00002.tmp-x.jpg"):
        (folder / left).write_bytes(b"left by a kill")
    monkeypatch.undo()
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path))
    make_phantoms(folder, config)
    assert is_phantom_set(folder) and contents(folder) == contents(phantoms)


def test_make_phantoms_folder_of_others_is_refused_untouched(make_dataset):
    folder = make_dataset()
    before = contents(folder)
    with pytest.raises(UsageError, match=r"new, empty or hold an earlier set of phantoms. Received"):
        make_phantoms(folder, small())
    assert contents(folder) == before and not is_phantom_set(folder)


def test_make_phantoms_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UsageError, match="which is a file"):
        make_phantoms(tmp_path / "taken", small())


def test_make_phantoms_invalid_settings_write_nothing(tmp_path):
    with pytest.raises(UsageError, match=r"size must be a whole number between 128 and 1,024. Received: 64"):
        make_phantoms(tmp_path / "phantoms", PhantomConfig(size=64))
    assert not (tmp_path / "phantoms").exists()


def test_make_phantoms_keeps_films_a_person_added(phantoms):
    (phantoms / "covid" / "mine.jpg").write_bytes((phantoms / table(phantoms)[1]["file"]).read_bytes())
    make_phantoms(phantoms, small())
    assert (phantoms / "covid" / "mine.jpg").is_file()


def test_make_phantoms_tells_progress_and_sums_up(tmp_path):
    seen = []
    config = small(num_films=7, positive_share=0.3, films_per_patient=2)
    summary = make_phantoms(tmp_path / "phantoms", config, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 7) for done in range(1, 8)]
    assert (summary.num_films, summary.num_positive, summary.num_patients) == (7, 2, 4)
    assert summary.num_bytes == sum(int(row["bytes"]) for row in table(tmp_path / "phantoms"))


def test_make_phantoms_settings_are_kept_in_the_folder(phantoms):
    kept = json.loads((phantoms / "phantom.json").read_text())
    assert PhantomConfig(**kept["config"]) == small(shortcut="letter", shortcut_strength=1.0)


def test_make_phantoms_jpeg_colour_shortcut_is_in_the_file_only(tmp_path):
    make_phantoms(tmp_path / "phantoms", small(shortcut="jpeg_colour", shortcut_strength=1.0))
    catalog = load_catalog(tmp_path / "phantoms")
    assert list(catalog.films["channels"]) == [3 if kind == "covid" else 1 for kind in catalog.films["class"]]
    assert not any(catalog.films["shortcut_mask"])


def test_make_phantoms_films_are_grey_whatever_their_channels(phantoms):
    for row in table(phantoms):
        pixels = decode_file(phantoms / row["file"]).pixels.astype(int)
        assert np.ptp(pixels, axis=2).max() == 0
