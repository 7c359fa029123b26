"""Saving a model as ONNX from the command line."""

import onnx
import pytest

from covidlab.cli import main
from covidlab.paths import DEFAULT_MODEL

SHIPPED = ("export", "--run", DEFAULT_MODEL.name, "--onnx", "model.onnx")


def test_export_saves_the_model_of_a_run_and_says_how_far_it_is_from_it(make_dataset, folder, capsys):
    dataset = make_dataset({"covid": 1, "normal": 1})
    assert main([*SHIPPED, "--dataset", str(dataset)]) == 0
    said = capsys.readouterr().out
    assert "Compared with the model on 2 X-rays (the data set given)" in said
    graph = onnx.load(folder / "model.onnx")
    assert {prop.key: prop.value for prop in graph.metadata_props}["preset"] == "default"


def test_export_compares_on_synthetic_x_rays_where_no_data_set_is_here(folder, monkeypatch):
    from covidlab.cli import export

    monkeypatch.setenv("COVIDLAB_DATASET", str(folder / "nothing"))
    films = export._to_compare_on(None, None)
    assert films.called == "synthetic X-rays, because no data set is here"
    assert next(films.prepared(resize="area", side=32)).shape == (32, 32, 3)


def test_export_compares_on_at_most_two_hundred_x_rays_of_a_large_set():
    from covidlab.cli import export

    films = export._spread(range(1000), "the data set")
    assert (len(films), films.called) == (200, "the data set, of 1,000 evenly spread")
    assert films.paths[-1] == 995


def test_export_of_an_unknown_run_says_so(folder, one_sentence):
    assert main(["export", "--run", "9999-none", "--onnx", "model.onnx"]) == 1
    assert "There is no run of this name" in one_sentence()


def test_export_of_a_changed_model_is_refused(folder, one_sentence, monkeypatch):
    monkeypatch.setattr("covidlab.learning.modelcard.file_sha256", lambda path: "another")
    assert main([*SHIPPED]) == 1
    assert "changed or damaged since" in one_sentence()
    assert not (folder / "model.onnx").exists()


def test_export_compared_on_a_folder_that_is_missing_says_so(folder, one_sentence, monkeypatch):
    monkeypatch.setattr("covidlab.cli.export.load_tensorflow_quietly", lambda: pytest.fail("TensorFlow was loaded"))
    assert main([*SHIPPED, "--dataset", "nothing here"]) == 2
    assert "nothing here" in one_sentence()
