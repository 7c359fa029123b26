"""The same X-ray in two classes."""

import shutil

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.cautions import cautions
from covidlab.data.checking import check_dataset
from covidlab.data.conflicts import describe_conflicts, find_conflicts


@pytest.fixture
def conflicting(make_dataset):
    """Six of each class; two X-rays of class covid are also in class normal, one is in its own class twice."""
    root = make_dataset(films_per_patient=1)
    (root / "metadata.csv").unlink()
    for number in (1, 3):
        shutil.copy(root / f"covid/film-00{number}.png", root / f"normal/again-{number}.png")
    shutil.copy(root / "covid/film-005.png", root / "covid/again.png")
    return root


PAIRS = [["covid/film-001.png", "normal/again-1.png"], ["covid/film-003.png", "normal/again-3.png"]]


def test_find_conflicts_names_the_files_of_both_classes(conflicting, make_dataset):
    assert find_conflicts(load_catalog(conflicting).films) == PAIRS
    assert find_conflicts(load_catalog(make_dataset(name="other")).films) == []


def test_describe_conflicts_says_the_number_and_some_names():
    assert describe_conflicts([]) == ""
    assert describe_conflicts(PAIRS).startswith(
        "2 X-rays are in two classes: covid/film-001.png and normal/again-1.png, covid/film-003.png and normal/again-3.png. "
    )
    assert describe_conflicts(PAIRS[:1]).startswith("1 X-ray is in two classes: ")
    assert " and 6 more. No model" in describe_conflicts([["a/1", "b/1"]] * 7, most=1)


def test_check_dataset_names_every_conflict_once_and_is_not_ok(conflicting):
    result = check_dataset(conflicting)
    assert (result.ok, result.conflicts) == (False, tuple(map(tuple, PAIRS)))
    said = "\n".join(result.sentences())
    assert said.count("normal/again-1.png") == 1
    assert "The same content 2 times: covid/again.png, covid/film-005.png." in said


def test_check_dataset_of_a_split_that_came_with_the_set_looks_at_classes_and_not_at_folders(make_dataset):
    root = make_dataset(name="parts")
    for part in ("train", "test"):
        for kind in ("covid", "normal"):
            shutil.copytree(root / kind, root / part / kind)
    for kind in ("covid", "normal"):
        shutil.rmtree(root / kind)
    assert check_dataset(root).conflicts == ()


def test_cautions_say_conflicts_before_a_training(conflicting):
    assert cautions(load_catalog(conflicting))[0].startswith("2 X-rays are in two classes")
