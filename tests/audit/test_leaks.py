"""Duplicates and leaks: the same content, what looks alike, and patients on both sides of a split."""

import json
import shutil

import numpy as np
import pytest

from covidlab.audit import leaks
from covidlab.audit.leaks_text import patient_rows, sentences
from covidlab.data.splits import Split
from tests.audit.made_up import MadeUpData, context
from tests.conftest import write_table


def found_in(root) -> dict:
    found = leaks.compute(MadeUpData(root, signal=1.0), context())
    json.dumps(found, allow_nan=False)
    return found


def test_leaks_of_patients_with_two_xrays_are_in_the_image_split_alone(make_dataset):
    found = found_in(make_dataset({"covid": 12, "normal": 12}, films_per_patient=2))
    run, image = found["splits"]
    assert (run["name"], run["num_shared"], run["patients"]) == ("run", 0, [])
    assert image["name"] == "image" and image["num_shared"] == len(image["patients"]) > 0
    assert all(each["training"] and each["validation"] for each in image["patients"])
    assert found["folds"] == {"repeats": 2, "folds": 5, "shared": 0}
    assert patient_rows(image)[0]["In training"] == image["patients"][0]["training"][0]


def test_leaks_name_the_same_content_in_two_classes(make_dataset):
    root = make_dataset()
    shutil.copy(root / "covid" / "film-000.png", root / "normal" / "copy.png")
    found = found_in(root)
    assert [[each["file"] for each in group] for group in found["exact"]] == [["covid/film-000.png", "normal/copy.png"]]
    assert "1 of them is in more than one class." in sentences(found)[0]


def test_leaks_of_unknown_patients_are_not_counted(make_dataset):
    found = found_in(make_dataset())
    assert all(split["num_shared"] is None for split in found["splits"])
    assert any("Patients are not known" in sentence for sentence in sentences(found))


def test_leaks_follow_the_split_that_came_with_the_set(make_dataset):
    root = make_dataset({"covid": 4, "normal": 4})
    parts = ["train", "test", "train", "train"] * 2
    files = [f"{kind}/film-{number:03d}.png" for kind in ("covid", "normal") for number in range(4)]
    patients = ["a", "a", "b", "c", "d", "e", "f", "g"]
    rows = [
        {"file": file, "patient_id": patient, "split": part}
        for file, patient, part in zip(files, patients, parts, strict=True)
    ]
    write_table(root / "metadata.csv", rows)
    given = next(split for split in found_in(root)["splits"] if split["name"] == "given")
    assert given["patients"] == [
        {"patient": "a", "training": ["covid/film-000.png"], "validation": ["covid/film-001.png"]}
    ]
    assert (given["training"], given["validation"], given["num_validation_shared"]) == (6, 2, 1)


def test_near_pairs_are_those_within_so_many_bits():
    bits = np.zeros((3, 32), np.uint8)
    bits[1, 0], bits[2] = 0b111, 255
    assert list(leaks.near_pairs(bits, 3)) == [(1, 0, 3)]
    assert list(leaks.near_pairs(bits, 2)) == []


def test_shared_patients_are_those_on_both_sides():
    split = Split(np.array([0, 1]), np.array([2, 3]))
    assert leaks.shared_patients(split, np.array(["a", "b", "b", "c"])) == ["b"]
    with pytest.raises(IndexError, match="out of bounds"):
        leaks.shared_patients(split, np.array(["a"]))
