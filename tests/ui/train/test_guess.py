"""Predict the curve on a page: a pick before Start belongs to the next run, and is scored when that ends."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.ui.shared.components.curve_sketch import POINTS, checked_sketch


def page() -> None:
    import streamlit as st

    from covidlab.config import TrainingConfig
    from covidlab.runs.store import RunStore
    from covidlab.ui.train.guess import draw_guess, draw_guess_result

    draw_guess(TrainingConfig(dataset="X-rays"))
    name = st.query_params.get("run")
    draw_guess_result(RunStore().get(name) if name else None)


def run_with(losses) -> Run:
    run = RunStore().create(TrainingConfig(dataset="X-rays", epochs=len(losses)))
    for epoch, loss in enumerate(losses, start=1):
        run.append_history(epoch=epoch, loss=loss, accuracy=0.5, val_loss=loss, val_accuracy=0.5, seconds=0.1)
    return run


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


@pytest.fixture
def picked() -> AppTest:
    """The page of a visitor who has looked at an earlier run and picked "nothing happens"."""
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["run"] = run_with([0.7] * 10).id
    app.run()
    app.radio(key="guess_outcome").set_value("nothing happens").run()
    assert not app.exception
    return app


def test_guess_does_not_belong_to_a_run_of_before(picked):
    assert picked.radio(key="guess_outcome").value == "nothing happens"
    assert "Your guess" not in texts(picked)


@pytest.mark.parametrize(
    ("losses", "verdict"), [([0.7] * 10, "Right."), ([0.7, 0.5, 0.3, 0.2, 0.1, 0.05], "Not this time.")]
)
def test_guess_is_scored_when_the_run_started_after_it_ends(picked, losses, verdict):
    run = run_with(losses)
    picked.query_params["run"] = run.id
    picked.run()
    assert "Your guess:** Nothing happens. It is scored when the run ends" in texts(picked)
    assert picked.radio(key="guess_outcome").value is None
    run.write_status(Status(state=State.FINISHED, epochs=len(losses), epoch=len(losses)))
    picked.run()
    assert verdict in texts(picked)
    # Drawn again, it counts once.
    assert "of 1 run " in texts(picked.run())


def test_guess_of_a_run_that_was_stopped_is_not_scored(picked):
    run = run_with([0.7] * 10)
    run.write_status(Status(state=State.STOPPED, epochs=25, epoch=10))
    picked.query_params["run"] = run.id
    picked.run()
    assert "It is not scored: the run did not come to its end." in texts(picked)


@pytest.mark.parametrize("sent", [None, "0.5" * POINTS, [0.5] * 3, [2.0] * POINTS, [None] * POINTS])
def test_sketch_that_is_not_whole_is_none(sent):
    assert checked_sketch(sent) is None


def test_sketch_is_eleven_values_from_nought_to_one():
    assert checked_sketch([1] * POINTS) == (1.0,) * POINTS
