"""A sweep on Train, drawn by Streamlit's test driver: start, stop, go on, a trial made a run."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.evaluation.luck import judge
from covidlab.evaluation.sweep_space import FINISHED, Settings, SweepConfig, Trial
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.runs.store import RunStore
from covidlab.runs.trials import append_trial, load_sweep

TRIAL = Trial(
    number=1,
    settings=Settings(fine_tune="head", learning_rate=0.002, batch_size=8, epochs=12),
    state=FINISHED,
    epochs_done=12,
    accuracy=0.84,
    low=0.71,
    high=0.92,
    loss=0.43,
)


def page(folder):
    from pathlib import Path

    from covidlab.config import TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.ui.train.sweep import draw_sweep

    draw_sweep(TrainingConfig(dataset=folder, seed=7), load_catalog(Path(folder)))


@pytest.fixture
def dataset(make_dataset):
    return str(make_dataset())


@pytest.fixture
def draw(dataset, engine):
    """Return a function that draws the sweep tab and fails where it does."""

    def drawn():
        app = AppTest.from_function(page, args=(dataset,), default_timeout=60).run()
        assert not app.exception
        return app

    return drawn


@pytest.fixture
def sweep(dataset):
    asked = {"sweep": SweepConfig(trials=20).to_dict()}
    run = RunStore().create(TrainingConfig(dataset=dataset, seed=7), job=Job.SWEEP, engine="mock", asked=asked)
    append_trial(run, TRIAL)
    append_trial(run, replace(TRIAL, number=2, accuracy=0.8))
    return run


def finish(run):
    luck = judge((0.84, -0.4), [(0.6, -0.7)] * 19, num_trials=20, num_films=12)
    accuracy = {"value": 0.84, "low": 0.71, "high": 0.92, "n": 12}
    best = {"number": 1, **vars(TRIAL.settings), "accuracy": accuracy, "loss": 0.43}
    run.write_report({"best": best, "trials": {"done": 20, "finished": 20}, "folds": 5, "luck": luck.to_dict()})
    run.write_status(replace(run.recorded_status(), state=State.FINISHED))


def buttons(app):
    return {button.label: button for button in app.button}


def test_sweep_is_started_with_what_the_controls_say(draw, engine):
    app = draw()
    assert "No sweep yet" in app.info[0].value
    app.slider(key="sweep_trials").set_value(30)
    app.slider(key="sweep_epochs").set_value((3, 9))
    app.select_slider(key="sweep_batch_sizes").set_value((4, 16)).run()
    buttons(app)["Start sweep"].click().run()
    assert not app.exception
    (run,) = engine.submitted
    assert run.load_job() == Job.SWEEP
    assert load_sweep(run) == SweepConfig(trials=30, epochs=(3, 9), batch_sizes=(4, 16))
    assert run.load_config().seed == 7


def test_waiting_sweep_is_stopped_and_goes_on(draw, sweep, engine):
    app = draw()
    buttons(app)["Stop sweep"].click().run()
    assert [run.id for run in engine.cancelled] == [sweep.id]
    assert "Stopped before it began." in app.warning[0].value.replace("\\", "")
    buttons(app)["Continue"].click().run()
    assert [run.id for run in engine.submitted] == [sweep.id]
    assert sweep.status().state == State.QUEUED


def test_finished_sweep_says_its_best_with_interval_and_luck(draw, sweep):
    finish(sweep)
    app = draw()
    said = " ".join(text.value for text in (*app.markdown, *app.caption, *app.success)).replace("\\", "")
    assert "accuracy 0.84 (95 % interval 0.71 to 0.92, n = 12)" in said
    assert "above all 19, so this is more than luck" in said
    assert "too good by chance" in said
    assert "-lr 0.002 -e 12 -bs 8 --seed 7" in app.code[0].value


def test_any_trial_is_made_a_run(draw, sweep, engine):
    finish(sweep)
    app = draw()
    choice = next(box for box in app.selectbox if box.label == "Trial")
    choice.select_index(1).run()
    buttons(app)["Make trial 2 a run"].click().run()
    assert not app.exception
    (run,) = engine.submitted
    assert (run.load_job(), run.load_config().learning_rate, run.load_config().seed) == (Job.TRAIN, 0.002, 7)
    assert run.id in app.query_params["run"]
