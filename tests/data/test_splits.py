"""Splits: whole patients on one side, every class on both, the same for the same seed."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.splits import given_split, grouped_folds, has_given_split, require_two_patients, split_films
from covidlab.errors import DataError


def catalog_of(films: list[tuple[str, str]]) -> Catalog:
    """Catalog of (class, patient) pairs, without files."""
    table = pd.DataFrame(films, columns=["class", "patient_id"])
    table["file"] = [f"{name}/{number}" for number, name in enumerate(table["class"])]
    classes = tuple(sorted(set(table["class"])))
    return Catalog(Path("set"), table, classes, classes[0], True, True)


def catalog_with(patients: dict[str, list[int]]) -> Catalog:
    """Catalog with the films of each patient, by class: {"covid": [4, 1, 1], ...}."""
    return catalog_of(
        [(name, f"{name}-{p}") for name, sizes in patients.items() for p, size in enumerate(sizes) for _ in range(size)]
    )


def patients_of(catalog: Catalog, rows: np.ndarray) -> set[str]:
    return set(catalog.films["patient_id"].iloc[rows])


CURATED_SIZES = {"covid": [4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1], "normal": [1] * 25}
AWKWARD = (
    {"covid": [10, 10], "normal": [1, 1]},
    {"covid": [1, 9], "normal": [5, 5, 5]},
    {"a": [2, 2, 2], "b": [3, 3], "c": [1] * 40},
    {"covid": [30] + [1] * 3, "normal": [7] * 8},
)


@pytest.mark.parametrize("seed", range(20))
def test_split_films_by_patient_takes_a_fifth_of_each_class_in_whole_patients(seed):
    catalog = catalog_with(CURATED_SIZES)
    split = split_films(catalog, by="patient", seed=seed)
    assert not patients_of(catalog, split.train) & patients_of(catalog, split.validation)
    assert np.bincount(catalog.labels[split.validation]).tolist() == [5, 5]
    assert sorted([*split.train, *split.validation]) == list(range(50))


@pytest.mark.parametrize("sizes", AWKWARD)
@pytest.mark.parametrize("seed", range(5))
def test_split_films_by_patient_has_every_class_on_both_sides(sizes, seed):
    catalog = catalog_with(sizes)
    split = split_films(catalog, by="patient", seed=seed)
    assert not patients_of(catalog, split.train) & patients_of(catalog, split.validation)
    for side in (split.train, split.validation):
        assert set(catalog.labels[side]) == set(range(len(sizes)))


def test_split_films_by_patient_keeps_a_patient_of_two_classes_together():
    films = [("covid", f"p{n}") for n in range(10)] + [("normal", f"p{n}") for n in range(5, 15)]
    catalog = catalog_of(films)
    for seed in range(10):
        split = split_films(catalog, by="patient", seed=seed)
        assert not patients_of(catalog, split.train) & patients_of(catalog, split.validation)
        assert set(catalog.labels[split.validation]) == {0, 1}


def test_split_films_by_patient_that_cannot_be_divided_is_refused():
    films = [("a", "p"), ("a", "q"), ("b", "q"), ("b", "r"), ("c", "r"), ("c", "p")]
    with pytest.raises(DataError, match="cannot be divided so that training and validation both have every class"):
        split_films(catalog_of(films), by="patient")


@pytest.mark.parametrize("by", ["patient", "image"])
def test_split_films_is_the_same_for_the_same_seed_only(by):
    catalog = catalog_with(CURATED_SIZES)
    first, again = split_films(catalog, by=by, seed=3), split_films(catalog, by=by, seed=3)
    other = split_films(catalog, by=by, seed=4)
    assert np.array_equal(first.validation, again.validation)
    assert not np.array_equal(first.validation, other.validation)


def test_split_films_by_image_is_the_published_split():
    catalog = catalog_with(CURATED_SIZES)
    split = split_films(catalog, by="image", seed=42)
    _, expected = train_test_split(np.arange(50), test_size=0.20, stratify=catalog.labels, random_state=42)
    assert split.validation.tolist() == sorted(expected)
    assert patients_of(catalog, split.train) & patients_of(catalog, split.validation)


def test_split_films_by_image_of_very_few_films_has_every_class():
    catalog = catalog_with({"a": [1, 1], "b": [1, 1], "c": [1, 1]})
    split = split_films(catalog, by="image")
    assert set(catalog.labels[split.validation]) == {0, 1, 2}


@pytest.mark.parametrize("by", ["patient", "image"])
def test_split_films_one_patient_in_a_class_is_refused(by):
    with pytest.raises(DataError, match=r"at least two patients in each class.* Received: 1 in normal\."):
        split_films(catalog_with({"covid": [1, 1], "normal": [8]}), by=by)


def test_require_two_patients_of_identical_films_names_the_class(make_dataset):
    root = make_dataset({"covid": 3, "normal": 1})
    content = (root / "normal/film-000.png").read_bytes()
    (root / "normal/copy.png").write_bytes(content)
    with pytest.raises(DataError, match="Received: 1 in normal"):
        require_two_patients(load_catalog(root))


@pytest.mark.parametrize("sizes", [CURATED_SIZES, *AWKWARD])
def test_grouped_folds_never_share_a_patient_and_cover_all_films(sizes):
    catalog = catalog_with(sizes)
    repeats = grouped_folds(catalog.labels, catalog.films["patient_id"].to_numpy(), num_repeats=3, seed=1)
    assert len(repeats) == 3
    for folds in repeats:
        assert sorted(np.concatenate([fold.validation for fold in folds])) == list(range(catalog.num_films))
        for fold in folds:
            assert not patients_of(catalog, fold.train) & patients_of(catalog, fold.validation)
            assert set(catalog.labels[fold.train]) == set(range(len(sizes)))


def test_grouped_folds_are_as_many_as_the_fewest_patients_of_a_class():
    catalog = catalog_with({"covid": [2, 1, 1], "normal": [1] * 20})
    repeats = grouped_folds(catalog.labels, catalog.films["patient_id"], num_repeats=2, seed=0)
    assert [len(folds) for folds in repeats] == [3, 3]


def test_grouped_folds_repeats_differ_and_are_the_same_for_the_same_seed():
    catalog = catalog_with(CURATED_SIZES)
    first, again = (grouped_folds(catalog.labels, catalog.films["patient_id"], num_repeats=2, seed=5) for _ in "ab")
    assert np.array_equal(first[1][0].validation, again[1][0].validation)
    assert not np.array_equal(first[0][0].validation, first[1][0].validation)


def test_grouped_folds_one_patient_in_a_class_is_refused():
    with pytest.raises(DataError, match=r"at least two patients in each class\. Received: 1"):
        grouped_folds(np.array([0, 0, 1, 1]), np.array(["a", "b", "c", "c"]), seed=0)


@pytest.mark.curated
def test_split_films_curated_original_protocol_shares_patients(curated):
    catalog = load_catalog(curated)
    split = split_films(catalog, by="image", seed=42)
    shared = patients_of(catalog, split.train) & patients_of(catalog, split.validation)
    assert shared
    assert all(patient.startswith("cohen-") for patient in shared)


@pytest.mark.parametrize("few", [2, 3, 5])
@pytest.mark.parametrize("many", [2, 7, 40, 98])
def test_split_films_by_image_has_every_class_on_both_sides(few, many):
    catalog = catalog_with({"covid": [1] * few, "normal": [1] * many})
    for seed in range(25):
        split = split_films(catalog, by="image", seed=seed)
        assert sorted([*split.train, *split.validation]) == list(range(few + many))
        assert set(catalog.labels[split.train]) == set(catalog.labels[split.validation]) == {0, 1}


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_split_films_by_image_of_any_share_has_every_class_on_both_sides(share):
    catalog = catalog_with({"a": [1] * 2, "b": [1] * 3, "c": [1] * 30})
    split = split_films(catalog, by="image", validation_share=share)
    assert set(catalog.labels[split.train]) == set(catalog.labels[split.validation]) == {0, 1, 2}


@pytest.mark.parametrize("sizes", [{"a": 20, "b": 30}, {"a": 5, "b": 95}, {"a": 4, "b": 4, "c": 12}])
def test_split_films_by_image_that_was_fine_stays_as_it_was(sizes):
    catalog = catalog_with({name: [1] * size for name, size in sizes.items()})
    wanted = max(math.ceil(0.2 * catalog.num_films), len(sizes))
    for seed in range(10):
        earlier = train_test_split(
            np.arange(catalog.num_films), test_size=wanted, stratify=catalog.labels, random_state=seed
        )
        assert split_films(catalog, by="image", seed=seed).validation.tolist() == sorted(earlier[1])


def test_split_films_of_unknown_patients_asks_for_different_x_rays(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 5, "normal": 1}))
    with pytest.raises(DataError, match=r"at least two different X-rays in each class.* Received: 1 in normal\."):
        split_films(catalog, by="image")


@pytest.fixture
def given(make_dataset):
    """A catalog of Kermany's form: parts above the classes."""
    root = make_dataset({"train/covid": 4, "train/normal": 3, "val/covid": 1, "val/normal": 1, "test/normal": 2})
    return load_catalog(root)


def test_given_split_trains_on_train_and_validates_on_all_others(given):
    split = given_split(given)
    parts = given.films["given_part"]
    assert has_given_split(given)
    assert set(parts[split.train]) == {"train"}
    assert set(parts[split.validation]) == {"validation", "test"}
    assert (len(split.train), len(split.validation)) == (7, 4)


def test_given_split_without_a_class_in_validation_says_so(make_dataset):
    catalog = load_catalog(make_dataset({"train/covid": 4, "train/normal": 3, "test/normal": 2}))
    with pytest.raises(DataError, match=r"has no X-ray of covid in validation, so it cannot be kept"):
        given_split(catalog)


def test_has_given_split_is_false_for_plain_class_folders(make_dataset):
    assert not has_given_split(load_catalog(make_dataset()))
