"""What all saved models say of one X-ray: which are asked, how they agree, and why others are not."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.child import Message
from covidlab.config import TrainingConfig
from covidlab.errors import TemporaryError
from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.votes import Vote
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.ui.predict.voting import MOST_VOTERS, find_voters, verdict
from tests.ui.predict.visit import FAR, Told, read_film

RUN = Run(DEFAULT_MODEL)


def saved_run(*, classes=("covid", "normal"), name="curated", **facts) -> Run:
    """A finished run with a model, which no test opens."""
    run = RunStore().create(TrainingConfig(dataset=name))
    run.model_path.write_bytes(b"model")
    data = {"name": name, "num_training": 40, "classes": list(classes)}
    run.update_facts(**{"model_sha256": "a" * 64, "data": data, **facts})
    run.write_status(Status(state=State.FINISHED, phase="", epochs=1))
    return run


def vote(resembles: str, probability: float = 0.7) -> Vote:
    return Vote("a run", "covid", probability, resembles)


def answer(*called: str):
    return lambda values, parts: Message({"votes": [vote(resembles).to_dict() for resembles in called]})


@pytest.fixture
def told(monkeypatch) -> Told:
    reader = Told(vote=answer("covid", "covid"))
    monkeypatch.setattr("covidlab.ui.predict.voting.shared_reader", lambda: reader)
    return reader


def draw(film: VisitorFilm) -> AppTest:
    def script(film):
        from covidlab.paths import DEFAULT_MODEL
        from covidlab.runs.store import Run
        from covidlab.ui.predict.voting import draw_votes

        draw_votes(film, Run(DEFAULT_MODEL), key="x")

    app = AppTest.from_function(script, kwargs={"film": film}, default_timeout=30).run()
    assert not app.exception
    return app


def ask(app: AppTest) -> AppTest:
    app.button(key="x_vote").click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption]).replace("\\", "")


@pytest.mark.parametrize(
    ("called", "said"),
    [
        (["covid"] * 6 + ["normal"], "6 of 7 saved models: this X-ray resembles the COVID-19 X-rays."),
        (["covid"] * 3 + ["normal"] * 4, "No answer: the models disagree (4 of 7 saved models say"),
        ([], "No saved model could be used."),
    ],
)
def test_verdict_says_how_many_agree_or_that_there_is_no_answer(called, said):
    assert verdict([vote(resembles) for resembles in called]).startswith(said)


def test_one_model_alone_is_a_sentence_and_a_link(told):
    app = draw(read_film(RUN))
    assert "only one saved model" in words(app) and "Train a model" in words(app)
    assert not app.button


def test_all_saved_models_are_asked_once_and_shown_in_a_table(told):
    saved_run()
    film = read_film(RUN)
    app = ask(ask(draw(film)))
    assert app.button[0].label == "Ask all saved models (2)"
    assert "2 of 2 saved models: this X-ray resembles the COVID-19 X-rays." in words(app)
    ((_, values, parts),) = told.asked
    assert [model["name"] for model in values["models"]] == ["run 1", "the default model"]
    assert set(parts) == {"area", "linear"}
    table = app.dataframe[0].value
    assert table["learned from"].tolist() == ["40 X-rays of curated", "50 X-rays of the curated fifty"]
    assert table[["preset", "depth", "number"]].values.tolist() == [["default", "head", "0.70"]] * 2


def test_model_of_synthetic_x_rays_is_named_so(told):
    saved_run(name="phantoms")
    app = ask(draw(read_film(RUN)))
    assert "Learned from synthetic X-rays, which show no patient: run 1." in words(app)
    assert app.dataframe[0].value["learned from"][0] == "40 synthetic X-rays of phantoms"


def test_models_with_other_classes_or_without_checksum_are_not_asked(told):
    saved_run(classes=("covid", "normal", "pneumonia"))
    saved_run(model_sha256="")
    said = words(draw(read_film(RUN)))
    assert "Not asked: run 1. Other classes." in said
    assert "Not asked: run 2. Run 2 has no checksum" in said


def test_model_that_cannot_be_used_says_why(told):
    saved_run()
    refused = Vote("run 1", refusal="Its file is damaged.")
    told.answers["vote"] = Message({"votes": [refused.to_dict(), vote("normal").to_dict()]})
    app = ask(draw(read_film(RUN)))
    assert "Run 1 could not be used. Its file is damaged." in words(app)
    assert app.dataframe[0].value["resembles"].tolist() == ["not used", "non-COVID"]


def test_only_the_newest_models_are_asked():
    run = saved_run()
    voters = find_voters(RUN, [run] * (MOST_VOTERS + 3))
    assert (len(voters.runs), voters.are_more) == (MOST_VOTERS, True)


def test_x_ray_without_a_number_is_not_voted_on_until_it_is_asked_for(told):
    saved_run()
    film = read_film(RUN, FAR)
    assert "so the saved models are not asked" in words(draw(film))
    film.shows_anyway = True
    assert ask(draw(film)).dataframe


def test_many_models_are_asked_a_few_at_a_time(told, monkeypatch):
    monkeypatch.setattr("covidlab.ui.predict.voting.VOTERS_AT_ONCE", 2)
    told.answers["vote"] = lambda values, parts: answer(*["covid"] * len(values["models"]))(values, parts)
    for _ in range(2):
        saved_run()
    assert "3 of 3 saved models" in words(ask(draw(read_film(RUN))))
    assert [len(values["models"]) for _, values, _ in told.asked] == [2, 1]


NO_NUMBER = Message({"votes": [vote("covid", float("nan")).to_dict(), vote("covid").to_dict()]})


@pytest.mark.parametrize("wrong", [TemporaryError("Too many wait."), Message({}), Message({"votes": []}), NO_NUMBER])
def test_failure_is_said_and_nothing_is_kept(told, wrong):
    saved_run()
    told.answers["vote"] = wrong
    film = read_film(RUN)
    assert len(ask(draw(film)).error) == 1
    assert film.votes == {}
