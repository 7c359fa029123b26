"""A model is used only where its file is the one that was saved, and is loaded once."""

import sys

import pytest

from covidlab.errors import ModelError
from covidlab.prediction import loading
from covidlab.prediction.loading import ModelFile, kept_models, load_predictor
from covidlab.runs.models import model_file


def test_load_predictor_changed_file_is_refused(trained, tmp_path):
    run, _ = trained
    changed = tmp_path / "model.keras"
    changed.write_bytes(run.model_path.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="not the one its run saved"):
        load_predictor(ModelFile(path=changed, sha256=run.load_facts()["model_sha256"]))


def test_load_predictor_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no model file of this name"):
        load_predictor(ModelFile(path=tmp_path / "model.keras", sha256="0" * 64))


def test_load_predictor_is_warm_the_second_time(trained):
    model = model_file(trained[0])
    assert load_predictor(model) is load_predictor(model)


def test_load_predictor_that_need_not_stay_is_put_in_no_ones_place(monkeypatch, tmp_path):
    models = [ModelFile(path=tmp_path / name) for name in ("first", "second", "third")]
    for model in models:
        model.path.write_bytes(b"not looked at")
    monkeypatch.setattr(loading, "_kept", {})
    monkeypatch.setattr(loading, "_loaded", lambda model: model.path.name)
    first, second, third = models
    assert [load_predictor(model) for model in (first, second, first)] == ["first", "second", "first"]
    assert load_predictor(third, stays=False) == "third"
    assert kept_models() == [second, first]
    load_predictor(third)
    assert kept_models() == [first, third]


def test_load_predictor_without_tensorflow_says_so(trained, monkeypatch, tmp_path):
    # An entry of None makes the import fail, as where the package is missing.
    monkeypatch.setitem(sys.modules, "covidlab.prediction.predictor", None)
    path = tmp_path / "model.keras"
    path.write_bytes(b"not looked at")
    with pytest.raises(ModelError, match="TensorFlow cannot be loaded here, so no X-ray can be read; browsing works"):
        load_predictor(ModelFile(path=path))


def test_model_file_of_a_run_without_checksum_is_refused(trained, monkeypatch):
    monkeypatch.setattr(type(trained[0]), "load_facts", lambda _: {})
    with pytest.raises(ModelError, match="has no checksum for its model file"):
        model_file(trained[0])
