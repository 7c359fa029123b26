"""Runs: all of them in a table; one opened with its report, several compared, repeats as one."""

import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.runs.store import RunStore
from covidlab.services.overview import overview
from covidlab.ui.runs.comparison import draw_comparison, say_what_is_left_out, with_baseline
from covidlab.ui.runs.deletion import draw_actions
from covidlab.ui.runs.listing import choose_listing
from covidlab.ui.runs.note_editing import draw_notes
from covidlab.ui.runs.repeats import groups_of, in_order
from covidlab.ui.runs.repeats_comparison import draw_repeats
from covidlab.ui.runs.table import choose_repeats, choose_runs, draw_link_to_training, draw_run, follow_active
from covidlab.ui.shared.cached import current_catalog
from covidlab.ui.shared.layout import start_page

start_page(tr_lazy("Runs"))
# Before the runs are read: what changes meanwhile is drawn anew.
stamp = overview(RunStore()).stamp
runs = RunStore().list()
if not runs:
    draw_link_to_training()
    st.stop()
follow_active(runs, stamp)
listing = choose_listing(runs)
if listing.groups_repeats:
    groups = choose_repeats(runs, groups_of(listing.runs), with_all=listing.with_all)
    chosen = [run for group in groups for run in group.runs]
else:
    groups, chosen = [], choose_runs(runs, listing.runs, with_all=listing.with_all)
if not chosen:
    st.caption(tr("Tick a run to open it, or several to compare them."))
    st.stop()
draw_actions(chosen)
compared = with_baseline(chosen, runs)
if groups:
    draw_repeats(in_order(groups, baseline=st.query_params.get("baseline", "")))
elif len(compared) > 1:
    draw_comparison(compared)
say_what_is_left_out(chosen)
if len(chosen) == 1:
    catalog, _ = current_catalog()
    draw_notes(chosen[0], runs)
    draw_run(chosen[0], catalog)
