"""Present: a lesson in steps, its state in the address; live or labelled as a replay."""

import json
import os
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import StorageError
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.ui.present.steps import STEPS
from covidlab.ui.present.training import splits_sentences
from tests.services.recorded import record

PAGE = "pages/6_Present.py"
SPLIT = {"value": 1.0, "low": 0.72, "high": 1.0, "n": 10}
CROSSED = {
    "accuracy": {"value": 0.55, "low": 0.4, "high": 0.68, "n": 50},
    "repeats": 10,
    "folds": 5,
    "num_patients": 37,
}
REPORT = {"accuracy": SPLIT, "cross_validation": CROSSED, "data": {"num_validation": 10, "num_patients": 37}}


@pytest.fixture(autouse=True)
def of_four(make_dataset, monkeypatch, engine):
    """Two X-rays of each class, and an engine that computes nothing."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))


def recorded_run(*, report: dict | None = None) -> Run:
    """A finished run on the data set of the page whose epochs can be played."""
    dataset = os.environ["COVIDLAB_DATASET"]
    run = RunStore().create(TrainingConfig(dataset=dataset, epochs=3))
    record(run, load_catalog(dataset))
    run.write_status(replace(run.status(), state=State.FINISHED, epoch=3))
    if report:
        run.write_report(report)
    return run


def texts(app: AppTest) -> str:
    """What is said on the page, without the escapes of Markdown."""
    kinds = (app.title, app.markdown, app.info, app.warning, app.error, app.get("html"))
    said = (getattr(element, "value", None) or element.proto.body for kind in kinds for element in kind)
    return " ".join(said).replace("\\", "")


def dots(app: AppTest) -> list[dict]:
    """What the script tells the view of the moving dots; empty where it is not drawn."""
    views = [each for each in app.get("bidi_component") if each.proto.component_name == "covidlab_learning"]
    return [json.loads(view.proto.json) for view in views]


def test_present_opens_empty_though_a_run_is_there(draw):
    recorded_run()
    app = draw(PAGE)
    assert app.title[0].value == STEPS[0].heading
    assert "2 X-rays" in texts(app)
    app = draw(PAGE, step="3")
    assert not dots(app)
    assert app.button(key="present_start").label == "Train it now"


def test_present_leads_through_every_step_and_begins_again(draw):
    app = draw(PAGE)
    assert app.button(key="present_back").disabled
    for number, step in enumerate(STEPS[1:], start=2):
        app.button(key="present_next").click().run()
        assert not app.exception
        assert app.title[0].value == step.heading
        assert app.query_params["step"] == str(number)
    assert app.button(key="present_next").disabled
    app.button(key="present_again").click().run()
    assert app.title[0].value == STEPS[0].heading
    assert "step" not in app.query_params


@pytest.mark.parametrize(("asked", "number"), [("nonsense", 1), ("0", 1), ("-3", 1), ("99", len(STEPS)), ("9" * 50, 1)])
def test_present_takes_any_address(draw, asked, number):
    assert draw(PAGE, step=asked).title[0].value == STEPS[number - 1].heading


def test_present_trains_live_and_says_so(draw, engine):
    app = draw(PAGE, step="3")
    app.button(key="present_start").click().run()
    (run,) = RunStore().list()
    assert app.query_params["run"] == run.id
    assert [submitted.id for submitted in engine.submitted] == [run.id]
    (view,) = dots(app)
    assert (view["run"], view["large"], view["shows"]) == (run.id, True, "dots")
    assert "[Live]" in texts(app)
    assert "Replay" not in texts(app)


def test_present_plays_a_recorded_run_as_a_replay_and_resets(draw):
    run = recorded_run(report=REPORT)
    app = draw(PAGE, step="3")
    app.button(key="present_play_replay").click().run()
    (view,) = dots(app)
    assert (view["run"], view["replays"]) == (run.id, True)
    assert "[Replay] Run 1, rate 0.001" in texts(app)
    app.button(key="present_again").click().run()
    assert "run" not in app.query_params
    app = draw(PAGE, step="3")
    assert not dots(app)


@pytest.mark.curated
def test_present_without_a_run_plays_the_recording_that_comes_with_covidlab(draw, curated, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw(PAGE, step="3")
    app.button(key="present_play_recording").click().run()
    assert not app.exception
    assert "[Replay] The recorded run, rate 0.001, real fifty, recorded on" in texts(app)
    app.button(key="present_next").click().run()
    app.button(key="present_next").click().run()
    assert "0.92 over 50 splits, median of 10 repeats: a somewhat lucky split" in texts(app)


def test_present_says_why_nothing_can_be_trained_and_still_offers_the_replay(draw, monkeypatch):
    recorded_run()

    def refuse(*_):
        raise StorageError("The disk is full. Received: /runs.")

    monkeypatch.setattr("covidlab.ui.present.training.start_run", refuse)
    app = draw(PAGE, step="3")
    app.button(key="present_start").click().run()
    assert "The disk is full" in texts(app)
    assert app.button(key="present_play_replay").label == "Play the replay"


def test_present_run_that_failed_at_once_is_named_and_training_offered_again(draw):
    run = RunStore().create(TrainingConfig(dataset=os.environ["COVIDLAB_DATASET"]))
    run.write_status(replace(run.status(), state=State.FAILED, reason="Out of memory."))
    app = draw(PAGE, step="3", run=run.id)
    assert "Run 1 ended before its first epoch. Out of memory." in texts(app)
    assert app.button(key="present_start").label == "Train it now"


def test_present_run_in_the_address_that_is_gone_is_named(draw):
    assert "There is no run of this name" in texts(draw(PAGE, step="4", run="0099-abcd"))


def test_present_bet_is_in_the_address_and_comes_back_beside_both_figures(draw):
    app = draw(PAGE, step="2")
    app.button_group(key="present_bet").set_value("all").run()
    assert app.query_params["bet"] == "all"
    app = draw(PAGE, step="5", bet="all", run=recorded_run(report=REPORT).id)
    said = texts(app)
    assert "1.00 on these 10 validation X-rays, 0.55 over 50 splits, mean of 10 repeats: a lucky split." in said
    assert "95 % interval 0.40 to 0.68, n = 50 X-rays of 37 patients" in said
    assert "The room said: **All of them**" in said


def test_present_curve_without_a_run_leads_to_the_training(draw):
    app = draw(PAGE, step="4")
    app.button(key="present_to_training").click().run()
    assert app.query_params["step"] == "3"


def test_present_says_whose_figures_the_shortcuts_are(draw):
    said = texts(draw(PAGE, step="6"))
    assert "94 to 99 %" in said
    assert "not of the X-rays of this lesson" in said


def test_present_ends_with_a_way_to_train_that_begins_from_the_defaults(draw):
    (link,) = draw(PAGE, step="7").main.page_link
    assert link.proto.query_string == "train_preset=original&afresh=1"
    app = AppTest.from_file(str(PROJECT_ROOT / "pages" / "2_Train.py"), default_timeout=60)
    app.session_state["train_epochs"] = 26
    app.query_params.update({"train_preset": "original", "afresh": "1"})
    app.run()
    assert (app.slider(key="train_epochs").value, app.selectbox(key="train_preset").value) == (25, "original")


def test_present_without_x_rays_says_so_and_has_a_way_out(draw, monkeypatch, tmp_path):
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path / "nothing"))
    app = draw(PAGE)
    assert "There is no such folder" in texts(app)
    assert app.button(key="present_end").label == "End the lesson"


def test_splits_sentences_name_patients_on_both_sides_and_what_one_x_ray_weighs():
    data = {"num_validation": 10, "num_validation_with_patient_in_training": 4}
    sentences = splits_sentences({**REPORT, "data": data})
    assert "One X-ray of 10 is 10 points of accuracy." in sentences
    assert "4 of the 10 are of a patient who is in training too." in sentences


def test_splits_sentences_of_a_run_without_cross_validation_say_why():
    report = {"accuracy": SPLIT, "cross_validation": {"skipped": "It was not done."}, "data": {}}
    assert splits_sentences(report) == ["It was not done."]
