"""The figure of a map names no file, draws each group with a shape of its own, and holds an upload that lies outside."""

import numpy as np
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.ui.shared.feature_map import ANSWER, FeatureMap, feature_map
from covidlab.ui.shared.map_figure import UPLOAD_NAME, Place, group_styles, map_figure
from covidlab.ui.shared.plotly import ORANGE
from tests.ui.shared.maps import map_answer


@pytest.fixture
def known_map(make_dataset) -> FeatureMap:
    catalog = load_catalog(make_dataset({"covid": 3, "normal": 3}))
    return feature_map(*map_answer(catalog), catalog)


def in_legend(figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.showlegend is not False]


def drawn(figure, *, faint: bool) -> list[int]:
    """Places of the dots that are faint, or of those that are not."""
    dots = [trace for trace in figure.data if trace.customdata is not None and (trace.marker.opacity < 1) == faint]
    return sorted(place for trace in dots for (place,) in trace.customdata)


def test_map_figure_draws_each_class_with_its_colour_and_shape(known_map):
    figure = map_figure(known_map, colour_by="Class")
    assert in_legend(figure) == ["COVID-19 (3)", "non-COVID (3)"]
    (covid, normal) = (trace.marker for trace in figure.data if trace.showlegend)
    assert covid.color == ORANGE != normal.color
    assert covid.symbol != normal.symbol


def test_map_figure_of_answers_shows_what_was_not_cross_validated(known_map):
    assert in_legend(map_figure(known_map, colour_by=ANSWER)) == ["right (4)", "wrong (1)", "not cross-validated (1)"]


def test_group_styles_are_all_different(known_map):
    known_map.films["source"] = ["a", "b", "c", "d", "e", "not stated"]
    styles = group_styles(known_map, "Source")
    assert list(styles) == ["a", "b", "c", "d", "e", "not stated"]
    assert len(set(styles.values())) == 6


def test_map_figure_fades_what_is_filtered_out_and_keeps_the_legend(known_map):
    figure = map_figure(known_map, colour_by="Class", bright={"covid/film-000.png", "covid/film-002.png"})
    assert drawn(figure, faint=False) == [0, 2]
    assert drawn(figure, faint=True) == [1, 3, 4, 5]
    assert in_legend(figure) == ["COVID-19 (3)", "non-COVID (3)"]


def test_map_figure_names_no_file_and_no_number_at_an_axis(known_map):
    figure = map_figure(known_map, colour_by="Class", pictures={"covid/film-000.png": b"\xff\xd8"})
    assert "film-00" not in figure.to_json()
    assert (
        figure.data[2].hovertext[0]
        == "COVID-19<br>Age group: not stated<br>View: not stated<br>Cross-validated: wrong (0.20)"
    )
    assert not figure.layout.xaxis.showticklabels and not figure.layout.yaxis.showticklabels


def test_map_figure_escapes_names_of_folders(known_map):
    known_map.films["class"] = known_map.films["class"].replace("normal", "<b>x")
    renamed = FeatureMap(known_map.points, known_map.films, ("<b>x", "covid"), "covid", 0.4, True)
    figure = map_figure(renamed, colour_by="Class")
    assert "&lt;b&gt;x (3)" in in_legend(figure)
    assert all("<b>" not in text for trace in figure.data for text in trace.hovertext)


def test_map_figure_puts_a_picture_upon_each_dot(known_map):
    figure = map_figure(known_map, colour_by="Class", pictures={"normal/film-001.png": b"\xff\xd8"}, bright=set())
    (picture,) = figure.layout.images
    assert (picture.x, picture.y) == tuple(known_map.points[4])
    assert picture.source.startswith("data:image/jpeg") and picture.opacity < 1


def test_map_figure_with_an_upload_outside_holds_its_star_and_lines(known_map):
    upload = Place((5.0, -3.0), ("covid/film-000.png", "normal/film-001.png", "not on the map"))
    figure = map_figure(known_map, colour_by="Class", upload=upload)
    assert in_legend(figure)[-1] == UPLOAD_NAME
    (lines,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(lines.x) == [5, 0, None, 5, 1, None]
    assert figure.layout.xaxis.range[1] > 5 and figure.layout.yaxis.range[0] < -3


def test_map_figure_of_one_xray_has_room_around_it(known_map):
    one = FeatureMap(known_map.points[:1], known_map.films[:1], known_map.classes, "covid", 1.0, True)
    low, high = map_figure(one, colour_by="Class").layout.xaxis.range
    assert low < known_map.points[0, 0] < high and np.isfinite([low, high]).all()
