"""The Train page: settings, start and stop, what it shows of a run."""

import json
import os

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.decisions import Decision
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.data.selections import change_decision, create_selection
from covidlab.errors import StorageError
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.jobs import Job
from covidlab.runs.queue import asked_facts
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services.learning import learning_of

PAGE = str(PROJECT_ROOT / "pages" / "2_Train.py")
ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


@pytest.fixture
def page(make_dataset, monkeypatch, engine):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset()))
    return AppTest.from_file(PAGE, default_timeout=60)


def of_this_set(**settings) -> TrainingConfig:
    """Settings of a run on the data set of the page."""
    return TrainingConfig(dataset=os.environ["COVIDLAB_DATASET"], **settings)


def live_view(page) -> dict:
    """What the script tells the live view of the browser."""
    (component,) = [each for each in page.get("bidi_component") if each.proto.component_name == "covidlab_live_run"]
    return json.loads(component.proto.json)


def dots(page) -> dict:
    """What the script tells the view of all X-rays."""
    (component,) = [each for each in page.get("bidi_component") if each.proto.component_name == "covidlab_learning"]
    return json.loads(component.proto.json)


def texts(page):
    kinds = (page.markdown, page.caption, page.info, page.warning, page.success, page.error, page.subheader)
    return " ".join(element.value for kind in kinds for element in kind)


def test_train_first_visit_has_the_contract_widgets_and_an_empty_state(page, engine):
    page.run()
    assert not page.exception
    assert page.select_slider(key="train_learning_rate").value == 0.001
    assert page.slider(key="train_epochs").value == 25
    assert page.slider(key="train_batch_size").value == 8
    assert page.selectbox(key="train_preset").value == "default"
    assert page.selectbox(key="train_fine_tune").value == "head"
    assert page.button(key="train_stop").disabled
    assert "No run yet" in texts(page)
    assert "Not for diagnosis" in texts(page)
    assert engine.num_ready == 1


def test_train_start_queues_one_run_with_the_settings_and_stop_ends_it(page, engine):
    page.run()
    page.select_slider(key="train_learning_rate").set_value(0.01)
    page.slider(key="train_epochs").set_value(5)
    page.slider(key="train_batch_size").set_value(4)
    page.selectbox(key="train_preset").set_value("original").run()
    page.button(key="train_start").click().run()
    assert not page.exception
    (run,) = RunStore().list()
    config = run.load_config()
    assert (config.learning_rate, config.epochs, config.batch_size, config.preset) == (0.01, 5, 4, "original")
    assert page.query_params["run"] == run.id
    assert [submitted.id for submitted in engine.submitted] == [run.id]
    assert run.load_engine() == "mock"

    page.button(key="train_stop").click().run()
    assert [cancelled.id for cancelled in engine.cancelled] == [run.id]
    assert run.status().state == "stopped"
    assert "Stopped before it began" in texts(page)


FURTHER = {
    "train_optimizer": ("SGD with momentum", "sgd"),
    "train_weight_decay": ("0.001", 0.001),
    "train_class_weights": ("every class counts the same", "balanced"),
    "train_patience": ("5", 5),
    "train_rotation": ("30.0", 30.0),
    "train_flip": ("true", True),
    "train_shift": ("0.1", 0.1),
    "train_brightness": ("0.2", 0.2),
}


def test_train_further_settings_come_from_the_address_and_are_recorded_and_named(page):
    for name, (text, _) in FURTHER.items():
        page.query_params[name] = text
    page.run()
    page.button(key="train_start").click().run()
    assert not page.exception
    (run,) = RunStore().list()
    recorded = run.load_facts()["config"]
    assert {name: recorded[name.removeprefix("train_")] for name in FURTHER} == {
        name: value for name, (_, value) in FURTHER.items()
    }
    assert "SGD with momentum, weight decay 0.001, every class counts the same, patience of 5 epochs" in texts(page)


def test_train_further_settings_are_off_by_default_and_explained_where_they_stand(page):
    page.run()
    assert not page.toggle(key="train_flip").value
    assert page.slider(key="train_patience").value == 0
    assert "the heart lies on the left" in texts(page)
    page.button(key="train_start").click().run()
    (run,) = RunStore().list()
    assert run.load_config() == of_this_set()


def test_train_settings_come_from_the_address(page):
    page.query_params["train_epochs"] = "7"
    page.query_params["train_fine_tune"] = "block5"
    page.run()
    assert page.slider(key="train_epochs").value == 7
    assert page.selectbox(key="train_fine_tune").value == "block5"


def queue_view(page) -> dict:
    """What the script tells the queue in the browser."""
    (component,) = [each for each in page.get("bidi_component") if each.proto.component_name == "covidlab_queue_box"]
    return json.loads(component.proto.json)


def test_train_queue_names_those_who_wait_and_who_may_cancel(page):
    page.run()
    page.text_input(key="visitor_name_typed").set_value("Anna").run()
    for _ in range(2):
        page.button(key="train_start").click().run()
    first, second = reversed(RunStore().list())
    asked = asked_facts(name="Ben", token="other", expected_seconds=9)
    other = RunStore().create(of_this_set(), engine="mock", asked=asked)
    page.query_params["run"] = other.id
    page.run()
    view = queue_view(page)
    assert view["rows"][0] == {"id": first.id, "text": "1. Run 1 (Anna) starts now", "waits": True, "open": False}
    assert view["rows"][2]["text"].startswith("3. Run 3 (Ben) starts in")
    assert view["own"] == [first.id, second.id]
    assert page.button(key="train_stop").disabled
    assert "It waits for 3 runs and starts in" in texts(page)
    assert page.text_input(key="visitor_name_typed").value == "Anna"


def test_train_estimate_stands_before_the_start(page):
    page.run()
    assert "36 passes through VGG16" in texts(page)


def test_train_unknown_run_in_the_address_shows_the_newest(page):
    RunStore().create(of_this_set())
    page.query_params["run"] = "../../etc"
    page.run()
    assert not page.exception
    assert "Run 1" in texts(page)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status(state=State.FAILED, epoch=1, epochs=3, reason="The disk is full: x"), "The disk is full"),
        (Status(state=State.RUNNING, epoch=2, epochs=3), "after epoch 2"),
        (Status(state=State.FINISHED, epoch=3, epochs=3, device="CPU"), "3 epochs"),
    ],
)
def test_train_shows_how_a_run_ended(page, status, words):
    run = RunStore().create(of_this_set(epochs=3))
    run.append_history(epoch=1, **ROW)
    run.write_status(status)
    page.run()
    assert not page.exception
    assert words in texts(page).replace("\\", "")


def test_train_first_visit_passes_over_a_run_that_was_stopped_before_it_began(page):
    store, config = RunStore(), of_this_set(epochs=3)
    ended = [Status(state=State.FINISHED, epoch=3, epochs=3), Status(state=State.STOPPED, epochs=3)]
    for status in ended:
        store.create(config).write_status(status)
    page.run()
    assert next(element.value for element in page.subheader).startswith("Run 1\\, rate")


def test_train_first_visit_shows_no_run_of_another_data_set(page):
    RunStore().create(TrainingConfig(dataset="other X-rays"))
    page.run()
    assert "No run yet" in texts(page)


def test_train_run_that_ended_before_its_first_step_shows_no_empty_charts(page):
    run = RunStore().create(of_this_set())
    run.write_status(Status(state=State.FAILED, epochs=3, reason="There is no such folder."))
    page.query_params["run"] = run.id
    page.run()
    assert not live_view(page)["charts"]


def test_train_live_view_listens_to_the_run_and_knows_what_the_page_shows(page):
    run = RunStore().create(of_this_set())
    page.run()
    view = live_view(page)
    assert view["events"] == f"/api/v1/runs/{run.id}/events"
    assert (view["state"], view["watch"]) == ("active", {"active": run.id})
    assert view["charts"]


def test_train_without_a_run_waits_for_one(page):
    page.run()
    view = live_view(page)
    assert (view["events"], view["watch"]) == ("", {"active": ""})


def test_train_no_script_runs_by_itself_while_a_run_is_watched(page, monkeypatch):
    RunStore().create(of_this_set())
    monkeypatch.setattr("streamlit.fragment", lambda *args, **kwargs: pytest.fail("a fragment runs by itself"))
    page.run()
    assert not page.exception


def test_train_engine_of_an_unknown_name_is_said_in_one_sentence(page, monkeypatch):
    monkeypatch.setenv("COVIDLAB_ENGINE", "abacus")
    page.run()
    assert not page.exception
    assert "COVIDLAB_ENGINE must be local" in texts(page).replace("\\", "")


def test_train_home_that_cannot_be_written_is_said(page, engine):
    engine.error = StorageError("The home cannot be written.")
    page.run()
    assert not page.exception
    assert "The home cannot be written" in texts(page)


def test_train_selection_is_said_with_its_films_and_recorded(page, make_dataset, monkeypatch):
    root = make_dataset(name="curated ones")
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    sha256 = load_catalog(root).row("covid/film-000.png")["sha256"]
    create_selection(root, "without arrows")
    change_decision(root, "without arrows", "covid/film-000.png", Decision(action="exclude", sha256=sha256))
    page.query_params["train_selection"] = "without arrows"
    page.run()
    assert "Selection without arrows: 11 of 12 X-rays." in texts(page).replace("\\", "")
    page.button(key="train_start").click().run()
    (run,) = RunStore().list()
    assert run.load_config().selection == "without arrows"


def test_train_selection_that_no_longer_fits_says_why(page, make_dataset, monkeypatch):
    root = make_dataset(name="changed ones")
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    create_selection(root, "old")
    change_decision(root, "old", "covid/film-000.png", Decision(action="exclude", sha256="0" * 64))
    page.query_params["train_selection"] = "old"
    page.run()
    assert not page.exception
    assert "other content" in texts(page)


def test_train_damaged_run_is_shown_as_damaged(page):
    run = RunStore().create(of_this_set())
    (run.path / "run.json").write_text("{")
    page.run()
    assert not page.exception
    assert "Damaged" in texts(page)


@pytest.mark.usefixtures("nobody_named_a_folder")
def test_train_without_films_says_how_to_get_them(engine):
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    assert "dataset import" in page.code[0].value


def test_train_stop_ends_the_run_shown_and_names_another_one(page):
    first, second = (RunStore().create(of_this_set()) for _ in range(2))
    page.query_params["run"] = second.id
    page.run()
    assert page.button(key="train_stop").label == "Stop"
    page.button(key="train_stop").click().run()
    assert (first.status().state, second.status().state) == ("queued", "stopped")
    assert page.button(key="train_stop").label == "Stop run 1"


@pytest.mark.parametrize(
    ("asked", "rate"), [("1e-05", 0.00001), ("3e-05", 0.00003), ("0.00003", 0.00003), ("0.01", 0.01)]
)
def test_train_learning_rate_of_an_earlier_link_is_understood(page, asked, rate):
    page.query_params["train_learning_rate"] = asked
    page.run()
    assert not page.exception
    assert page.select_slider(key="train_learning_rate").value == rate


def test_train_says_before_the_start_what_speaks_against_the_set(page, make_dataset, monkeypatch):
    root = make_dataset(name="two classes")
    (root / "normal/film-000.png").write_bytes((root / "covid/film-002.png").read_bytes())
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    said = texts(page.run()).replace("\\", "")
    assert "1 X-ray is in two classes: covid/film-002.png and normal/film-000.png." in said
    assert PATIENTS_NOT_KNOWN in said
    assert "all X-rays of a patient are on one side" not in said


def test_train_on_known_patients_has_nothing_to_warn_of(page, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="known", films_per_patient=2)))
    assert "all X-rays of a patient are on one side" in texts(page.run())
    assert not page.warning


def test_train_before_the_first_run_shows_the_xrays_of_the_set_waiting(page):
    view = dots(page.run())
    assert view["place"] == view["waiting"] != ""
    assert (view["run"], view["opens"]) == ("", False)


def test_train_shows_every_xray_of_the_run_with_the_run_before_as_a_ghost(page):
    first, other_set, second = (
        RunStore().create(config) for config in (of_this_set(), TrainingConfig(dataset="other"), of_this_set())
    )
    for run in (first, other_set):
        run.append_history(epoch=1, **ROW)
        run.write_status(Status(state=State.FINISHED, epoch=1, epochs=1))
    view = dots(page.run())
    assert view["place"] == f"/api/v1/runs/{second.id}"
    assert view["ghost"] == f"/api/v1/runs/{first.id}"
    assert view["state"] == "active"


def test_train_shows_no_sweep_as_a_run(page):
    trained = RunStore().create(of_this_set())
    sweep = RunStore().create(of_this_set(), job=Job.SWEEP)
    page.query_params["run"] = sweep.id
    assert dots(page.run())["run"] == trained.id


def test_train_has_tabs_for_all_rates_and_for_sweeps(page):
    page.run()
    assert [tab.label for tab in page.tabs] == ["One run", "All rates", "Sweep"]


def test_thick_curve_ends_at_the_accuracy_and_the_interval_of_the_report(runs):
    for run in runs:
        crossed = learning_of(run, run.status())["crossed"]
        figure = run.report()["cross_validation"]["accuracy"]
        assert crossed["epoch"] == [0, 1, 2, 3]
        ends = [crossed[name][-1] for name in ("accuracy", "low", "high")]
        assert ends == pytest.approx([figure["value"], figure["low"], figure["high"]], abs=1e-4)
