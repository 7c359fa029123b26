"""Tables whose numbers read as the language writes them, and are sorted by what they are."""

import pandas as pd
import pytest

from covidlab.language import speaking
from covidlab.ui.shared import tables

TABLE = pd.DataFrame({"share": [0.931, None, 10.5], "name": ["a", "b", "c"]})


def texts(shown):
    """What is shown of the first column, cell by cell."""
    made = shown._translate(sparse_index=False, sparse_cols=False)
    return [row[1]["display_value"] for row in made["body"]]


def test_table_in_another_language_carries_texts_beside_its_numbers():
    with speaking("de"):
        shown = tables.in_visitors_language(TABLE, {"share": ".2f", "not there": ".1f"})
        assert texts(shown) == ["0,93", "", "10,50"]
    assert shown.data is TABLE


@pytest.mark.parametrize("code", ["en", "en-XA"])
def test_table_in_english_is_as_it_was(code):
    with speaking(code):
        assert tables.in_visitors_language(TABLE, {"share": ".2f"}) is TABLE


def test_times_of_a_table_are_written_as_the_language_does():
    moments = pd.DataFrame({"started": pd.to_datetime(["2026-11-26T16:20:00Z"])})
    with speaking("de"):
        assert texts(tables.in_visitors_language(moments, {"started": tables.TIME})) == ["26.11.2026, 16:20:00"]


@pytest.mark.parametrize(("code", "expected"), [("en", "%.1f"), ("de", None)])
def test_number_column_has_a_format_of_its_own_in_english_only(code, expected):
    with speaking(code):
        assert tables.number_column(decimals=1)["type_config"]["format"] == expected
