"""What a run will take, in words."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.learning.processor import cpu_device_name
from covidlab.runs.estimate import Estimate
from covidlab.ui.train.expected import describe_expected, describe_missing_gpu


def expected(**values) -> Estimate:
    parts = {"activations": 0.0, "training": 30.0, "evaluation": 4.0, "cross_validation": 6.0}
    return Estimate(**{**parts, "num_passes": 0, "measured": True, "device": cpu_device_name(), **values})


def described(config=None, *, is_being_measured=False, **values) -> str:
    config = config or TrainingConfig(dataset="")
    return describe_expected(config, expected(**values), places=[], is_being_measured=is_being_measured)


def test_expected_time_names_the_device():
    assert described() == "About 40 s on the CPU."
    assert described(device="NVIDIA X") == "About 40 s on NVIDIA X."


def test_expected_time_names_the_passes_that_later_runs_reuse():
    words = described(activations=20.0, num_passes=150)
    assert words == (
        "About 60 s on the CPU, of which about 20 s for 150 passes through VGG16. Later runs reuse their results."
    )


def test_expected_time_of_a_run_that_may_end_early_is_a_bound():
    assert described(TrainingConfig(dataset="", patience=3)) == "At most about 40 s on the CPU."


@pytest.mark.parametrize(("asked", "words"), [(True, "measures a few batches"), (False, "has trained once")])
def test_expected_time_that_is_a_guess_says_so(asked, words):
    assert words in described(measured=False, is_being_measured=asked)


def test_missing_gpu_is_said_before_the_start():
    config = TrainingConfig(dataset="", device="gpu")
    assert "No GPU was found" in describe_missing_gpu(config, expected())
    assert describe_missing_gpu(config, expected(device="NVIDIA X")) == ""
    assert describe_missing_gpu(TrainingConfig(dataset=""), expected()) == ""
