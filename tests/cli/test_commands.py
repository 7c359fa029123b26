"""The command line: exit status, one plain sentence, nothing half-written."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from covidlab.cli import main, train_as_published
from covidlab.paths import PROJECT_ROOT

pytestmark = pytest.mark.usefixtures("warm_home")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the command is run: what it writes without being told where appears here."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def short(dataset, *more):
    return ["train", "-d", str(dataset), "-e", "2", "--views", "1", *more]


def one_sentence(capsys):
    captured = capsys.readouterr().err
    lines = [line for line in captured.splitlines() if line.startswith("covidlab: ")]
    assert len(lines) == 1
    assert "Traceback" not in captured
    return lines[0]


def test_train_saves_model_plot_and_report_and_predict_reads_the_model(make_dataset, folder, capsys):
    dataset = make_dataset()
    assert main(short(dataset, "-m", "my model.any name", "-p", "my.png", "--report", "my.json")) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["my model.any name", "my.json", "my.png"]
    assert (folder / "my.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((folder / "my.json").read_text())
    assert {
        "accuracy",
        "sensitivity",
        "specificity",
        "precision",
        "f1",
        "confusion",
        "history",
        "seconds",
    } <= report.keys()
    assert "95 % interval" in capsys.readouterr().out

    films = [str(dataset / "covid" / "film-000.png"), str(dataset / "normal" / "film-001.png")]
    assert main(["predict", "--model", "my model.any name", "--json", *films]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == films
    assert all(line["status"] == "read" and 0 <= line["probability"] <= 1 for line in lines)


def test_train_whole_model_opens_in_plain_keras(make_dataset, folder):
    import keras
    import numpy as np

    assert main(short(make_dataset())) == 0
    (folder / "copy.keras").write_bytes((folder / "covid19.model").read_bytes())
    model = keras.models.load_model(folder / "copy.keras")
    assert model.predict(np.zeros((1, 224, 224, 3)), verbose=0).shape == (1, 2)


def test_train_existing_model_is_replaced_whole_or_not_at_all(make_dataset, folder, monkeypatch, capsys):
    dataset = make_dataset()
    (folder / "covid19.model").write_text("an older one")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("covidlab.learning.modelfile.zipfile.ZipFile.writestr", full)
        assert main(short(dataset)) == 1
    assert "disk is full" in one_sentence(capsys)
    assert [path.name for path in folder.iterdir()] == ["covid19.model"]
    assert (folder / "covid19.model").read_text() == "an older one"
    assert main(short(dataset)) == 0
    assert zipfile.is_zipfile(folder / "covid19.model")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["-lr", "7"], "learning rate must lie between"),
        (["-lr", "nan"], "learning rate must lie between"),
        (["-bs", "0"], "batch size must lie between"),
        (["-e", "0"], "number of epochs must lie between"),
        (["-m", "no/such/folder/model"], "folder to save in does not exist"),
        (["-p", "."], "A file name is needed"),
        (["-p", "one.png", "-m", "./one.png"], "need different names"),
        (["--start-from", "none.model"], "no model to start from"),
    ],
)
def test_train_setting_out_of_range_is_one_sentence(make_dataset, folder, capsys, flags, sentence):
    assert main(["train", "-d", str(make_dataset()), *flags]) == 2
    assert sentence in one_sentence(capsys)
    assert list(folder.iterdir()) == []


def test_train_wrong_folders_are_one_sentence_and_leave_nothing(make_dataset, folder, covidlab_home, capsys):
    for dataset, expected in (
        (folder / "nowhere", "nowhere"),
        (make_dataset({"covid": 4}, name="one class"), "class"),
        (make_dataset({"covid": 4, "normal": 1}, name="one patient"), "normal"),
        (make_dataset({"a": 4, "b": 4}, name="none is positive"), "--positive-class"),
    ):
        assert main(["train", "-d", str(dataset)]) == 2
        assert expected in one_sentence(capsys)
    assert list(folder.iterdir()) == []
    assert not (covidlab_home / "runs").exists()


def test_train_home_that_cannot_be_written_is_one_sentence(make_dataset, folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    assert main(short(make_dataset())) == 1
    assert "cannot be written" in one_sentence(capsys)
    assert list(folder.iterdir()) == []


def test_train_unreadable_film_is_named_and_nothing_is_written(make_dataset, folder, capsys):
    dataset = make_dataset()
    damaged = dataset / "covid" / "film-002.png"
    damaged.write_bytes(damaged.read_bytes()[:700])
    assert main(short(dataset)) == 2
    assert "film-002.png" in one_sentence(capsys)
    assert list(folder.iterdir()) == []


def test_train_positive_class_may_be_named(make_dataset, folder, capsys):
    assert main(short(make_dataset({"ill": 4, "well": 4}), "--positive-class", "ill", "--report", "r.json")) == 0
    assert json.loads((folder / "r.json").read_text())["positive_class"] == "ill"


def test_published_command_line_has_its_flags_and_no_others(capsys):
    with pytest.raises(SystemExit, match="0"):
        train_as_published(["--help"])
    text = capsys.readouterr().out
    assert all(flag in text for flag in ("--dataset", "--plot", "--model", "--learning", "--epoch", "--batchsize"))
    assert "--preset" not in text


def test_published_command_line_trains_with_the_original_preset(make_dataset, folder):
    assert train_as_published(["-d", str(make_dataset()), "-e", "1"]) == 0
    with zipfile.ZipFile("covid19.model") as archive:
        assert json.loads(archive.read("covidlab.json"))["preset"] == "original"


def test_predict_refuses_a_file_and_reads_the_next(make_dataset, folder, capsys):
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


def test_predict_unknown_model_says_so(folder, capsys):
    assert main(["predict", "--model", "nothing here", "film.png"]) == 1
    assert "no model file of this name" in one_sentence(capsys)


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["train"],
        ["predict"],
        ["dataset"],
        ["dataset", "import"],
        ["dataset", "check"],
        ["dataset", "fetch"],
        ["worker"],
    ],
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert "usage:" in capsys.readouterr().out


def test_unknown_command_is_wrong_use(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["unknown"])


def test_dataset_fetch_without_the_licences_read_is_wrong_use(tmp_path, capsys):
    assert main(["dataset", "fetch", "--dataset", str(tmp_path / "films")]) == 2
    assert "--accept-licences" in one_sentence(capsys)
    assert not (tmp_path / "films").exists()


@pytest.mark.curated
def test_dataset_import_then_check(curated, tmp_path, capsys):
    target = tmp_path / "my X-rays"
    assert main(["dataset", "import", str(curated), "--dataset", str(target)]) == 0
    assert main(["dataset", "check", "--dataset", str(target)]) == 0
    assert "7 of" in capsys.readouterr().out


@pytest.mark.parametrize(
    "module",
    [
        "covidlab",
        "covidlab.cli",
        "covidlab.metrics",
        "covidlab.runs.store",
        "covidlab.runs.engines.local",
        "covidlab.ui.train.live",
    ],
)
def test_import_loads_no_tensorflow(module):
    program = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, env={**os.environ, "PYTHONWARNINGS": "ignore"}, check=True
    )


def test_readme_names_every_command():
    text = Path(PROJECT_ROOT / "README.md").read_text()
    for command in ("train", "predict", "dataset import", "dataset fetch", "dataset check", "worker"):
        assert f"python -m covidlab {command}" in text
