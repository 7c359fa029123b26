"""A few batches before a depth is trained for the first time."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.files import read_json, write_json
from covidlab.learning.processor import cpu_device_name
from covidlab.runs.calibration import Calibration, ask_for_calibration
from covidlab.runs.speed import keep_costs, load_costs

HEAD = TrainingConfig(dataset="")
HERE = {"device": cpu_device_name(), "precision": "float32"}


@pytest.fixture(autouse=True)
def switched_on(monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")


def all_steps(calibration) -> int:
    steps = 0
    while calibration.step():
        steps += 1
    return steps


def test_calibration_measures_the_depth_that_was_asked_for_batch_by_batch():
    assert ask_for_calibration(HEAD)
    assert all_steps(Calibration()) > 10
    costs = load_costs("head", **HERE)
    assert costs.steps.keys() == costs.crossed.keys() == {"2", "8"}
    assert 0 < costs.look < costs.steps["8"] < costs.crossed["8"] * 10


def test_calibration_of_what_is_known_does_nothing():
    keep_costs("head", **HERE, steps={"8": 1.0})
    ask_for_calibration(HEAD)
    assert all_steps(Calibration()) == 0
    assert load_costs("head", **HERE).steps == {"8": 1.0}


def test_calibration_without_a_question_does_nothing():
    assert not Calibration().step()


@pytest.mark.parametrize("asked", [{"fine_tune": "block9"}, {"fine_tune": 3}, {"of": "a later version"}])
def test_calibration_of_an_unknown_depth_is_passed_over(covidlab_home, asked):
    write_json(covidlab_home / "calibrate.json", asked)
    assert not Calibration().step()
    assert read_json(covidlab_home / "speed.json") is None


def test_calibration_is_not_asked_for_where_preparing_is_switched_off(covidlab_home, monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "0")
    assert not ask_for_calibration(HEAD)
    assert not (covidlab_home / "calibrate.json").exists()
