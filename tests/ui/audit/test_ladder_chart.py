"""The chart of the ladder and the sentence that says the same."""

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.ui.audit.ladder import ladder_table
from covidlab.ui.audit.ladder_chart import describe_ladder, ladder_chart
from tests.audit.ladders import made_up_ladder


@pytest.fixture
def found(make_dataset) -> dict:
    return made_up_ladder(load_catalog(make_dataset()), without_lungs=(3,))


def test_ladder_chart_has_every_rung_with_its_interval_the_least_on_top(found):
    figure = ladder_chart(found)
    regression, network = figure.data
    assert (list(regression.y), list(network.y)) == ([0, 1, 2], [3, 4, 5, 6, 7, 8, 9])
    assert network.error_x.array[0] == pytest.approx(0.05) and network.error_x.arrayminus[0] == pytest.approx(0.1)
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.shapes[0].x0 == found["chance"]


def test_ladder_chart_leaves_out_a_rung_without_a_figure(found):
    found["rungs"][4]["accuracy"] = {"value": None, "low": None, "high": None, "n": 0, "method": "undefined"}
    assert len(ladder_chart(found).layout.yaxis.ticktext) == 9
    assert "margins only" not in describe_ladder(found)


def test_sentence_and_table_name_figures_and_numbers(found):
    assert "lungs black 0.94 (95 % interval 0.84 to 0.99, n = 11)" in describe_ladder(found)
    row = ladder_table(found).set_index("Input").loc["lungs black"]
    assert row.tolist() == ["0.94 (0.84 to 0.99)", "0.98 (0.88 to 1.00)", "+0.02 (-0.05 to +0.08)", 11]
