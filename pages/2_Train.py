"""Train: settings on the left, the run on the right, its report below."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.text import sentence_escaped
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.report import draw_report
from covidlab.ui.shared.trainer import wake_trainer
from covidlab.ui.shared.unused import draw_unused
from covidlab.ui.train.live import active_run, shown_run, watch
from covidlab.ui.train.settings import start_and_stop, training_settings

start_page("Train")
catalog = require_catalog()
# The trainer loads TensorFlow while the person looks at the sliders.
try:
    wake_trainer(catalog)
except CovidLabError as error:
    st.error(sentence_escaped(error))

# Before all that depends on it: what changes meanwhile is drawn anew.
active = active_run()
run = shown_run(catalog)
settings, run_panel = st.columns([1, 2], gap="large")
with settings:
    config = training_settings(catalog)
    start_and_stop(config, catalog, run, active)
    draw_unused(catalog)
with run_panel:
    status = watch(run, watch={"active": active.id if active else ""})
if run is not None and not status.is_active:
    draw_report(run, catalog)
