"""An upload on the map: where it lies, whether it is too unlike the set, and lines to its neighbours."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.child import Message
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.prediction.assessment import Assessment, Neighbour
from covidlab.runs.store import RunStore
from covidlab.ui.predict.place import describe_place
from covidlab.ui.shared import known_map
from covidlab.ui.shared.feature_map import feature_map
from tests.ui.shared.maps import map_answer


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    return load_catalog(make_dataset({"covid": 3, "normal": 3}))


def assessed(point: tuple[float, float], *, distance: float = 0.5, neighbours: tuple[str, ...] = ()) -> Assessment:
    return Assessment(
        distance=distance,
        limit=0.8,
        share_farther=0.4,
        num_films=6,
        patients_known=True,
        neighbours=tuple(Neighbour(file, "covid", 0.5) for file in neighbours),
        known_as="",
        nearly_known_as="",
        trained=False,
        calibrated=None,
        map_point=point,
    )


@pytest.mark.parametrize(
    ("point", "distance", "where", "then"),
    [
        ((0.5, 1), 0.5, "within", "that the model knows."),
        ((9, 9), 0.5, "outside", "as near to them as they are to each other."),
        ((9, 9), 0.9, "outside", "It is too unlike them for a plain number."),
        ((0.5, 1), 0.9, "within", "The map shows 40 % of all differences; the others count too."),
    ],
)
def test_describe_place_says_where_it_lies_and_whether_it_is_too_unlike(catalog, point, distance, where, then):
    said = describe_place(assessed(point, distance=distance), feature_map(*map_answer(catalog), catalog))
    assert said.startswith(f"On the map this X-ray lies {where} the region of the 6 X-rays")
    assert said.endswith(then)


def test_describe_place_of_an_xray_of_the_set_that_is_far_does_not_call_it_unlike_the_set(catalog):
    assessment = replace(assessed((0.5, 1), distance=0.9), known_as="covid/1.png")
    said = describe_place(assessment, feature_map(*map_answer(catalog), catalog))
    assert said.endswith("farther from the others than nearly all of them are from each other.")


def draw(assessment: Assessment, catalog: Catalog, monkeypatch, **facts) -> AppTest:
    def script(assessment, run, catalog):
        from covidlab.ui.predict.place import draw_place

        draw_place(assessment, run, catalog, key="place")

    class Answering:
        def ask(self, *_):
            known, points = map_answer(catalog)
            return Message(known, {"points": points})

    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)))
    run.update_facts(model_sha256="a" * 64, **facts)
    monkeypatch.setattr(known_map, "shared_reader", Answering)
    known_map._answer.clear()
    app = AppTest.from_function(
        script, kwargs={"assessment": assessment, "run": run, "catalog": catalog}, default_timeout=30
    ).run()
    assert not app.exception
    return app


def test_draw_place_draws_a_star_and_lines_to_the_neighbours(catalog, monkeypatch):
    near = ("covid/film-000.png", "covid/film-001.png", "normal/film-000.png")
    app = draw(assessed((0.5, 1), neighbours=near), catalog, monkeypatch, reference_sha256="b" * 64)
    traces = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    assert traces[-1]["marker"]["symbol"] == "star"
    assert len(next(trace for trace in traces if trace["mode"] == "lines")["x"]) == 9
    assert "lines lead to the nearest X-rays" in app.caption[0].value


def test_draw_place_of_a_run_without_features_says_so(catalog, monkeypatch):
    app = draw(assessed((0.5, 1)), catalog, monkeypatch)
    assert "kept no features of its X-rays" in app.markdown[0].value
    assert not app.get("plotly_chart")
