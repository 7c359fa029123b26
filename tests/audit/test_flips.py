"""Labels flipped and X-rays dropped in training: whose answers change, and by how much more than another seed does."""

import json

import numpy as np
import pytest

from covidlab.audit import flips
from covidlab.audit.flips_text import patient_rows, sentences
from covidlab.errors import UsageError
from tests.audit.made_up import MadeUpData, context


@pytest.fixture
def data(make_dataset) -> MadeUpData:
    return MadeUpData(make_dataset({"covid": 12, "normal": 12}, films_per_patient=2), signal=4.0)


def test_flips_of_most_labels_turn_the_answers_round(data):
    files = data.catalog.films["file"].tolist()
    found = flips.compute(data, context({"flip": files}))
    json.dumps(found, allow_nan=False)
    assert found["before"]["accuracy"]["value"] > 0.9 and found["after"]["accuracy"]["value"] < 0.1
    assert found["changed"] == 12 and all(each["changed"] and each["touched"] for each in found["patients"])
    assert found["difference"]["high"] < -0.5
    assert any("More answers change than with any of these seeds." in sentence for sentence in sentences(found))


def test_flips_of_nothing_but_one_drop_change_no_more_than_a_seed(data):
    found = flips.compute(data, context({"drop": ["covid/film-000.png"]}))
    assert found["changed"] == 0 and found["moved"] < 0.05 and len(found["seeds"]) == flips.NUM_OTHER_SEEDS
    assert [each["Own label changed"] for each in patient_rows(found)].count(True) == 1
    moves = [abs(each["after"] - each["before"]) for each in found["patients"]]
    assert moves == sorted(moves, reverse=True)


def test_flips_drop_an_xray_from_every_training_part(data):
    splits = flips._without(data, [0, 5])
    assert all(not {0, 5} & set(split.train) for split in splits)
    assert all((one.validation == two.validation).all() for one, two in zip(splits, data.splits, strict=True))


def test_flips_of_three_classes_go_to_the_largest_other_one(make_dataset):
    data = MadeUpData(make_dataset({"covid": 4, "normal": 6, "other": 4}), signal=1.0)
    assert data.catalog.classes == ("covid", "normal", "other")
    assert np.flatnonzero(flips._flipped(data, [0, 13]) != data.labels).tolist() == [0, 13]
    assert flips._flipped(data, [0, 13])[[0, 13]].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Received: none"),
        ({"flip": ["covid/other.png"]}, "Received: covid/other.png"),
        ({"drop": [f"covid/film-{number:03d}.png" for number in range(12)]}, "no X-ray left"),
    ],
)
def test_flips_refuse_what_cannot_be_done(data, options, said):
    with pytest.raises(UsageError, match=said):
        flips.compute(data, context(options))
