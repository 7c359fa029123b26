"""The check names what is wrong with a folder, and every file that is not used."""

import shutil

import numpy as np
import pytest
from PIL import Image

from covidlab.data import catalog_checks
from covidlab.data.checking import check_dataset
from covidlab.data.curated import import_curated
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import DataError


def test_check_dataset_names_each_fault(source):
    (source / "covid/film-000.png").unlink()
    shutil.copy(source / "covid/film-003.png", source / "covid/film-002.png")
    normal = source / "normal/film-000.png"
    normal.write_bytes(normal.read_bytes()[:-30])
    Image.fromarray(np.full((80, 80), 3, np.uint8)).save(source / "normal/extra.png")
    found = check_dataset(source)
    assert found.missing == ("covid/film-000.png",)
    assert found.changed == ("covid/film-002.png", "normal/film-000.png")
    assert [file for file, _ in found.unreadable] == ["normal/film-000.png"]
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
    assert any('"PA only" does not hold: 1 of the 4 X-rays' in sentence for sentence in found.sentences())


def test_check_dataset_of_another_set_says_nothing_of_views(source, make_dataset):
    found = check_dataset(make_dataset({"ill": 2, "well": 2}, name="other"))
    assert found.ok
    assert found.sentences() == [
        "4 X-rays were checked: nothing is wrong.",
        f"Understood as one folder for each class: ill 2, well 2. {PATIENTS_NOT_KNOWN}",
    ]


def test_check_dataset_without_films_proposes_to_import_only_where_the_fifty_belong(source, monkeypatch):
    for folder in ("covid", "normal", "masks"):
        shutil.rmtree(source / folder)
    found = check_dataset(source)
    assert not found.ok
    assert found.sentences() == [f"There are no X-rays in the folder {source}."]
    monkeypatch.setattr(catalog_checks, "OWN_DATASET", source)
    assert check_dataset(source).sentences()[0].endswith("Run `python -m covidlab dataset import SRC` to fill it.")


def test_check_dataset_no_such_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no such folder: .*nowhere"):
        check_dataset(tmp_path / "nowhere")


@pytest.mark.curated
def test_check_dataset_curated_is_sound_and_seven_films_are_ap(curated):
    found = check_dataset(curated)
    assert found.ok
    assert (found.num_films, found.num_positive, len(found.view_contradictions)) == (50, 25, 7)
    assert any("7 of the 25 X-rays of class covid are AP" in sentence for sentence in found.sentences())


@pytest.mark.curated
def test_check_films_without_any_mask_is_a_note_and_not_a_fault(curated, tmp_path):
    source = tmp_path / "X-rays only"
    for part in ("covid", "normal"):
        shutil.copytree(curated / part, source / part)
    import_curated(source, tmp_path / "target")
    result = check_dataset(tmp_path / "target")
    assert result.ok
    assert any("lung masks are not here" in sentence for sentence in result.sentences())


def test_check_dataset_names_every_file_that_is_not_used(make_dataset):
    root = make_dataset({"covid": 21, "normal": 20})
    for name in ("covid/LICENSE", "covid/Icon\r", "normal/._a.png", "masks/a.png", "sheet.pdf"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    (root / "normal/from_article.png").write_bytes(b"RIFF\0\0\0\0WEBPVP8 ")
    text = "\n".join(check_dataset(root).sentences())
    assert "1 file is not readable as an X-ray (passed over): normal/from_article.png." in text
    assert "Not used, no pictures (2): covid/LICENSE, sheet.pdf." in text
    assert "Not used, masks (1): masks/a.png." in text
    assert "Not used, hidden files and files of the operating system (2): covid/Icon\r, normal/._a.png." in text


def test_check_dataset_says_why_a_folder_is_not_understood(make_dataset):
    found = check_dataset(make_dataset({"images": 3}))
    assert not found.ok
    assert found.sentences()[0].startswith("At least two classes are needed")


def test_check_dataset_notes_a_file_that_ends_early_but_is_whole(make_dataset):
    root = make_dataset()
    path = root / "covid/film-000.png"
    path.write_bytes(path.read_bytes()[:-2])
    assert check_dataset(root).notes == ("covid/film-000.png: The file ends some bytes early; its picture is whole.",)
