"""The map on Browse asks for nothing while it is closed, filters the page once opened, and says where there is none."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from covidlab.child import Message
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.errors import ModelError, TemporaryError
from covidlab.runs.store import Run, RunStore
from covidlab.ui.browse import mapping
from covidlab.ui.shared import known_map
from tests.ui.shared.maps import map_answer

PAGE = "pages/1_Browse.py"


class FakeReader:
    """Answers "map" for one set; an error in ``failure`` is raised instead."""

    def __init__(self, catalog: Catalog) -> None:
        self.known, self.points = map_answer(catalog)
        self.failure, self.num_asked = None, 0

    def ask(self, do, model, **_) -> Message:
        self.num_asked += 1
        if self.failure:
            raise self.failure
        return Message(self.known, {"points": self.points})


@pytest.fixture
def catalog(make_dataset, monkeypatch) -> Catalog:
    root = make_dataset({"covid": 4, "normal": 2})
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    return load_catalog(root)


@pytest.fixture
def run(catalog, monkeypatch) -> Run:
    """A run that used the set and kept features, as the model in use."""
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)))
    run.update_facts(model_sha256="a" * 64, reference_sha256="b" * 64, data={"fingerprint": catalog.fingerprint})
    monkeypatch.setattr(mapping, "visitors_model", lambda: run)
    return run


@pytest.fixture
def reader(catalog, run, monkeypatch) -> FakeReader:
    reader = FakeReader(catalog)
    monkeypatch.setattr(known_map, "shared_reader", lambda: reader)
    known_map._answer.clear()
    return reader


def texts(app) -> str:
    elements = (*app.main.markdown, *app.main.caption, *app.main.error)
    return "\n".join(element.value for element in elements).replace("\\", "")


def cards(app) -> list[str]:
    (grid,) = (one.proto for one in app.get("bidi_component") if one.proto.component_name == "covidlab_film_grid")
    return [card["file"] for card in json.loads(grid.json)["cards"]]


def lasso(app, monkeypatch, catalog, reader, *places: int):
    """Choose X-rays as the browser would: Streamlit's test driver cannot draw."""
    points = [{"customdata": [place]} for place in places]
    on_map = known_map.feature_map(reader.known, reader.points, catalog)
    state = {mapping._CHART: {"selection": {"points": points}}}
    kept = {}
    with monkeypatch.context() as patch:
        patch.setattr(mapping, "st", SimpleNamespace(session_state=state))
        patch.setattr(mapping, "show_grid", lambda: None)
        patch.setattr("covidlab.ui.browse.map_choice.st", SimpleNamespace(session_state=kept))
        mapping.take_selection(catalog, on_map)
    for name, value in kept.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def test_browse_map_closed_asks_for_nothing(draw, reader):
    draw(PAGE)
    assert reader.num_asked == 0


def test_browse_map_opened_shows_the_chart_and_asks_once(draw, reader):
    app = draw(PAGE, browse_map="true", browse_map_colour="Right or wrong")
    assert app.selectbox(key="browse_map_colour").value == "Right or wrong"
    assert "40 % of all differences (n = 6 X-rays)" in texts(app)
    app.run()
    assert len(app.get("plotly_chart")) == reader.num_asked == 1


def test_browse_map_shows_small_pictures(draw, reader):
    app = draw(PAGE, browse_map="true", browse_map_pictures="true")
    spec = app.get("plotly_chart")[0].proto.spec
    pictures = json.loads(spec)["layout"]["images"]
    assert len([one for one in pictures if one["source"].startswith("data:image/jpeg;base64,")]) == 6
    assert "film-00" not in spec


def test_browse_lasso_filters_the_page_and_can_be_cleared(draw, reader, catalog, monkeypatch):
    app = lasso(draw(PAGE, browse_map="true"), monkeypatch, catalog, reader, 0, 5)
    assert "2 of 6 X-rays are chosen on the map" in texts(app)
    assert cards(app) == ["covid/film-000.png", "normal/film-001.png"]
    app.multiselect(key="browse_class").select("covid").run()
    assert cards(app) == ["covid/film-000.png"]
    app.button(key="browse_map_clear").click().run()
    assert len(cards(app)) == 4
    assert "chosen on the map" not in texts(app)


def test_browse_lasso_around_nothing_is_no_filter(draw, reader, catalog, monkeypatch):
    app = lasso(draw(PAGE, browse_map="true"), monkeypatch, catalog, reader)
    assert len(cards(app)) == 6


def test_browse_lasso_on_another_set_is_forgotten(draw, reader, catalog, monkeypatch, make_dataset):
    app = lasso(draw(PAGE), monkeypatch, catalog, reader, 0)
    assert cards(app) == ["covid/film-000.png"]
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 1, "normal": 3}, name="others")))
    assert len(cards(app.run())) == 4


def test_browse_map_of_another_set_leads_to_train(draw, reader, run, tmp_path, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="others")))
    run.update_facts(data={"fingerprint": "of another", "name": "films"})
    app = draw(PAGE, browse_map="true")
    assert "The model in use learned from films." in texts(app)
    assert "Train a model on this set" in [link.label for link in app.main.page_link]
    assert reader.num_asked == 0


def test_browse_map_of_a_run_without_features_says_so(draw, reader, run):
    run.update_facts(reference_sha256="")
    assert "kept no features of its X-rays, so there is no map." in texts(draw(PAGE, browse_map="true"))
    assert reader.num_asked == 0


def test_browse_map_says_which_xrays_the_model_does_not_know(draw, reader, catalog):
    reader.known["sha256s"][0] = "0" * 64
    assert "1 X-ray of the set is not on the map" in texts(draw(PAGE, browse_map="true"))


def test_browse_map_of_a_busy_process_can_be_asked_again(draw, reader):
    reader.failure = TemporaryError("The model is busy.")
    app = draw(PAGE, browse_map="true")
    assert "The model is busy." in texts(app)
    reader.failure = None
    app.button(key="browse_map_retry").click().run()
    assert len(app.get("plotly_chart")) == 1


def test_browse_map_of_a_damaged_model_offers_no_second_try(draw, reader):
    reader.failure = ModelError("The model is damaged.")
    app = draw(PAGE, browse_map="true")
    assert "The model is damaged." in texts(app)
    assert "browse_map_retry" not in [button.key for button in app.button]


def test_browse_map_of_half_an_answer_is_an_error(draw, reader):
    reader.points = np.zeros((2, 2), np.float32)
    assert "gave no whole map" in texts(draw(PAGE, browse_map="true"))
