"""What the browser gets of a run that it plays, and what is believed of its answer."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.runs.learning_record import FILMS
from covidlab.runs.store import RunStore
from covidlab.ui.shared.components.learning import _checked


@pytest.fixture
def run(make_dataset):
    run = RunStore().create(TrainingConfig(dataset=str(make_dataset())))
    (run.path / FILMS).write_text("file,class,patient_id,side\ncovid/film-000.png,covid,,training\n")
    return run


def drawn(run_id: str, **options) -> dict:
    """What a page that draws a run hands to the browser."""

    def page(run_id, options):
        from covidlab.runs.store import RunStore
        from covidlab.ui.shared.components.learning import learning

        learning(RunStore().get(run_id), None, key="played", on_open=lambda file, epoch: None, **options)

    app = AppTest.from_function(page, args=(run_id, options), default_timeout=60).run()
    assert not app.exception
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_learning_names_the_run_by_its_address(run):
    data = drawn(run.id, large=True, replays=True)
    assert data["place"] == f"/api/v1/runs/{run.id}"
    assert (data["large"], data["replays"], data["opens"], data["waiting"], data["ghost"]) == (True, True, True, "", "")


def test_opened_xray_of_the_run_is_believed(run):
    assert _checked(run, {"film": "covid/film-000.png", "epoch": 3}) == ("covid/film-000.png", 3)


@pytest.mark.parametrize(
    "opened",
    [
        None,
        {},
        {"film": "../secret.png", "epoch": 1},
        {"film": "covid/film-001.png", "epoch": 1},
        {"film": "covid/film-000.png", "epoch": "x"},
    ],
)
def test_opened_xray_that_the_run_does_not_name_is_passed_over(run, opened):
    assert _checked(run, opened) is None
