"""The reading exercise, from its introduction to the files, on a run whose predictions are written down, not computed."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import UnreadableImage
from covidlab.evaluation.reader_study import Case, Mode, begin_study, tally
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.store import RunStore
from covidlab.ui.predict import exercise_session
from covidlab.ui.predict.exercise_results import disclosure_table, tally_table


def page(run_folder: str, dataset: str) -> None:
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.runs.store import Run
    from covidlab.ui.predict.exercise import draw_exercise

    draw_exercise(Run(Path(run_folder)), load_catalog(Path(dataset)) if dataset else None)


@pytest.fixture
def dataset(make_dataset) -> str:
    return str(make_dataset({"covid": 2, "normal": 2}, films_per_patient=1))


@pytest.fixture
def run(dataset):
    """A run that held out every X-ray and was right on all."""
    catalog = load_catalog(dataset)
    run = RunStore().create(TrainingConfig(dataset=dataset))
    films = catalog.films[["file", "patient_id", "class"]]
    run.write_predictions(films.assign(predicted=films["class"], probability=0.5, correct=True))
    run.update_facts(data={"fingerprint": catalog.fingerprint, "num_validation": len(films)})
    return run


@pytest.fixture
def draw(run, dataset) -> Callable[..., AppTest]:
    """Return a function that draws the exercise; another model's folder or data set where named."""

    def draw_page(folder=run.path, films=dataset) -> AppTest:
        app = AppTest.from_function(page, args=(str(folder), films), default_timeout=30).run()
        assert not app.exception
        return app

    return draw_page


@pytest.fixture(autouse=True)
def no_double_clicks(monkeypatch):
    """A test clicks as quickly as it can."""
    monkeypatch.setattr("covidlab.ui.predict.exercise_session.DOUBLE_CLICK_SECONDS", 0)


def begin(app: AppTest, mode: Mode) -> AppTest:
    app.radio[0].set_value(mode).run()
    return press(app, "Begin")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def answer(app: AppTest, said: str, confidence: int = 3) -> None:
    app.radio[0].set_value(said)
    app.button_group[0].set_value(confidence)


def give_an_answer(app: AppTest) -> None:
    answer(app, "covid")
    press(press(app, "Show the model's answer"), "Keep my answer")


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def words(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption, *app.warning]).replace("\\", "")


def study_of(app: AppTest, run):
    return app.session_state[f"predict_exercise_{run.id}"].study


def test_introduction_says_how_many_x_rays_are_held_out(draw):
    said = words(draw())
    assert "kept 4 X-rays of the set films" in said
    assert "wrong on purpose" not in said


def test_introduction_of_the_drill_announces_wrong_advice(draw):
    app = draw()
    app.radio[0].set_value(Mode.DRILL).run()
    assert "Some of the advice in this session is wrong on purpose" in words(app)
    assert "Bernstein et al. 2023" in words(app)


@pytest.mark.parametrize("films", ["another", ""])
def test_run_of_another_data_set_says_what_to_do(draw, make_dataset, films):
    app = draw(films=str(make_dataset({"covid": 2, "normal": 2}, name=films)) if films else "")
    assert "are not in the data set in use" in app.info[0].value
    assert "Train a model" in words(app)


def test_model_without_validation_x_rays_says_what_to_do(draw):
    app = draw(folder=DEFAULT_MODEL)
    assert "kept none for validation" in app.info[0].value
    assert "Train a model" in words(app)


def test_answer_without_confidence_is_asked_for(draw):
    app = begin(draw(), Mode.PLAIN)
    app.radio[0].set_value("covid").run()
    press(app, "Show the model's answer")
    assert "say how sure you are" in app.error[0].value
    assert "In the set" not in words(app)


def test_read_first_shows_the_models_answer_before_the_truth(draw, run):
    app = begin(draw(), Mode.PLAIN)
    truth = study_of(app, run).current.true_class
    assert not app.info
    answer(app, truth, 4)
    press(app, "Show the model's answer")
    assert "The model's answer" in app.info[0].value and "In the set" not in words(app)
    press(app, "Keep my answer")
    assert "In the set it is one of" in words(app) and "The model said" in words(app)
    said = study_of(app, run).answers[0]
    assert (said.first_class, said.first_confidence, said.is_right) == (truth, 4, True)
    assert app.table[0].value.loc["Your first answer was right", "n"] == "1"
    press(app, "Next X-ray")
    assert app.radio[0].value is None


def test_read_first_counts_a_mind_changed_to_the_right_class(draw, run):
    app = begin(draw(), Mode.PLAIN)
    truth = study_of(app, run).current.true_class
    answer(app, "normal" if truth == "covid" else "covid")
    press(app, "Show the model's answer")
    app.radio[0].set_value(truth).run()
    press(app, "Change my answer")
    assert "Right. You changed your answer from the" in words(app)
    table = app.table[0].value["share"]
    assert table["Your first answer was right"] == "0.00"
    assert table["Your last answer was right"] == table["You changed it to the right one"] == "1.00"


def test_second_click_of_a_double_click_does_not_answer_again(draw, run, monkeypatch):
    app = begin(draw(), Mode.PLAIN)
    answer(app, "covid")
    press(app, "Show the model's answer")
    monkeypatch.setattr("covidlab.ui.predict.exercise_session.DOUBLE_CLICK_SECONDS", 60)
    press(app, "Keep my answer")
    assert not study_of(app, run).answers and app.info


def test_drill_says_nothing_of_right_and_wrong_before_its_end(draw, run):
    app = begin(draw(), Mode.DRILL)
    answer(app, "covid")
    press(app, "Show the advice")
    assert "The advice" in app.info[0].value
    app.radio[0].set_value("normal").run()
    press(app, "Change my answer")
    assert study_of(app, run).answers[0].is_changed
    assert list(app.table[0].value.index) == ["You changed your answer"]
    assert "In the set" not in words(app)


def test_drill_to_its_end_discloses_and_offers_the_files(draw, run):
    app = begin(draw(), Mode.DRILL)
    for _ in range(4):
        answer(app, "covid")
        press(app, "Show the advice")
        press(app, "Keep my answer")
    assert "The advice was wrong on purpose for 1 of them" in words(app)
    assert list(app.dataframe[0].value["the advice was"]).count("wrong on purpose") == 1
    assert len(app.get("download_button")) == 2


def test_start_again_asks_before_answers_are_lost(draw, run):
    app = begin(draw(), Mode.PLAIN)
    give_an_answer(app)
    press(app, "Start again")
    assert "1 answer will be lost" in words(app)
    press(app, "Go on")
    assert len(study_of(app, run).answers) == 1
    press(press(app, "Start again"), "Start again and lose them")
    assert "Begin" in labels(app)


def test_end_here_shows_the_results_so_far(draw):
    app = begin(draw(), Mode.PLAIN)
    give_an_answer(app)
    press(app, "End here")
    assert "1 X-ray answered" in words(app)


def test_x_ray_that_cannot_be_shown_is_left_out_without_its_name(draw, run, monkeypatch):
    def refuse(*args, **options):
        raise UnreadableImage("covid/film-000.png cannot be read.")

    monkeypatch.setattr("covidlab.ui.predict.exercise.current_large_film", refuse)
    app = begin(draw(), Mode.PLAIN)
    assert "cannot be shown" in app.error[0].value and "film-" not in app.error[0].value
    press(app, "Next X-ray")
    assert len(study_of(app, run).cases) == 3


def test_disclosure_table_tells_errors_of_the_model_from_those_on_purpose():
    cases = [Case("a", "covid", "normal"), Case("b", "covid", "covid"), Case("c", "covid", "covid")]
    study = begin_study(cases, ("covid", "normal"), mode=Mode.DRILL, seed=0)
    for _ in cases:
        study = study.answered("covid", 5)
    assert sorted(disclosure_table(study)["the advice was"]) == ["right", "wrong on purpose", "wrong, as the model is"]


def test_tally_table_of_no_x_ray_says_none():
    table = tally_table(tally(begin_study([Case("a", "covid", "covid")], ("covid", "normal"), mode=Mode.PLAIN, seed=0)))
    assert isinstance(table, pd.DataFrame)
    assert table.loc["The model was right"].tolist() == ["none", "", "0"]


@pytest.mark.parametrize("step", ["mark", "answer", "go_on", "skip", "change"])
def test_step_after_the_session_was_ended_does_nothing(step):
    run = RunStore().create(TrainingConfig(dataset="small"))
    getattr(exercise_session, step)(run)
    assert exercise_session.session_of(run) is None
