"""Audit: what did the model really learn?"""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr_lazy
from covidlab.text import sentence_escaped
from covidlab.ui.audit.page import draw_audit
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.trainer import wake_trainer

start_page(tr_lazy("Audit"), heading=tr_lazy("What did it really learn?"))
catalog = require_catalog()
# The trainer loads TensorFlow while the person reads.
try:
    wake_trainer(catalog)
except CovidLabError as error:
    st.error(sentence_escaped(error))
draw_audit(catalog)
