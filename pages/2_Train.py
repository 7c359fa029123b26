"""Train: settings on the left, the run on the right, its report below."""

import streamlit as st

from covidlab.runs.launch import ensure_worker
from covidlab.runs.store import RunStore
from covidlab.ui.layout import require_catalog, start_page
from covidlab.ui.report import draw_report
from covidlab.ui.training import shown_run, start_and_stop, training_settings, watch

start_page("Train")
catalog = require_catalog()
# The trainer loads TensorFlow while the person looks at the sliders.
ensure_worker()

settings, run_panel = st.columns([1, 2], gap="large")
with settings:
    config = training_settings(catalog)
    start_and_stop(config, catalog, RunStore().active())

run = shown_run()
with run_panel:
    if run is None:
        st.info(
            "No run yet. Press Start: the first run computes what VGG16's frozen layers give for each film, which takes some "
            "seconds; every later run starts from there and takes about one second.",
            icon=":material/play_circle:",
        )
    else:
        watch(run)
if run is not None and not run.status().is_active:
    draw_report(run, catalog)
