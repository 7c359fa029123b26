"""Charts of a set count films as the filters say, and a click on a bar becomes a filter."""

import pandas as pd
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.ui.browse.filters import FILTERS, filter_options, passing
from covidlab.ui.browse.set_charts import (
    after_click,
    class_colours,
    describe_facet,
    facet_chart,
    facet_counts,
    shown_rows,
)

NOTHING = {key: [] for key in FILTERS}


@pytest.fixture
def catalog(make_dataset):
    """Four covid and two normal films: views AP and PA, one patient with two films, two with panel letters."""
    root = make_dataset({"covid": 4, "normal": 2})
    files = [f"covid/film-00{number}.png" for number in range(4)] + [
        f"normal/film-00{number}.png" for number in range(2)
    ]
    described = {
        "patient_id": list("aabcde"),
        "view_metadata": ["AP", "PA", "PA", "PA", "AP", "AP"],
        "panel_letter_or_caption": list("110000"),
    }
    pd.DataFrame({"file": files, **described}).to_csv(root / "metadata.csv", index=False)
    return load_catalog(root)


def counts_of(catalog, key: str, **chosen: list[str]) -> dict:
    options = filter_options(catalog)[key]
    return facet_counts(catalog, key, options, NOTHING | chosen).T.to_dict()


def test_facet_counts_without_filters_count_all_films(catalog):
    assert counts_of(catalog, "browse_view") == {"PA": {"covid": 3, "normal": 0}, "AP": {"covid": 1, "normal": 2}}


def test_facet_counts_follow_the_other_filters(catalog):
    counts = counts_of(catalog, "browse_view", browse_flag=["panel letter"])
    assert counts == {"AP": {"covid": 1, "normal": 0}, "PA": {"covid": 1, "normal": 0}}


def test_facet_counts_keep_what_its_own_filter_leaves_out(catalog):
    counts = counts_of(catalog, "browse_view", browse_view=["AP"], browse_class=["covid"])
    assert counts == counts_of(catalog, "browse_view")


def test_facet_counts_of_flags_count_each_flag(catalog):
    counts = counts_of(catalog, "browse_flag")
    assert counts["panel letter"] == {"covid": 2, "normal": 0}
    assert counts["same patient"] == {"covid": 2, "normal": 0}


def test_passing_flags_are_alternatives(catalog):
    kept = passing(catalog, {"browse_flag": ["panel letter", "same patient"], "browse_view": ["AP"]})
    assert catalog.films["file"][kept].tolist() == ["covid/film-000.png"]


def test_filter_options_leave_out_what_tells_nothing_apart(catalog):
    assert list(filter_options(catalog)) == ["browse_class", "browse_view", "browse_patient", "browse_flag"]


def test_after_click_keeps_value_and_class():
    assert after_click(NOTHING, "browse_view", "AP", "covid") == {"browse_view": ["AP"], "browse_class": ["covid"]}


def test_after_click_the_same_again_takes_both_back():
    choices = NOTHING | {"browse_view": ["AP"], "browse_class": ["covid"]}
    assert after_click(choices, "browse_view", "AP", "covid") == {"browse_view": [], "browse_class": []}


def test_after_click_on_another_bar_goes_there():
    choices = NOTHING | {"browse_class": ["covid"]}
    assert after_click(choices, "browse_class", "normal", "normal") == {"browse_class": ["normal"]}


def test_facet_chart_fades_what_is_not_chosen(catalog):
    counts = facet_counts(catalog, "browse_view", ["AP", "PA"], NOTHING)
    figure = facet_chart(counts, class_colours(catalog), chosen=["AP"], classes=["covid"], key="browse_view")
    assert [list(bar.marker.opacity) for bar in figure.data] == [[1, 0.3], [0.3, 0.3]]


def test_facet_chart_writes_every_number(catalog):
    counts = facet_counts(catalog, "browse_view", ["AP", "PA"], NOTHING)
    figure = facet_chart(counts, class_colours(catalog), chosen=[], classes=[], key="browse_view")
    assert [note.text for note in figure.layout.annotations] == ["AP <b>3</b>", "PA <b>3</b>"]


def test_facet_chart_many_values_count_the_rest():
    counts = pd.DataFrame({"covid": range(20, 0, -1)}, index=[f"p{number}" for number in range(20)])
    figure = facet_chart(counts, {"covid": "#000000"}, chosen=["p19"], classes=[], key="browse_patient")
    assert figure.layout.annotations[-1].text == "and 12 more, 90 X-rays"
    assert "p19" in figure.layout.annotations[-2].text


def test_facet_chart_hostile_value_is_shown_as_text():
    counts = pd.DataFrame({"covid": [2]}, index=["<img src=x>"])
    figure = facet_chart(counts, {"covid": "#000000"}, chosen=[], classes=[], key="browse_finding")
    assert figure.layout.annotations[0].text.startswith("&lt;img src=x&gt;")


def test_facet_chart_nothing_left_still_draws():
    counts = pd.DataFrame({"covid": [0] * 9}, index=[f"p{number}" for number in range(9)])
    assert shown_rows(counts, []).empty
    assert facet_chart(counts, {"covid": "#000000"}, chosen=[], classes=[], key="browse_patient").layout.height > 0


def test_describe_facet_says_the_numbers(catalog):
    counts = facet_counts(catalog, "browse_view", ["AP", "PA"], NOTHING)
    assert describe_facet(counts, label="View") == (
        "X-rays by view: AP 3 (1 COVID-19, 2 non-COVID); PA 3 (3 COVID-19, 0 non-COVID)."
    )
