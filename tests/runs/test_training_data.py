"""Which X-rays a model learned from is said with their number, their set, and whether they are synthetic."""

import pytest

from covidlab.files import read_json
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.training_data import describe_training_data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "curated", "num_training": 40, "num_training_synthetic": 0}, "40 X-rays of curated"),
        ({"name": "mine", "num_training": 40, "num_training_synthetic": 3}, "40 X-rays of mine, 3 of them synthetic"),
        ({"name": "mine", "num_training": 19, "num_training_synthetic": 19}, "19 synthetic X-rays of mine"),
        ({"name": "phantoms", "num_training": 19}, "19 synthetic X-rays of phantoms"),
        ({"name": "curated", "num_training": 1}, "1 X-ray of curated"),
        ({}, "0 X-rays"),
    ],
)
def test_training_data_names_number_set_and_kind(data, words):
    assert describe_training_data(data) == words


def test_training_data_of_the_shipped_model_are_the_fifty():
    assert describe_training_data(read_json(DEFAULT_MODEL / "run.json")["data"]) == "50 X-rays of the curated fifty"
