"""Reading X-rays from the command line."""

import json

import pytest

from covidlab.cli import main

pytestmark = pytest.mark.usefixtures("warm_home")


def test_predict_refuses_a_file_and_reads_the_next(make_dataset, folder, capsys, short):
    dataset = make_dataset()
    assert main(short(dataset)) == 0
    (folder / "text.jpg").write_text("not an X-ray")
    capsys.readouterr()
    assert main(["predict", "--json", "text.jpg", str(dataset / "covid" / "film-000.png")]) == 1
    refused, read = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (refused["status"], refused["probability"]) == ("refused", None)
    assert "text.jpg" in refused["reasons"][0]
    assert read["status"] == "read"


def test_predict_without_naming_a_model_uses_the_shipped_one(make_dataset, folder, capsys):
    film = make_dataset() / "covid" / "film-000.png"
    assert main(["predict", "--json", str(film)]) == 0
    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert line["positive_class"] == "covid"


def test_predict_unknown_model_says_so(folder, one_sentence):
    assert main(["predict", "--model", "nothing here", "film.png"]) == 1
    assert "no model file of this name" in one_sentence()


def test_predict_with_a_model_setting_that_names_no_run_says_so(monkeypatch, one_sentence):
    monkeypatch.setenv("COVIDLAB_MODEL", "9999-none")
    assert main(["predict", "film.png"]) == 1
    assert "COVIDLAB_MODEL names no run with a model" in one_sentence()


def test_predict_with_a_model_from_elsewhere_says_what_it_is(folder, one_sentence, monkeypatch):
    (folder / "keras_model.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    monkeypatch.setattr("covidlab.cli.predict.load_tensorflow_quietly", lambda: pytest.fail("TensorFlow was loaded"))
    assert main(["predict", "--model", "keras_model.h5", "film.png"]) == 1
    assert "This is a Keras model or its weights in HDF5 (.h5)" in one_sentence()
