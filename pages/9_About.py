"""About: where films and weights come from, the model's card, what to read, the version."""

import streamlit as st

from covidlab.language import tr
from covidlab.ui.about.texts import (
    draw_contents,
    draw_data,
    draw_model_card,
    draw_references,
    draw_weights,
    version_line,
)
from covidlab.ui.shared.cached import current_catalog
from covidlab.ui.shared.layout import start_page

start_page(tr("About"))
catalog, _ = current_catalog()

st.markdown(
    tr(
        "covidlab shows what VGG16 can, and cannot, learn from fifty chest X-rays. It is made for "
        "learning and teaching. It is not a medical device: use none of its numbers for a patient. "
        "Nothing leaves this machine."
    )
)

st.header(tr("The X-rays"), anchor=False)
draw_data(catalog)
if catalog is not None:
    with st.expander(tr("What the set in use holds")):
        draw_contents(catalog)

st.header(tr("The model"), anchor=False)
draw_weights()
draw_model_card()

st.header(tr("Further reading"), anchor=False)
draw_references()

st.caption(version_line())
