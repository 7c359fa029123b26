"""Home: what this is, what is here, and three doors."""

import streamlit as st

from covidlab.ui.layout import describe_data, describe_model, explain_missing_films, page_query, start_page
from covidlab.ui.readers import current_catalog, current_device
from covidlab.ui.words import markdown_escaped

start_page("Home", heading="What can fifty chest X-rays teach a neural network?")
st.markdown(
    "Browse the films, train VGG16 on them while you watch, and see how little a good figure can mean. "
    "Everything runs on this machine; no film leaves it."
)

catalog, why_not = current_catalog()
if catalog is None:
    explain_missing_films(why_not)

here = {"Data": describe_data(), "Model": describe_model(), "Device": current_device()}
for column, (name, text) in zip(st.columns(3, border=True), here.items(), strict=True):
    column.markdown(f"**{name}**  \n{markdown_escaped(text, max_length=160)}")

read, explore, present = st.columns(3, border=True)
with read:
    st.subheader("Read a film", anchor=False)
    st.markdown("Upload an X-ray, or take one of the set, and see which films it resembles and where the model looked.")
    st.page_link("pages/4_Predict.py", label="Read a film", icon=":material/radiology:", query_params=page_query())
with explore:
    st.subheader("Explore training", anchor=False)
    st.markdown("Set learning rate, epochs and batch size, press Start, and watch loss and accuracy as they come.")
    st.page_link("pages/2_Train.py", label="Explore training", icon=":material/tune:", query_params=page_query())
with present:
    st.subheader("Present", anchor=False)
    st.markdown("Lay the curves of several runs over each other, and open any of them with its figures and films.")
    st.page_link(
        "pages/3_Runs.py", label="Present runs", icon=":material/stacked_line_chart:", query_params=page_query()
    )

st.subheader("What it is not for", anchor=False)
st.markdown(
    "- **Not for diagnosis.** The findings of COVID-19 on an X-ray are not specific; a viral test is needed.\n"
    "- **Not a measure of how well COVID-19 can be seen.** In the curated set the COVID-19 films with a stated age are of "
    "adults and the others of children, from another source. A model that tells adults from children scores well.\n"
    "- **Not for other hospitals.** A model trained on these fifty called 94 to 99 % of adult films without finding COVID-19."
)
