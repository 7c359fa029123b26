"""Which model reads X-rays: one's own choice, else the default for all, as whoever runs the server has set it."""

from dataclasses import replace

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import ModelError
from covidlab.files import write_json
from covidlab.runs.active_model import MODEL_SETTING, check_model_setting, model_in_use
from covidlab.runs.store import RunStore


@pytest.fixture
def runs():
    """Three ended runs with a model, the oldest first."""
    runs = [RunStore().create(TrainingConfig(dataset="")) for _ in range(3)]
    for run in runs:
        run.model_path.write_bytes(b"a model")
        run.write_status(replace(run.recorded_status(), state="finished"))
    return runs


def test_model_in_use_is_the_shipped_one_until_something_else_is_set(runs):
    assert model_in_use().name == "the default model"


def test_model_in_use_is_ones_own_choice_before_the_default_for_all(runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    assert model_in_use().id == runs[0].id
    assert model_in_use(runs[1].id).id == runs[1].id
    assert model_in_use().id == runs[0].id


def test_model_in_use_of_a_deleted_run_falls_back_to_the_default_for_all(runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    RunStore().delete(runs[1].id)
    assert model_in_use(runs[1].id).id == runs[0].id


def test_model_in_use_that_version1_wrote_down_is_read_unless_the_setting_says_otherwise(
    runs, covidlab_home, monkeypatch
):
    write_json(covidlab_home / "model_in_use.json", {"run_id": runs[1].id})
    assert model_in_use().id == runs[1].id
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    assert model_in_use().id == runs[0].id


def test_model_in_use_without_the_shipped_one_is_the_newest_runs(runs, monkeypatch, tmp_path):
    monkeypatch.setattr("covidlab.runs.active_model.DEFAULT_MODEL", tmp_path / "not shipped")
    assert model_in_use().id == runs[2].id
    for run in runs:
        RunStore().delete(run.id)
    assert model_in_use() is None


def test_model_setting_that_names_no_run_is_refused_in_a_sentence(runs, monkeypatch):
    check_model_setting()
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    check_model_setting()
    monkeypatch.setenv(MODEL_SETTING, "9999-none")
    with pytest.raises(ModelError, match=r"names no run with a model.*Received: 9999-none"):
        check_model_setting()
