"""Tables whose numbers and dates read as the visitor's language writes them, and are sorted by what they are.

Streamlit writes numbers of a table as English, or as the browser's language does. A pandas Styler carries what is shown beside each value.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from covidlab.language import ENGLISH, PSEUDO_LANGUAGES, date_text, language, number_text

# What a column of times is told by, in place of the format of its numbers.
TIME = "time"


def in_visitors_language(table: pd.DataFrame, formats: Mapping[str, str]) -> pd.DataFrame | Styler:
    """Return a table for ``st.dataframe`` whose columns are written as the language does; English as Streamlit writes it.

    Parameters
    ----------
    formats : of columns by name, as for ``format``, e.g. ".2f", or TIME; columns that are not there are passed over
    """
    if speaks_english():
        return table
    texts = {name: _text_of(spec) for name, spec in formats.items() if name in table}
    return table.style.format(texts, na_rep="")


def number_column(label: str | None = None, *, decimals: int = 2, **settings: Any) -> Any:
    """Return the configuration of a column of numbers; a format of its own only where Streamlit's marks are those of the language."""
    return st.column_config.NumberColumn(label, format=f"%.{decimals}f" if speaks_english() else None, **settings)


def speaks_english() -> bool:
    """Whether numbers have English marks."""
    return language() == ENGLISH or language() in PSEUDO_LANGUAGES


def _text_of(spec: str) -> Any:
    if spec == TIME:
        return partial(_time_text, zone=_visitors_zone())
    return partial(_number_text, spec=spec)


def _number_text(value: float, *, spec: str) -> str:
    return "" if pd.isna(value) else number_text(float(value), spec)


def _time_text(moment: datetime, *, zone: tzinfo) -> str:
    return "" if pd.isna(moment) else date_text(moment.astimezone(zone))


def _visitors_zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
