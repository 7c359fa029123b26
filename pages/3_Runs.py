"""Runs: all of them in a table; one opened with its report, or several compared."""

import streamlit as st

from covidlab.runs.store import RunStore
from covidlab.services.overview import overview
from covidlab.ui.runs.comparison import draw_comparison, with_baseline
from covidlab.ui.runs.deletion import draw_actions
from covidlab.ui.runs.table import choose_runs, draw_link_to_training, draw_run, follow_active
from covidlab.ui.shared.cached import current_catalog
from covidlab.ui.shared.layout import start_page

start_page("Runs")
# Before the runs are read: what changes meanwhile is drawn anew.
stamp = overview(RunStore()).stamp
runs = RunStore().list()
if not runs:
    draw_link_to_training()
    st.stop()
follow_active(runs, stamp)
chosen = choose_runs(runs)
if not chosen:
    st.caption("Tick a run to open it, or several to compare them.")
    st.stop()
draw_actions(chosen)
compared = with_baseline(chosen, runs)
if len(compared) > 1:
    draw_comparison(compared)
if len(chosen) == 1:
    catalog, _ = current_catalog()
    draw_run(chosen[0], catalog)
