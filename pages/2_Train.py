"""Train: the settings, below them one run with every X-ray as it learns."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.text import sentence_escaped
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.lesson import draw_lesson_maker, draw_lesson_question
from covidlab.ui.shared.trainer import wake_trainer
from covidlab.ui.train.live import active_run, shown_run
from covidlab.ui.train.one_run import draw_one_run
from covidlab.ui.train.settings import training_settings

start_page("Train")
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
draw_one_run(config, catalog, run, active)
draw_lesson_maker()
