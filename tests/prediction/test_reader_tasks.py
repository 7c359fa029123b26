"""What the process that predicts answers, asked without a process between."""

import numpy as np
import pytest

from covidlab.child import Message
from covidlab.config import REFERENCE
from covidlab.data.catalog import load_catalog
from covidlab.evaluation.alterations import Subject
from covidlab.evaluation.asked_alterations import asked_alteration
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import model_input
from covidlab.prediction.loading import load_predictor
from covidlab.prediction.predictor import UNCHANGED_KEPT
from covidlab.runs.learning_record import load_record
from covidlab.runs.models import model_file
from covidlab.services.reader_messages import model_values
from covidlab.services.reader_tasks import TASKS

CHANGES = ["whole", "box:14:14:10", "exposure:0.5", "lungs-black"]


def ask_for_maps(run, path):
    parts = {"area": model_input(decode_file(path).pixels, resize="area")}
    return TASKS["epoch_maps"](Message({"model": model_values(model_file(run)), "class": "covid"}, parts))


def test_epoch_maps_are_of_every_epoch_and_agree_with_the_record(trained):
    run, _ = trained
    catalog, record = load_catalog(run.load_config().dataset), load_record(run)
    answer = ask_for_maps(run, catalog.film_path(record.films["file"].iloc[2]))
    assert answer.values["epochs"] == [0, 1, 2, 3, 4]
    # The weights were kept in half the precision.
    np.testing.assert_allclose(answer.values["probabilities"], record.probabilities[:, 2], atol=5e-3)
    assert answer.parts["heatmaps"].shape == (5, 7, 7)
    assert len(answer.values["lungs"]) == 5


def test_epoch_maps_of_a_run_that_kept_no_weights_are_none(trained, monkeypatch):
    run, _ = trained
    monkeypatch.setattr("covidlab.services.reader_tasks.load_epoch_heads", lambda run, shapes: {})
    catalog = load_catalog(run.load_config().dataset)
    assert ask_for_maps(run, catalog.film_path(catalog.films["file"].iloc[0])).values["epochs"] == []


@pytest.fixture
def film():
    return np.random.default_rng(5).integers(40, 160, (224, 224, 3)).astype(np.uint8)


@pytest.fixture
def lungs():
    mask = np.zeros((224, 224), np.uint8)
    mask[60:170, 40:100] = mask[60:170, 124:184] = 1
    return mask


def ask_for_changes(run, film, lungs, changes, *, quick):
    values = {"model": model_values(model_file(run)), "changes": changes, "aspect": 1.2, "quick": quick}
    return TASKS["alter"](Message(values, {"area": film, "lungs": lungs})).values


def test_each_change_gets_the_probability_that_a_prediction_of_it_has(trained, film, lungs):
    run, _ = trained
    predictor = load_predictor(model_file(run))
    answer = ask_for_changes(run, film, lungs, CHANGES, quick=False)
    subject = Subject(lungs=lungs > 0, aspect=1.2)
    for change, probability in zip(CHANGES, answer["probabilities"], strict=True):
        whole = predictor.predict_prepared(asked_alteration(change)(film, subject)).probability
        assert probability == pytest.approx(whole, abs=1e-5), change
    assert len({round(each, 6) for each in answer["probabilities"]}) > 2


def test_change_asked_alone_is_read_where_it_reaches_and_gives_the_same(trained, film, lungs):
    run, _ = trained
    together = ask_for_changes(run, film, lungs, CHANGES, quick=False)["probabilities"]
    for change, probability in zip(CHANGES, together, strict=True):
        alone = ask_for_changes(run, film, lungs, [change], quick=False)["probabilities"]
        assert alone == pytest.approx([probability], abs=1e-5), change


def test_no_more_unchanged_x_rays_are_kept_than_few(trained, film):
    predictor = load_predictor(model_file(trained[0]))
    for number in range(UNCHANGED_KEPT + 2):
        predictor.changed_probability(film, film + np.uint8(number))
    assert len(predictor._unchanged) <= UNCHANGED_KEPT


def test_alter_makes_no_map(trained, film, lungs, monkeypatch):
    run, _ = trained
    predictor = load_predictor(model_file(run))
    monkeypatch.setattr(predictor, "_read", None)
    assert len(ask_for_changes(run, film, lungs, ["whole"], quick=False)["probabilities"]) == 1


def test_quick_takes_the_precision_that_was_decided_for_this_machine(trained, film, lungs, monkeypatch):
    run, _ = trained
    predictor = load_predictor(model_file(run))
    assert ask_for_changes(run, film, lungs, ["whole"], quick=True)["precision"] == REFERENCE
    monkeypatch.setattr(predictor, "quick_precision", lambda: "bfloat16")
    quick, exact = (ask_for_changes(run, film, lungs, CHANGES, quick=quick) for quick in (True, False))
    assert (quick["precision"], exact["precision"]) == ("bfloat16", REFERENCE)
    difference = np.abs(np.subtract(quick["probabilities"], exact["probabilities"]))
    assert 0 < difference.max() < 0.02
