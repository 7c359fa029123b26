"""Train: settings on the left, the run on the right, its report below."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.runs.engines.local import ensure_worker
from covidlab.text import sentence_escaped
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.report import draw_report
from covidlab.ui.train.settings import start_and_stop, training_settings
from covidlab.ui.train.training import shown_run, watch

start_page("Train")
catalog = require_catalog()
# The trainer loads TensorFlow while the person looks at the sliders.
try:
    ensure_worker()
except CovidLabError as error:
    st.error(sentence_escaped(error))

run = shown_run(catalog)
settings, run_panel = st.columns([1, 2], gap="large")
with settings:
    config = training_settings(catalog)
    start_and_stop(config, catalog, run)
with run_panel:
    watch(run)
if run is not None and not run.status().is_active:
    draw_report(run, catalog)
