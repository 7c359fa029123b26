"""What the table of runs shows and how: which runs, which columns, repeats as one; and all of it as files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from covidlab.language import ENGLISH, speaking, tr
from covidlab.runs.run_export import curves_csv, runs_csv
from covidlab.runs.store import Run
from covidlab.text import pluralize
from covidlab.ui.runs.note_editing import choose_tagged


@dataclass(frozen=True)
class Listing:
    """Which runs are listed; ``groups_repeats``: a row for all repeats of the same settings; ``with_all``: every setting is a column."""

    runs: list[Run]
    groups_repeats: bool
    with_all: bool


def choose_listing(runs: Sequence[Run]) -> Listing:
    """Draw the choices above the table and return them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="runs_choices"):
        groups_repeats = st.toggle(
            tr("Group repeats"),
            key="runs_group_repeats",
            help=tr(
                "Runs whose settings differ in the seed alone become one row, with the median and the range of "
                "their figures."
            ),
        )
        with_all = st.toggle(
            tr("All columns"),
            key="runs_all_columns",
            help=tr("Settings that are the same in all runs are left out otherwise."),
        )
        listed = choose_tagged(runs)
        _draw_downloads(listed)
    return Listing(listed, groups_repeats, with_all)


def _draw_downloads(runs: Sequence[Run]) -> None:
    with st.popover(tr("Download"), icon=":material/download:", key="runs_downloads"):
        # Made when somebody clicks, not at each drawing of the page.
        for label, make, name in (
            (tr("Runs (CSV)"), lambda: _in_english(runs_csv, runs), "covidlab-runs.csv"),
            (tr("Curves (CSV)"), lambda: _in_english(curves_csv, runs), "covidlab-curves.csv"),
        ):
            st.download_button(
                label, make, name, "text/csv", key=f"download_{name}", on_click="ignore", width="stretch"
            )
        st.caption(
            tr(
                "{runs}: a row a run with settings, figures, notes and tags; a row an epoch with the curves. "
                "Neither holds X-rays or patients.",
                runs=pluralize(len(runs), "run"),
            )
        )


def _in_english(make: Callable, runs: Sequence[Run]) -> str | bytes:
    """What a file holds is the same for all."""
    with speaking(ENGLISH):
        return make(runs)
