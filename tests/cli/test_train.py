"""Training from the command line: exit status, one plain sentence, nothing half-written."""

import json
import zipfile
from dataclasses import asdict

import pytest

from covidlab.cli import main
from covidlab.config import Augmentation
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import UsageError
from covidlab.learning.modelcard import CARD, ModelCard
from covidlab.runs.store import RunStore

pytestmark = pytest.mark.usefixtures("warm_home")


def test_train_saves_model_plot_and_report_and_predict_reads_the_model(make_dataset, folder, capsys, short):
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
    # The pictures of this set do not look like X-rays.
    assert main(["predict", "--model", "my model.any name", "--json", "--anyway", *films]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == films
    assert all(line["status"] == "read" and 0 <= line["probability"] <= 1 for line in lines)


def test_train_takes_the_flags_of_learning_and_augmentation(make_dataset, folder, monkeypatch):
    configs = []
    monkeypatch.setattr(
        "covidlab.runs.engines.inline.train_in_foreground", lambda config, **places: configs.append(config)
    )
    learning = ["--optimizer", "sgd", "--weight-decay", "0.01", "--class-weights", "balanced", "--patience", "4"]
    augmentation = ["--rotation", "5", "--flip", "--shift", "0.1", "--brightness", "0.2"]
    assert main(["train", "-d", str(make_dataset()), *learning, *augmentation]) == 0
    (config,) = configs
    assert (config.optimizer, config.weight_decay, config.class_weights, config.patience) == (
        "sgd",
        0.01,
        "balanced",
        4,
    )
    assert config.augmentation == Augmentation(rotation=5.0, flip=True, shift=0.1, brightness=0.2)


def test_train_whole_model_opens_in_plain_keras(make_dataset, folder, short):
    import keras
    import numpy as np

    assert main(short(make_dataset())) == 0
    (folder / "copy.keras").write_bytes((folder / "covid19.model").read_bytes())
    model = keras.models.load_model(folder / "copy.keras")
    assert model.predict(np.zeros((1, 224, 224, 3)), verbose=0).shape == (1, 2)


def test_train_existing_model_is_replaced_whole_or_not_at_all(make_dataset, folder, monkeypatch, one_sentence, short):
    dataset = make_dataset()
    (folder / "covid19.model").write_text("an older one")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("covidlab.learning.modelfile.zipfile.ZipFile.writestr", full)
        assert main(short(dataset)) == 1
    assert "disk is full" in one_sentence()
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
def test_train_setting_out_of_range_is_one_sentence(make_dataset, folder, flags, sentence, one_sentence):
    assert main(["train", "-d", str(make_dataset()), *flags]) == 2
    assert sentence in one_sentence()
    assert list(folder.iterdir()) == []


def test_train_wrong_folders_are_one_sentence_and_leave_nothing(make_dataset, folder, covidlab_home, one_sentence):
    for dataset, expected in (
        (folder / "nowhere", "nowhere"),
        (make_dataset({"covid": 4}, name="one class"), "class"),
        (make_dataset({"covid": 4, "normal": 1}, name="one patient"), "normal"),
        (make_dataset({"a": 4, "b": 4}, name="none is positive"), "--positive-class"),
    ):
        assert main(["train", "-d", str(dataset)]) == 2
        assert expected in one_sentence()
    assert list(folder.iterdir()) == []
    assert not (covidlab_home / "runs").exists()


def test_train_home_that_cannot_be_written_is_one_sentence(
    make_dataset, folder, tmp_path, monkeypatch, one_sentence, short
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "file" / "home"))
    assert main(short(make_dataset())) == 1
    assert "cannot be written" in one_sentence()
    assert list(folder.iterdir()) == []


def test_train_unreadable_film_is_named_and_nothing_is_written(make_dataset, folder, one_sentence, short):
    dataset = make_dataset()
    damaged = dataset / "covid" / "film-002.png"
    damaged.write_bytes(damaged.read_bytes()[:700])
    assert main(short(dataset)) == 2
    assert "film-002.png" in one_sentence()
    assert list(folder.iterdir()) == []


def test_train_positive_class_may_be_named(make_dataset, folder, capsys, short):
    assert main(short(make_dataset({"ill": 4, "well": 4}), "--positive-class", "ill", "--report", "r.json")) == 0
    assert json.loads((folder / "r.json").read_text())["positive_class"] == "ill"


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ("folder", 1, "SavedModel"),
        ("hdf5", 1, "HDF5"),
        ("three classes", 2, "this run has preset default and classes covid, normal"),
    ],
)
def test_train_from_a_model_that_does_not_fit_makes_no_run(
    make_dataset, folder, one_sentence, short, monkeypatch, content, status, words
):
    model = folder / "theirs"
    if content == "folder":
        model.mkdir()
        (model / "saved_model.pb").write_bytes(b"")
    elif content == "hdf5":
        model.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    else:
        card = ModelCard(
            kind="tail",
            preset="default",
            fine_tune="head",
            classes=["a", "covid", "normal"],
            positive_class="covid",
            frozen_sha256="",
        )
        with zipfile.ZipFile(model, "w") as archive:
            archive.writestr(CARD, json.dumps(asdict(card)))
    monkeypatch.setattr(
        "covidlab.runs.engines.inline.load_tensorflow_quietly", lambda: pytest.fail("TensorFlow loaded")
    )
    assert main(short(make_dataset(films_per_patient=2), "--start-from", "theirs")) == status
    assert words in one_sentence()
    assert RunStore().list() == []


def test_train_says_conflicts_and_unknown_patients_before_a_run_begins(
    make_dataset, folder, capsys, short, monkeypatch
):
    root = make_dataset()
    (root / "normal/film-000.png").write_bytes((root / "covid/film-002.png").read_bytes())

    def load():
        raise UsageError("Here TensorFlow would be loaded.")

    monkeypatch.setattr("covidlab.runs.engines.inline.load_tensorflow_quietly", load)
    assert main(short(root)) == 2
    said = capsys.readouterr().err
    assert "1 X-ray is in two classes: covid/film-002.png and normal/film-000.png." in said
    assert PATIENTS_NOT_KNOWN in said
    assert RunStore().list() == []
