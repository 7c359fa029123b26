"""What is said of heat against lungs, by the figures."""

import pytest

from covidlab.audit.attention_text import describe_lungs, describe_randomisation, sentences
from covidlab.prediction.explanation import Method


def mean(value: float, low: float, high: float) -> dict:
    return {"value": value, "low": low, "high": high, "n": 50, "num_patients": 37}


def found(ratio=(1.16, 1.06, 1.26), random=0.03) -> dict:
    shares = {"share": mean(0.4, 0.37, 0.43), "chance": mean(0.35, 0.33, 0.37), "ratio": mean(*ratio)}
    points = {"value": 0.18, "low": 0.07, "high": 0.39, "n": 20}
    phantoms = {
        "points": points,
        "chance_points": 0.07,
        "overlap": {"value": 0.14, "low": 0.1, "high": 0.17, "n": 20},
        "chance_overlap": {"value": 0.05, "low": 0.04, "high": 0.06, "n": 20},
    }
    return {
        "methods": {"grad-cam": shares},
        "randomisation": {
            "grad-cam": {"random": mean(random, random - 0.03, random + 0.03), "repeats": mean(0.5, 0.4, 0.6)}
        },
        "phantoms": {"methods": {"grad-cam": phantoms}},
    }


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        ((1.16, 1.06, 1.26), "more than chance"),
        ((0.8, 0.7, 0.9), "less than chance"),
        ((1.01, 0.9, 1.1), "cannot be told"),
    ],
)
def test_heat_is_held_against_chance_by_its_interval(ratio, said):
    assert said in describe_lungs(found(ratio), Method.GRAD_CAM)


@pytest.mark.parametrize(
    ("random", "said"),
    [(0.03, "This map depends on"), (0.78, "does not depend on what was learned"), (0.49, "cannot be told")],
)
def test_map_that_random_weights_give_too_is_said_not_to_depend_on_learning(random, said):
    assert said in describe_randomisation(found(random=random), Method.GRAD_CAM)


def test_sentences_name_patients_and_phantoms():
    said = " ".join(sentences(found()))
    assert "1.16 (95 % interval 1.06 to 1.26, n = 50 X-rays of 37 patients)" in said
    assert "lies on an opacity on 18 % (95 % interval 7 to 39 %, n = 20 phantoms), by chance on 7 %" in said


def test_method_without_maps_is_said_to_have_too_few():
    empty = found()
    empty["methods"]["grad-cam"]["ratio"] = {"value": None, "low": None, "high": None, "n": 0, "num_patients": 0}
    assert "too few maps" in describe_lungs(empty, Method.GRAD_CAM)
