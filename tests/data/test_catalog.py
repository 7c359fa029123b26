"""Any folder of class folders becomes one table; what does not fit is said in one sentence."""

import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covidlab.data.catalog import load_catalog
from covidlab.data.metadata import read_metadata
from covidlab.errors import DataError, UnreadableImage

PROMISED = ["file", "class", "finding", "patient_id", "age_group", "view_position"]
PROMISED += ["sha256", "width", "height", "channels", "bytes", "mask", "given_part"]


def write_metadata(root: Path, rows: list[dict]) -> None:
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_load_catalog_without_metadata_counts_each_content_as_a_patient(make_dataset):
    root = make_dataset({"covid": 4, "normal": 3})
    shutil.copy(root / "covid/film-000.png", root / "covid/again.png")
    catalog = load_catalog(root)
    assert (catalog.num_films, catalog.num_patients) == (8, None)
    assert catalog.films["patient_id"].nunique() == 7
    assert not catalog.has_metadata
    assert not catalog.patients_known


def test_load_catalog_has_the_promised_columns_sorted_by_file(make_dataset):
    films = load_catalog(make_dataset()).films
    assert list(films.columns) == PROMISED
    assert list(films["file"]) == sorted(films["file"])
    assert list(films.index) == list(range(12))
    assert films.loc[0, ["width", "height", "channels"]].tolist() == [96, 80, 1]
    assert set(films["finding"]) | set(films["age_group"]) | set(films["view_position"]) == {"not stated"}


def test_load_catalog_labels_follow_the_sorted_folder_names(make_dataset):
    catalog = load_catalog(make_dataset({"normal": 2, "covid": 3, "other": 1}))
    assert catalog.classes == ("covid", "normal", "other")
    assert catalog.labels.tolist() == [0, 0, 0, 1, 1, 2]
    assert np.issubdtype(catalog.labels.dtype, np.integer)
    assert (catalog.positive_class, catalog.positive_index) == ("covid", 0)
    assert catalog.name == "films"


def test_load_catalog_with_two_columns_of_metadata_knows_patients(make_dataset):
    catalog = load_catalog(make_dataset(films_per_patient=2))
    assert catalog.has_metadata
    assert catalog.patients_known
    assert catalog.num_patients == 6


def test_load_catalog_film_not_listed_is_a_patient_of_its_own(make_dataset):
    root = make_dataset(films_per_patient=2)
    Image.fromarray(np.full((80, 80), 9, np.uint8)).save(root / "covid/extra.png")
    shutil.copy(root / "covid/film-000.png", root / "covid/twin.png")
    catalog = load_catalog(root)
    assert not catalog.patients_known
    assert catalog.row("covid/extra.png")["patient_id"].startswith("content-")
    assert catalog.row("covid/twin.png")["patient_id"] == "covid-0"


def test_load_catalog_keeps_further_columns_as_strings(make_dataset):
    root = make_dataset({"covid": 1, "normal": 1})
    write_metadata(root, [{"file": "covid/film-000.png", "patient_id": "007", "sex": "NA", "offset_days": "3"}])
    catalog = load_catalog(root)
    assert catalog.row("covid/film-000.png")[["patient_id", "sex", "offset_days"]].tolist() == ["007", "NA", "3"]
    assert catalog.row("normal/film-000.png")[["sex", "offset_days"]].tolist() == ["", ""]


def test_load_catalog_measures_what_metadata_claims(make_dataset):
    root = make_dataset({"covid": 1, "normal": 1})
    write_metadata(root, [{"file": "covid/film-000.png", "patient_id": "a", "class": "x", "sha256": "0", "width": "1"}])
    row = load_catalog(root).row("covid/film-000.png")
    assert (row["class"], row["width"], len(row["sha256"])) == ("covid", 96, 64)


def test_load_catalog_printed_view_wins_over_metadata(make_dataset):
    root = make_dataset({"covid": 2, "normal": 1})
    views = [
        {"view_printed_on_image": "AP", "view_metadata": "PA"},
        {"view_printed_on_image": "", "view_metadata": "PA"},
    ]
    write_metadata(root, [{"file": f"covid/film-00{n}.png", "patient_id": "a", **view} for n, view in enumerate(views)])
    assert load_catalog(root).films["view_position"].tolist() == ["AP", "PA", "not stated"]


def test_load_catalog_mask_is_kept_only_where_it_is_inside_and_there(make_dataset):
    root = make_dataset({"covid": 3, "normal": 1})
    (root / "masks").mkdir()
    Image.fromarray(np.zeros((80, 96), np.uint8)).save(root / "masks/a.png")
    masks = ["masks/a.png", "masks/gone.png", "../films/masks/a.png"]
    write_metadata(root, [{"file": f"covid/film-00{n}.png", "patient_id": n, "mask": m} for n, m in enumerate(masks)])
    catalog = load_catalog(root)
    assert catalog.films["mask"].tolist() == ["masks/a.png", "", "", ""]
    assert catalog.mask_path("covid/film-000.png") == root / "masks/a.png"
    assert catalog.mask_path("covid/film-001.png") is None


def test_load_catalog_ignores_masks_hidden_files_and_other_kinds(make_dataset):
    root = make_dataset({"covid": 2, "normal": 2})
    shutil.copytree(root / "covid", root / "masks")
    shutil.copytree(root / "covid", root / ".cache")
    for name in (".DS_Store", ".film.png", "notes.txt", "Thumbs.db"):
        (root / "covid" / name).write_text("no X-ray")
    (root / "empty").mkdir()
    catalog = load_catalog(root)
    assert (catalog.classes, catalog.num_films) == (("covid", "normal"), 4)


def test_load_catalog_reads_films_without_extension(make_dataset):
    root = make_dataset({"covid": 2, "normal": 2})
    (root / "covid/film-000.png").rename(root / "covid/IM0001")
    assert "covid/IM0001" in set(load_catalog(root).films["file"])


@pytest.mark.parametrize("name", ["an X-ray.png", 'O\'Neil "x".png', "שלום עולם.png", "a,b\nc.png", "%2e%2e&<b>.png"])
def test_load_catalog_keeps_unusual_names(make_dataset, name):
    root = make_dataset({"covid": 2, "normal": 2})
    (root / "covid/film-000.png").rename(root / "covid" / name)
    for _ in range(2):  # measured, then from the index
        catalog = load_catalog(root)
        assert catalog.film_path(f"covid/{name}") == root / "covid" / name


def test_load_catalog_unusual_names_are_found_in_metadata(make_dataset):
    root = make_dataset({"covid": 2, "normal": 2})
    name = 'covid/אבג, "1" x.png'
    (root / "covid/film-000.png").rename(root / name)
    write_metadata(root, [{"file": name, "patient_id": "a"}])
    assert load_catalog(root).row(name)["patient_id"] == "a"


@pytest.mark.skipif(os.name != "posix", reason="only POSIX file names may be other than text")
def test_load_catalog_name_that_is_no_utf8_is_refused(make_dataset):
    root = make_dataset({"covid": 2, "normal": 2})
    try:
        os.rename(root / "covid/film-000.png", os.fsencode(root / "covid") + b"/\xff.png")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with pytest.raises(UnreadableImage, match=r"not valid UTF-8\. Rename the file"):
        load_catalog(root)


def test_load_catalog_no_such_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=r"There is no such folder: .*nowhere\."):
        load_catalog(tmp_path / "nowhere")


def test_load_catalog_empty_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=rf"^There are no X-rays in the folder {tmp_path}\.$"):
        load_catalog(tmp_path)


def test_load_catalog_folder_of_zip_files_says_how_to_add_them(tmp_path):
    (tmp_path / "covid.zip").write_bytes(b"PK")
    with pytest.raises(
        DataError, match=r"It holds 1 ZIP file: covid\.zip\. Add .* `python -m covidlab dataset add SRC"
    ):
        load_catalog(tmp_path)


def test_load_catalog_one_class_is_refused_with_what_the_folder_holds(make_dataset):
    expected = r"At least two classes .* Received: one class, covid\. The folder .* holds 3 pictures: 3 in covid\."
    with pytest.raises(DataError, match=expected):
        load_catalog(make_dataset({"covid": 3}))


def test_load_catalog_folder_that_is_not_understood_is_not_called_empty(make_dataset):
    root = make_dataset({"images": 3})
    with pytest.raises(DataError, match=r"Received: not understood\. The folder .* holds 3 pictures: 3 in images\."):
        load_catalog(root)


@pytest.mark.parametrize("content", [b"", b"no X-ray at all", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"GIF89a"])
def test_load_catalog_few_files_that_are_no_films_are_passed_over_and_named(make_dataset, content):
    root = make_dataset({"covid": 10, "normal": 9})
    (root / "normal/broken.jpg").write_bytes(content)
    catalog = load_catalog(root)
    (left,) = catalog.left_out
    assert (catalog.num_films, left.reason, left.files) == (19, "cannot be read", ("normal/broken.jpg",))
    assert left.why["normal/broken.jpg"].startswith("normal/broken.jpg cannot be read: ")


def test_load_catalog_many_files_that_are_no_films_are_all_named(make_dataset):
    root = make_dataset({"covid": 10, "normal": 8})
    for name in ("a.jpg", "b.gif"):
        (root / "normal" / name).write_bytes(b"")
    with pytest.raises(DataError, match=r"2 of 20 pictures cannot be read; up to 5 % .*normal/a\.jpg .*normal/b\.gif "):
        load_catalog(root)


def test_load_catalog_listed_files_that_are_missing_are_named(make_dataset):
    root = make_dataset({"covid": 6, "normal": 2}, films_per_patient=1)
    for number in range(5):
        (root / f"covid/film-00{number}.png").unlink()
    expected = r"lists 5 X-rays that are not there: covid/film-000\.png, .*film-002\.png and 2 more\."
    with pytest.raises(DataError, match=expected):
        load_catalog(root)


def test_load_catalog_listed_file_outside_the_folder_is_missing(make_dataset):
    root = make_dataset({"covid": 2, "normal": 2})
    write_metadata(root, [{"file": "../elsewhere/covid/film-009.png", "patient_id": "a"}])
    with pytest.raises(DataError, match="lists 1 X-ray that is not there"):
        load_catalog(root)


def test_load_catalog_without_covid_asks_for_the_positive_class(make_dataset):
    root = make_dataset({"ill": 2, "well": 2})
    with pytest.raises(DataError, match=r"--positive-class, one of ill, well\. There is no class covid"):
        load_catalog(root)
    assert load_catalog(root, positive_class="well").positive_index == 1


def test_load_catalog_unknown_positive_class_is_refused(make_dataset):
    with pytest.raises(DataError, match=r"one of covid, normal. Received: Covid\."):
        load_catalog(make_dataset(), positive_class="Covid")


@pytest.mark.parametrize("file", ["covid/none.png", "../../etc/passwd", "", "masks/a.png"])
def test_film_path_of_a_film_that_is_not_there_is_refused(make_dataset, file):
    with pytest.raises(DataError, match="has no such X-ray"):
        load_catalog(make_dataset()).film_path(file)


def test_catalog_contains_the_files_of_its_films(make_dataset):
    catalog = load_catalog(make_dataset())
    assert all(file in catalog for file in catalog.films["file"])
    assert "covid/none.png" not in catalog


def test_value_is_that_of_the_row(make_dataset):
    catalog = load_catalog(make_dataset())
    for film in catalog.films.to_dict("records"):
        assert {name: catalog.value(film["file"], name) for name in film} == film


def test_rows_are_in_the_order_asked_and_have_the_columns_there_are(make_dataset):
    catalog = load_catalog(make_dataset())
    assert catalog.rows(["normal/film-001.png", "covid/film-000.png"], ("file", "class", "offset_days")) == [
        {"file": "normal/film-001.png", "class": "normal"},
        {"file": "covid/film-000.png", "class": "covid"},
    ]
    with pytest.raises(DataError, match="has no such X-ray"):
        catalog.rows(["covid/none.png"], ("file",))


def test_load_catalog_sees_a_changed_an_added_and_a_removed_film(make_dataset):
    root = make_dataset()
    before = load_catalog(root)
    shutil.copy(root / "covid/film-001.png", root / "covid/film-000.png")
    (root / "covid/film-005.png").rename(root / "covid/film-006.png")
    after = load_catalog(root)
    assert after.row("covid/film-000.png")["sha256"] == before.row("covid/film-001.png")["sha256"]
    assert after.film_path("covid/film-006.png").exists()
    assert after.fingerprint != before.fingerprint


def test_load_catalog_home_that_cannot_be_written_is_no_obstacle(make_dataset, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    assert load_catalog(make_dataset()).num_films == 12


def test_fingerprint_depends_on_patients_and_not_on_the_place(make_dataset):
    root = make_dataset(films_per_patient=2)
    moved = root.with_name("moved")
    shutil.copytree(root, moved)
    assert load_catalog(moved).fingerprint == load_catalog(root).fingerprint
    (moved / "metadata.csv").unlink()
    assert load_catalog(moved).fingerprint != load_catalog(root).fingerprint


@pytest.mark.curated
def test_load_catalog_curated_has_the_known_counts(curated):
    catalog = load_catalog(curated)
    films = catalog.films
    assert films["class"].value_counts().to_dict() == {"covid": 25, "normal": 25}
    assert films.groupby("class")["patient_id"].nunique().to_dict() == {"covid": 12, "normal": 25}
    assert catalog.patients_known
    covid_sizes = films[films["class"] == "covid"]["patient_id"].value_counts().tolist()
    assert covid_sizes == [4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1]


@pytest.mark.curated
def test_load_catalog_curated_findings_ages_and_views(curated):
    films = load_catalog(curated).films
    normal, covid = films[films["class"] == "normal"], films[films["class"] == "covid"]
    assert normal["finding"].value_counts().to_dict() == {
        "bacterial pneumonia": 12,
        "no finding": 7,
        "viral pneumonia": 6,
    }
    assert set(normal["age_group"]) == {"child"}
    assert set(covid["age_group"]) == {"adult", "not stated"}
    assert (covid["view_position"] == "AP").sum() == 7


@pytest.mark.curated
def test_load_catalog_curated_measures_what_the_list_says(curated):
    films, listed = load_catalog(curated).films, read_metadata(curated).sort_values("file")
    for column in ("sha256", "width", "height", "channels", "bytes"):
        assert films[column].astype(str).tolist() == listed[column].tolist()
    assert (films["mask"] != "").all()


def test_load_catalog_larger_has_three_classes_and_no_patients(larger):
    catalog = load_catalog(larger, positive_class="covid")
    assert catalog.films["class"].value_counts().to_dict() == {"no_finding": 500, "pneumonia": 500, "covid": 124}
    assert not catalog.has_metadata
    assert not catalog.patients_known
    assert catalog.films["patient_id"].nunique() == 1123  # two of the films have the same content
