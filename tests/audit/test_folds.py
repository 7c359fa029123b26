"""Cross-validation of an audit: by patient, with one patient left out, by image, against permuted classes."""

import json

import numpy as np
import pytest

from covidlab.audit import folds
from covidlab.audit.folds_text import sentences
from tests.audit.made_up import MadeUpData, context


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer splits by image and permutations: their number is no matter here."""
    for name, number in {"NUM_COUNTED": 20, "NUM_TRAINED": 4, "NUM_PERMUTATIONS": 99}.items():
        monkeypatch.setattr(folds, name, number)


@pytest.fixture
def root(make_dataset):
    return make_dataset({"covid": 12, "normal": 12}, films_per_patient=2)


def test_folds_of_classes_that_differ_are_all_right(root):
    found = folds.compute(MadeUpData(root, signal=8.0), context())
    json.dumps(found, allow_nan=False)
    assert (found["repeats"], found["folds"], found["num_patients"]) == (2, 5, 12)
    assert found["figures"]["accuracy"]["value"] == 1.0 and found["figures"]["accuracy"]["low"] < 0.9
    assert found["one_out"]["heads"] == 12 and found["one_out"]["figures"]["accuracy"]["value"] == 1.0
    assert found["permutation"]["p"] <= 0.05
    assert found["class_patients"] == {"covid": 6, "normal": 6}


def test_folds_of_classes_that_do_not_differ_are_chance(root):
    found = folds.compute(MadeUpData(root, signal=0.0), context())
    assert 0.2 < found["figures"]["accuracy"]["value"] < 0.8
    assert found["permutation"]["p"] > 0.05


def test_folds_give_of_every_xray_the_mean_and_the_range_over_repeats(root):
    data = MadeUpData(root, signal=0.5)
    found = folds.compute(data, context())
    held_out = data.held_out(data.train(data.view_features(), data.splits), data.features())
    of_positive = held_out[..., data.positive_index]
    assert [each["mean"] for each in found["xrays"]] == pytest.approx(of_positive.mean(axis=0), abs=1e-5)
    assert [each["lowest"] for each in found["xrays"]] == pytest.approx(of_positive.min(axis=0), abs=1e-5)
    right = ((of_positive >= 0.5) == (data.labels == data.positive_index)).mean(axis=1)
    assert found["spread"]["values"] == pytest.approx(right)
    assert found["spread"]["sd"] == pytest.approx(np.std(right, ddof=1))


def test_folds_of_one_repeat_have_no_spread(root):
    found = folds.compute(MadeUpData(root, signal=3.0, num_repeats=1), context(repeats=1))
    assert found["spread"]["sd"] is None
    assert not any("Spread" in sentence for sentence in sentences(found))


def test_folds_of_unknown_patients_say_so(make_dataset):
    found = folds.compute(MadeUpData(make_dataset(), signal=3.0), context())
    assert found["num_patients"] is None and found["class_patients"] is None and found["by_image"]["leaks"] is None
    said = " ".join(sentences(found))
    assert "Patients are not known." in said and "over X-rays" in said and "both sides" not in said
