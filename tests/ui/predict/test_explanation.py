"""A map on demand: what is asked of the reader, what is said of the map, and that nothing is made twice."""

import json

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from covidlab.child import Message
from covidlab.data.catalog import load_catalog
from covidlab.errors import BusyError, ModelError, TemporaryError
from covidlab.intake.upload import VisitorFilm
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.explanation import ILLUSTRATIVE
from covidlab.runs.store import Run
from covidlab.ui.predict.map_making import MASK_SIDE, MadeMap, known_mask
from covidlab.ui.predict.reading import READING_SECONDS
from tests.ui.predict.visit import FAR, Told, read_film

SAID = {
    "lungs": "40 % of the heat lies inside the lungs.",
    "hottest": "The brightest place lies at the upper left border.",
    "trial": ["Erasing changed the number from 0.9 to 0.8.", "The map passed this test.", ILLUSTRATIVE],
    "passed": True,
}
RUN = Run(DEFAULT_MODEL)


def answer(heatmap=None, **changes) -> Message:
    heat = np.eye(7, dtype=np.float32) if heatmap is None else heatmap
    return Message({**SAID, **changes}, {"heatmap": heat})


def in_steps(values, parts) -> Message:
    """What the process answers: one step of the map and one of its trial before all is done."""
    if "heatmap" not in parts:
        return Message({"numbers": []}, {"heatmap": np.eye(7)}) if values["numbers"] else Message({"numbers": [0.5]})
    return answer() if values["numbers"] else Message({"numbers": [0.1] * 7}, {"heatmap": parts["heatmap"]})


@pytest.fixture
def told(monkeypatch) -> Told:
    reader = Told(explain=answer())
    monkeypatch.setattr("covidlab.ui.predict.map_making.shared_reader", lambda: reader)
    return reader


def draw(film: VisitorFilm, catalog=None) -> AppTest:
    def script(film, catalog):
        from covidlab.paths import DEFAULT_MODEL
        from covidlab.runs.store import Run
        from covidlab.ui.predict.explanation import draw_explanation

        draw_explanation(film, Run(DEFAULT_MODEL), catalog, key="x")

    app = AppTest.from_function(script, kwargs={"film": film, "catalog": catalog}, default_timeout=30).run()
    assert not app.exception
    return app


def make(app: AppTest) -> AppTest:
    app.button(key="x_map_make").click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(text.value for text in [*app.markdown, *app.caption]).replace("\\", "")


def test_nothing_is_asked_before_the_button(told):
    said = words(draw(read_film(RUN)))
    assert told.asked == []
    assert "the model reads the X-ray 23 times." in said
    assert ILLUSTRATIVE not in said


def test_map_says_first_that_it_is_illustrative_then_how_its_trial_went(told):
    film = read_film(RUN)
    app = make(draw(film))
    said = [text.value.replace("\\", "") for text in app.markdown]
    assert ILLUSTRATIVE in said[0] and "Trial of the map: passed." in said[1]
    assert said[2:] == [SAID["hottest"], SAID["lungs"], SAID["trial"][0]]
    data = json.loads(app.get("bidi_component")[0].proto.json)
    (pane,) = data["panes"]
    assert data["state"] == f"viewer_{film.id}"
    assert pane["overlay"].startswith("data:image/png") and "Grad-CAM" in pane["overlay_title"]


def test_same_map_is_made_once_and_another_class_is_another_map(told):
    film = read_film(RUN)
    app = make(make(draw(film)))
    app.selectbox(key="x_map_class").select("normal").run()
    assert not app.get("bidi_component")
    make(app)
    assert [values for _, values, _ in told.asked] == [
        {"method": "grad-cam", "class": "covid", "numbers": []},
        {"method": "grad-cam", "class": "normal", "numbers": []},
    ]
    assert len(film.explanations) == 2


def test_occlusion_says_how_long_it_takes_before_and_after_a_map_was_made(told):
    app = draw(read_film(RUN))
    app.radio(key="x_map_method").set_value("occlusion").run()
    assert "72 times; that takes 10 s to a minute, longer on a busy machine." in words(app)
    app.session_state[READING_SECONDS] = 1.15
    assert "72 times; judged by the last reading, that takes about 83 s." in words(app.run())
    assert "72 times; that takes less than a second." in words(make(app).run())


def begun(told, film) -> AppTest:
    """A map by occlusion that has taken its first step of four."""
    told.answers["explain"] = in_steps
    app = draw(film)
    app.radio(key="x_map_method").set_value("occlusion").run()
    return make(app)


def test_map_is_made_in_steps_with_a_bar_that_says_how_far_it_is(told):
    app, said = begun(told, film := read_film(RUN)), []
    while not film.explanations:
        said.append(app.get("progress")[0].proto.text.partition(",")[2])
        app.run()
    assert [words.partition(" times")[0] for words in said] == [f" COVID-19: read {num} of 72" for num in (1, 50, 57)]
    assert "left" in said[-1]
    assert app.get("bidi_component") and not app.get("progress")


def test_button_of_another_map_waits_for_the_one_that_is_being_made(told):
    app = begun(told, read_film(RUN))
    app.selectbox(key="x_map_class").select("normal").run()
    assert app.button(key="x_map_make").disabled and app.get("progress")


def test_map_that_was_stopped_goes_on_where_it_was(told):
    app = begun(told, film := read_film(RUN))
    app.button(key="x_map_stop").click().run()
    assert not app.get("progress") and not app.button(key="x_map_make").disabled
    assert len(told.asked) == 1
    make(app)
    assert told.asked[1][1]["numbers"] == [0.5] and not film.explanations


def test_map_waits_for_its_turn_where_the_process_is_busy(told):
    app = begun(told, film := read_film(RUN))
    told.answers["explain"] = BusyError("The model is busy: 8 X-rays wait already.")
    app.run()
    assert app.get("progress") and not app.error
    told.answers["explain"] = answer()
    app.run()
    assert film.explanations


@pytest.mark.parametrize("numbers", [[], [0.5], [0.5, float("nan")], [0.5] * 80, "0.5"])
def test_step_that_adds_nothing_whole_ends_the_map(told, numbers):
    app = begun(told, film := read_film(RUN))
    told.answers["explain"] = Message({"numbers": numbers})
    app.run()
    assert "no whole answer" in app.error[0].value
    assert not film.explanations and not app.get("progress")


def test_map_that_did_not_pass_says_so(told):
    told.answers["explain"] = answer(passed=False)
    assert "Trial of the map: did not pass." in words(make(draw(read_film(RUN))))


def test_empty_map_is_one_sentence(told):
    told.answers["explain"] = answer(np.zeros((7, 7), np.float32), trial=[], passed=False, hottest="", lungs="")
    app = make(draw(read_film(RUN)))
    assert "Nothing on this X-ray speaks for COVID-19, so there is no map." in words(app)
    assert not app.get("bidi_component")


def test_map_of_an_x_ray_without_a_number_says_none(told):
    said = words(make(draw(read_film(RUN, FAR))))
    assert SAID["trial"][0] not in said
    assert SAID["hottest"] in said


@pytest.mark.parametrize("error", [TemporaryError("Too many wait. Try again."), ModelError("It is damaged.")])
def test_failure_is_said_and_the_button_tries_again(told, error):
    told.answers["explain"] = error
    app = make(draw(read_film(RUN)))
    assert app.error[0].value.replace("\\", "") == str(error)
    told.answers["explain"] = answer()
    assert not make(app).error


@pytest.mark.parametrize("heatmap", [np.full((7, 7), np.nan, np.float32), np.zeros(7, np.float32)])
def test_answer_that_is_not_whole_gives_no_map(heatmap):
    with pytest.raises(TemporaryError, match="no whole answer"):
        MadeMap.from_message(answer(heatmap))


@pytest.fixture
def masked(make_dataset):
    """A set with the mask of one X-ray."""
    root = make_dataset({"covid": 2, "normal": 2}, films_per_patient=1)
    (root / "masks").mkdir()
    Image.fromarray(np.full((400, 600), 255, np.uint8)).save(root / "masks" / "film-000.png")
    lines = (root / "metadata.csv").read_text().splitlines()
    table = [f"{line},{'mask' if row == 0 else 'masks/film-000.png' * (row == 1)}" for row, line in enumerate(lines)]
    (root / "metadata.csv").write_text("\n".join(table) + "\n")
    return load_catalog(root)


def test_known_mask_of_an_x_ray_of_the_set_goes_to_the_reader_small(told, masked):
    sha256 = masked.films["sha256"].iloc[0]
    told.answers["explain"] = lambda values, parts: (
        answer() if "heatmap" in parts else Message({"numbers": []}, {"heatmap": np.eye(7)})
    )
    make(draw(read_film(RUN, sha256=sha256), masked)).run()
    mask = told.asked[1][2]["mask"]
    assert (mask.shape, mask.dtype, mask.min()) == ((171, MASK_SIDE), np.uint8, 255)


def test_known_mask_is_none_for_other_x_rays_and_for_one_that_cannot_be_read(masked):
    (first, second), contents = masked.films["file"][:2], masked.films["sha256"]
    assert known_mask(read_film(RUN), masked) is None
    assert known_mask(read_film(RUN, file=second, sha256=contents.iloc[1]), masked) is None
    # Of another set, where this name is that of another X-ray.
    assert known_mask(read_film(RUN, file=first), masked) is None
    masked.mask_path(first).write_bytes(b"no picture")
    assert known_mask(read_film(RUN, file=first, sha256=contents.iloc[0]), masked) is None


def test_map_says_how_its_method_did_in_the_examination(told):
    said = words(make(draw(read_film(RUN))))
    assert "Grad-CAM did not pass the examination on phantoms: it points at a planted tag on" in said
