"""Predict: what an X-ray is, whether it may be read, what it is like, and then what a model says of it."""

import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.ui.predict.choosing import choose_model, choose_sample, draw_link_to_training
from covidlab.ui.predict.exercise import draw_exercise
from covidlab.ui.predict.reading import keep_warm, read_uploads
from covidlab.ui.predict.results import draw_films
from covidlab.ui.predict.uploads import has_uploads
from covidlab.ui.shared.cached import current_catalog
from covidlab.ui.shared.datasets import say_samples_are_synthetic
from covidlab.ui.shared.layout import start_page

# A visitor's own X-ray is real: what is said of the data set in use stands beside the choice of its X-rays.
start_page(tr_lazy("Predict"), says_synthetic=False)
st.markdown(
    tr_lazy(
        "Which X-rays of the set does an X-ray resemble? What the X-ray is, and whether it may be read, "
        "comes before any number. Nothing leaves this machine. covidlab does not keep uploads: they stay "
        "in your session until you press Clear or close the page."
    )
)
catalog, _ = current_catalog()
model, own, sample = st.columns(3, gap="medium")
with model:
    run = choose_model()
if run is None:
    draw_link_to_training()
    st.stop()
keep_warm(run)
reading, practice = st.tabs([tr("Read X-rays"), tr("Practise reading")], key="predict_tab", on_change="rerun")
failure = None
if catalog is not None:
    with sample:
        failure = choose_sample(run, catalog)
with own:
    failure = read_uploads(run) or failure
if catalog is not None:
    with sample:
        say_samples_are_synthetic(catalog, beside_uploads=has_uploads())
with reading:
    draw_films(run, catalog, failure)
with practice:
    if practice.open:
        draw_exercise(run, catalog)
