"""Train: the settings, below them one run with every X-ray as it learns, all learning rates side by side, and sweeps."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr_lazy
from covidlab.text import sentence_escaped
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.lesson import draw_lesson_maker, draw_lesson_question
from covidlab.ui.shared.tabs import draw_tabs
from covidlab.ui.shared.trainer import wake_trainer
from covidlab.ui.train.fan import draw_fan
from covidlab.ui.train.live import active_run, shown_run
from covidlab.ui.train.one_run import draw_one_run
from covidlab.ui.train.settings import training_settings
from covidlab.ui.train.sweep import draw_sweep
from covidlab.ui.train.sweep_settings import ONE_RUN, TRAIN_TAB

start_page(tr_lazy("Train"))
catalog = require_catalog()
# The trainer loads TensorFlow while the person looks at the sliders.
try:
    wake_trainer(catalog)
except CovidLabError as error:
    st.error(sentence_escaped(error))

draw_lesson_question()
# Before all that depends on it: what changes meanwhile is drawn anew.
active = active_run()
run = shown_run(catalog)
with st.container(key="train_settings"):
    config = training_settings(catalog)
one, rates, sweep = draw_tabs([ONE_RUN, tr_lazy("All rates"), tr_lazy("Sweep")], key=TRAIN_TAB)
if one.open:
    with one:
        draw_one_run(config, catalog, run, active)
        draw_lesson_maker()
if rates.open:
    with rates:
        draw_fan(config, catalog)
if sweep.open:
    with sweep:
        draw_sweep(config, catalog)
