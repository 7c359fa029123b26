"""Home as a whole: what this is, what is here, and three doors."""

from contextlib import suppress

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr, tr_lazy
from covidlab.runs.preparation import is_switched_on
from covidlab.text import markdown_escaped
from covidlab.ui.home.fetching import draw_fetch
from covidlab.ui.home.playing import draw_xrays
from covidlab.ui.shared.active_model import describe_model
from covidlab.ui.shared.cached import UNKNOWN_DEVICE, current_catalog, current_device
from covidlab.ui.shared.layout import describe_data, explain_missing_films, start_page
from covidlab.ui.shared.navigation import page_link
from covidlab.ui.shared.trainer import wake_trainer

READ = tr_lazy("Upload an X-ray, or take one from the set. See which X-rays it resembles and where the model looked.")
EXPLORE = tr_lazy(
    "Set learning rate, epochs and batch size, press Start, and watch every X-ray move as the model learns."
)
PRESENT = tr_lazy(
    "A lesson in seven steps for a room: large type, a bet, live training or a replay, and what was really learned."
)


def draw_home() -> None:
    """Draw Home: what this is, what is here, and three doors."""
    start_page(tr("Home"), heading=tr("What can fifty chest X-rays teach a neural network?"))
    st.markdown(
        tr(
            "Look at the X-rays, watch VGG16 learn from them, and see how little a good result can mean. "
            "Nothing leaves this machine."
        )
    )

    catalog, why_not = current_catalog()
    if catalog is None:
        explain_missing_films(why_not)
    else:
        draw_xrays(catalog)
        if is_switched_on():
            # Whoever presses Start then sees the whole run at once. Train says what hinders the trainer.
            with suppress(CovidLabError):
                wake_trainer(catalog)

    doors = {
        "read": ("pages/4_Predict.py", tr("Read an X-ray"), ":material/radiology:", READ),
        "explore": ("pages/2_Train.py", tr("Explore training"), ":material/tune:", EXPLORE),
        "present": ("pages/6_Present.py", tr("Present"), ":material/co_present:", PRESENT),
    }
    with st.grid(3, min_column_width=230):
        for name, (page, label, icon, words) in doors.items():
            with st.container(border=True, height="stretch", key=f"door_{name}"):
                page_link(page, label=label, icon=icon)
                st.markdown(tr(words))

    draw_fetch()

    st.subheader(tr("What is here"), anchor=False)
    here = {tr("Data"): describe_data(), tr("Model"): describe_model()}
    # Until the trainer has said it, the sidebar's line is the one that follows.
    here |= {tr("Device"): current_device()} if current_device() != UNKNOWN_DEVICE else {}
    with st.grid(3, min_column_width=230):
        for name, text in here.items():
            st.markdown(f"**{name}**  \n{markdown_escaped(text, max_length=160)}")

    st.subheader(tr("What it is not for"), anchor=False)
    st.markdown(
        tr(
            "- **Not for diagnosis.** The findings of COVID-19 on an X-ray are not specific; a viral test is "
            "needed.\n- **Not a measure of how well COVID-19 can be seen.** In the curated set the COVID-19 "
            "X-rays with a stated age are of adults and the others of children, from another source. A model "
            "that tells adults from children scores well.\n- **Not for other hospitals.** A model trained on "
            "the curated fifty called 94 to 99 % of adult X-rays without finding “COVID-19”."
        )
    )
