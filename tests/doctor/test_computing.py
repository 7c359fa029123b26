"""What is said of TensorFlow, the GPU and the precision, from answers that a made-up process gives."""

import json

import pytest

from covidlab.doctor import computing
from covidlab.doctor.computing import Computing
from covidlab.doctor.findings import State
from covidlab.runs.gpu import GpuSample

ANSWER = {
    "version": "2.21.0",
    "load_seconds": 2.5,
    "device": "CPU (a test, 2 cores)",
    "is_gpu": False,
    "film_seconds": {"float32": 0.148, "bfloat16": 0.075},
    "precision": "bfloat16",
}


@pytest.fixture
def answering(monkeypatch):
    """Return a function that makes a process which prints this and ends; no GPU is known to any driver."""
    monkeypatch.setattr("covidlab.runs.gpu.sample_gpu", lambda: None)
    started = []

    def start(text, *, seconds=20.0):
        started.append(Computing(program=("-S", "-c", f"print({text!r})"), seconds=seconds))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_a_machine_without_a_gpu_computes_on_the_processor(answering):
    asked = answering(json.dumps(ANSWER))
    assert asked.look_at_tensorflow().sentence == "TensorFlow 2.21.0 loads in 2.5 s and computes."
    assert asked.look_at_gpu().facts == {"name": None, "needs_requirements_gpu": False}
    assert asked.look_at_precision().sentence == (
        "An X-ray takes 148 ms in float32, 75 ms in bfloat16 on CPU (a test, 2 cores); runs begin with bfloat16."
    )


def test_a_gpu_that_the_driver_knows_and_tensorflow_does_not_see_needs_packages(answering, monkeypatch):
    sample = GpuSample(name="NVIDIA Test", utilisation=0, used_bytes=0, total_bytes=1)
    monkeypatch.setattr("covidlab.runs.gpu.sample_gpu", lambda: sample)
    found = answering(json.dumps(ANSWER)).look_at_gpu()
    assert found.state is State.LIMITED
    assert "requirements-gpu.txt" in found.advice
    assert found.facts["needs_requirements_gpu"] is True


def test_a_gpu_that_tensorflow_sees_works(answering):
    found = answering(json.dumps({**ANSWER, "device": "NVIDIA Test", "is_gpu": True})).look_at_gpu()
    assert found.state is State.WORKS


def test_a_gpu_that_takes_less_than_a_millisecond_is_said_with_decimals(answering):
    found = {
        **ANSWER,
        "device": "NVIDIA Test",
        "is_gpu": True,
        "film_seconds": {"float32": 0.00103, "float16": 0.000196},
    }
    asked = answering(json.dumps({**found, "precision": "float16"}))
    assert asked.look_at_precision().sentence == (
        "An X-ray takes 1.0 ms in float32, 0.20 ms in float16 on NVIDIA Test; runs begin with float16."
    )


def test_a_slow_machine_is_limited(answering):
    found = answering(
        json.dumps({**ANSWER, "film_seconds": {"float32": 2.0}, "precision": "float32"})
    ).look_at_precision()
    assert found.state is State.LIMITED


@pytest.mark.parametrize("text", ['{"error": "ImportError: no libcuda"}', "no JSON", "[1]"])
def test_an_error_or_nonsense_means_that_tensorflow_does_not_work(answering, text):
    asked = answering(text)
    assert asked.look_at_tensorflow().state is asked.look_at_precision().state is State.FAILS


def test_a_process_that_hangs_is_ended(answering):
    asked = Computing(program=("-S", "-c", "import time; time.sleep(60)"), seconds=0.1)
    assert "no answer" in asked.look_at_tensorflow().sentence
    asked.close()


def test_the_process_that_really_measures_is_a_module():
    assert computing.PROGRAM == ("-m", "covidlab.learning.self_test")
