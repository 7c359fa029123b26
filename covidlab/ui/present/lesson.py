"""What the steps of a lesson share: the data set, the run shown, and large figures in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.runs.store import Run


@dataclass(frozen=True, eq=False)
class Lesson:
    """The data set of a lesson and the run it shows, None for none."""

    catalog: Catalog
    run: Run | None


@dataclass(frozen=True)
class Large:
    """A figure for the last row: the number, what it is of, and its interval or number of X-rays."""

    number: str
    name: str
    detail: str = ""


def draw_large(figures: Sequence[Large]) -> None:
    """Draw figures side by side, on a telephone below each other."""
    blocks = "".join(
        f"<div><dt>{escape(figure.name)}</dt><dd><strong>{escape(figure.number)}</strong> <span>{escape(figure.detail)}</span></dd></div>"
        for figure in figures
    )
    st.html(f'<dl class="present-figures">{blocks}</dl>')
