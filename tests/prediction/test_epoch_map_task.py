"""What the process that predicts answers, asked without a process between."""

import numpy as np

from covidlab.child import Message
from covidlab.data.catalog import load_catalog
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import model_input
from covidlab.runs.learning_record import load_record
from covidlab.runs.models import model_file
from covidlab.services.reader_messages import model_values
from covidlab.services.reader_tasks import TASKS


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
