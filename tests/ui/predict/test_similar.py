"""The nearest X-rays of the set, what is known of them, and what is said of those that are not here."""

import json
from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.ui.predict.similar import caption

PICTURE = b"\xff\xd8\xff"
FILM = {"class": "normal", "age_group": "adult", "view_position": "LATERAL", "source": " a hospital "}


@dataclass(frozen=True)
class Near:
    file: str
    distance: float = 0.314


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


def draw(neighbours: list[Near], catalog: Catalog | None) -> AppTest:
    def script(neighbours, catalog):
        from covidlab.ui.predict.similar import draw_similar

        draw_similar(b"\xff\xd8\xff", neighbours, catalog, key="similar")

    app = AppTest.from_function(script, kwargs={"neighbours": neighbours, "catalog": catalog}, default_timeout=30).run()
    assert not app.exception
    return app


def panes(app: AppTest) -> list[dict]:
    (viewer,) = (element.proto for element in app.get("bidi_component"))
    return json.loads(viewer.json)["panes"]


def sentences(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown).replace("\\", "")


def test_caption_names_what_is_known_of_the_x_ray():
    assert caption(FILM, Near("a")).splitlines() == [
        "Class: non-COVID",
        "Age group: adult",
        "View: lateral",
        "Source: a hospital",
        "Distance: 0.31",
    ]


def test_caption_says_what_is_not_stated_and_what_is_synthetic():
    lines = caption({**FILM, "age_group": "not stated", "source": "", "synthetic": "1"}, Near("a"))
    assert "Age group: not stated\n" in lines
    assert "Source: not stated\n" in lines
    assert lines.endswith("Computed by covidlab")


def test_draw_similar_shows_the_three_nearest_beside_the_x_ray(catalog):
    app = draw([Near(file) for file in catalog.films["file"]], catalog)
    shown = panes(app)
    titles = [pane["title"] for pane in shown]
    assert titles == ["This X-ray", "Nearest X-ray", "Second nearest X-ray", "Third nearest X-ray"]
    assert "The distance in the receipt is the mean of these three." in app.caption[0].value
    assert shown[1]["picture"].startswith("data:image/jpeg;base64,")
    assert shown[1]["alt"].startswith("Nearest X-ray. Chest X-ray, class COVID-19")


def test_draw_similar_without_the_set_says_that_the_x_rays_are_not_here():
    app = draw([Near("covid/a_b.png")], None)
    assert len(panes(app)) == 1
    assert "mean of these three" not in app.caption[0].value
    assert "Nearest X-ray: covid/a_b.png, distance 0.31. It is not in the data set in use." in sentences(app)


def test_draw_similar_of_missing_and_broken_files_says_so(catalog):
    first, second, *_ = catalog.films["file"]
    catalog.film_path(first).unlink()
    catalog.film_path(second).write_bytes(b"no picture")
    text = sentences(draw([Near("covid/other.png"), Near(first), Near(second)], catalog))
    assert "covid/other.png, distance 0.31. It is not in the data set in use." in text
    assert f"{first}, distance 0.31. It is no longer on this machine." in text
    assert "Third nearest X-ray" in text
    assert "cannot be read" in text
