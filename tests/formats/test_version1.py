"""What version 0.1.0 wrote (runs, models, caches, selections) is read for ever; ``version1/`` was written by it."""

import shutil

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.selections import load_selection
from covidlab.imaging.decode import decode_file
from covidlab.learning.activations import ActivationPack
from covidlab.learning.modelcard import read_card
from covidlab.prediction.loading import load_predictor
from covidlab.runs.active_model import model_in_use
from covidlab.runs.checkpoint import load_checkpoint
from covidlab.runs.exposure import NEW, TRAINED, exposure
from covidlab.runs.models import model_file
from covidlab.runs.report_text import report_lines


def test_runs_of_version1_keep_state_and_settings(runs):
    states = {number: (run.status().state, run.status().epoch) for number, run in runs.items()}
    assert states == {1: ("finished", 3), 2: ("finished", 3), 3: ("stopped", 2), 4: ("finished", 2)}
    assert not any(run.is_damaged() for run in runs.values())
    assert runs[1].load_config() == TrainingConfig(dataset="films", epochs=3, views=1)
    assert (runs[2].load_config().preset, runs[2].load_config().selection) == ("original", "without two")


def test_history_of_version1_without_header_loses_no_epoch(runs):
    history, steps = runs[1].history(), runs[1].steps()
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["val_accuracy"].tolist() == [0.5, 1, 1]
    assert steps["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert steps["loss"].iloc[0] == pytest.approx(0.609247863)


def test_report_and_predictions_of_version1_are_read(runs):
    text = "\n".join(report_lines(runs[1]))
    assert "accuracy     1.00 (95 % interval" in text
    assert "10 repeats of patient-grouped 4-fold cross-validation" in text
    assert runs[1].predictions()["file"].tolist()[:2] == ["covid/film-6.png", "covid/film-7.png"]


def test_model_of_version1_predicts_what_it_did(runs, version1):
    predictor = load_predictor(model_file(runs[1]))
    for row in runs[1].predictions().itertuples():
        reading = predictor.predict(decode_file(version1 / "films" / row.file))
        assert reading.probability == pytest.approx(row.probability, abs=0.01)


def test_cards_of_version1_are_read(runs):
    cards = {number: read_card(run.model_path) for number, run in runs.items()}
    assert {number: card.preset for number, card in cards.items()} == dict.fromkeys((1, 3, 4), "default") | {
        2: "original"
    }


def test_checkpoint_of_version1_is_read(runs):
    epoch, arrays = load_checkpoint(runs[3].path / "checkpoint.npz")
    assert (epoch, len(arrays), arrays[0].shape) == (2, 13, (1, 512, 64))


def test_model_in_use_of_version1_is_read(runs):
    assert model_in_use().id == runs[1].id


def test_selection_of_version1_is_read_and_its_film_is_new(runs, version1, tmp_path):
    films = shutil.copytree(version1 / "films", tmp_path / "films")
    assert load_selection(films, "without two").excluded == ("covid/film-0.png",)
    seen = exposure(runs[1], load_catalog(films))
    assert (seen["covid/film-0.png"], seen["covid/film-6.png"]) == (TRAINED, NEW)


def test_activations_of_version1_are_read(runs, covidlab_home):
    pack = ActivationPack(next((covidlab_home / "activations").iterdir()), shape=(7, 7, 512))
    keys = [line.split(",") for line in (pack.folder / "index.csv").read_text().splitlines()]
    records = pack.read([(sha256, int(view)) for _, sha256, view, _ in keys])
    assert records.shape == (2, 7, 7, 512)
    assert np.isfinite(records.astype(np.float32)).all()
