"""The preview on Train: what it asks of the trainer, and what it says of the run shown."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.runs.learning_record import CROSSVALIDATION
from covidlab.runs.previews import load_request, preview_key
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.runs.tables import CROSSED
from covidlab.ui.train.preview import compared_run

ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


def page() -> None:
    import os
    from pathlib import Path

    import streamlit as st

    from covidlab.config import TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.ui.train.preview import draw_preview

    settings = {name: st.query_params[name] for name in ("fine_tune", "selection") if name in st.query_params}
    folder = os.environ["COVIDLAB_DATASET"]
    draw_preview(TrainingConfig(dataset=folder, **settings), load_catalog(Path(folder)), None)


@pytest.fixture
def catalog(make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    monkeypatch.setenv("COVIDLAB_DATASET", str(catalog.root))
    return catalog


@pytest.fixture
def config(catalog) -> TrainingConfig:
    return TrainingConfig(dataset=str(catalog.root))


def told(app: AppTest) -> dict:
    """What the script tells the component."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


def test_preview_asks_for_the_settings_and_names_the_address(catalog, config):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    key = preview_key(config, catalog)
    assert load_request(key).wanted == [[8, 25, 0.001]]
    data = told(app)
    assert data["address"] == f"/api/v1/previews/{key}"
    assert data["settings"] == {"rate": 0.001, "epochs": 25, "batch": 8}
    assert (data["rates"][0], data["run"]) == ({"value": 0.00001, "text": "0.00001"}, None)


@pytest.mark.parametrize(
    ("name", "value", "words"), [("fine_tune", "block5", "just the head"), ("selection", "gone", "no such selection")]
)
def test_preview_that_cannot_be_says_why(catalog, name, value, words):
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params[name] = value
    app.run()
    assert words in app.caption[0].value.replace("\\", "")
    assert not app.get("bidi_component")


def test_compared_run_names_what_differs_beside_the_sliders(config):
    run = RunStore().create(replace(config, views=5, preset="original", learning_rate=0.1))
    told = compared_run(config, run)
    assert told.others == ["preset default, not original", "views 3, not 5"]
    assert told.settings == {"rate": 0.1, "epochs": 25, "batch": 8}
    assert (told.name, told.title, told.curve) == ("run 1", "Run 1", None)


def test_compared_run_ghost_is_the_curve_over_all_splits_where_there_is_one(config):
    run = RunStore().create(config)
    run.append_history(epoch=1, **ROW)
    told = compared_run(config, run)
    assert (told.curve, told.of) == ({"epoch": [1], "accuracy": [1.0]}, "one split, 1 epoch")
    CROSSED.append(run.path / CROSSVALIDATION, [{"epoch": 0, "accuracy": 0.5}])
    told = compared_run(config, run)
    assert (told.curve, told.of) == ({"epoch": [0], "accuracy": [0.5]}, "over all splits")


@pytest.mark.parametrize(
    ("state", "whole"), [(State.FINISHED, True), (State.RUNNING, True), (State.FAILED, False), (State.STOPPED, False)]
)
def test_compared_run_is_whole_where_the_page_shows_all_of_it(config, state, whole):
    run = RunStore().create(config)
    run.write_status(Status(state=state))
    assert compared_run(config, run).whole is whole


def test_compared_run_that_cannot_be_read_is_none(config):
    run = RunStore().create(config)
    (run.path / "run.json").write_text("{")
    assert compared_run(config, run) is None
    assert compared_run(config, None) is None
