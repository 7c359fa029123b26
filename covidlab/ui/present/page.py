"""Present as a whole: one step of the lesson, and the bar that leads through it."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.preparation import is_switched_on
from covidlab.text import markdown_escaped
from covidlab.ui.present.lesson import Lesson
from covidlab.ui.present.state import RUN, current_step, go_to, start_again
from covidlab.ui.present.steps import STEPS
from covidlab.ui.shared.components.present_keys import press_by_keys
from covidlab.ui.shared.layout import require_catalog, start_page
from covidlab.ui.shared.navigation import switch_page
from covidlab.ui.shared.recorded import find_run
from covidlab.ui.shared.trainer import wake_trainer

BACK, NEXT, AGAIN, END = "present_back", "present_next", "present_again", "present_end"
# Page Down and Page Up are what a clicker sends. No letter: who dictates to the machine would press it with a word (WCAG 2.1.4).
KEYS = {
    **dict.fromkeys(("ArrowRight", "PageDown", " "), NEXT),
    **dict.fromkeys(("ArrowLeft", "PageUp"), BACK),
    "Home": AGAIN,
    "Escape": END,
}
_STYLE = Path(__file__).with_name("present.css")


def draw_present() -> None:
    """Draw the step that the address names."""
    number = current_step(len(STEPS))
    step = STEPS[number - 1]
    start_page(tr("Present"), heading=tr(step.heading), with_sidebar=False)
    st.html(_STYLE)
    # Before all that may end the page: there is always a way out.
    _draw_bar(number)
    catalog = require_catalog()
    if is_switched_on():
        # The trainer loads TensorFlow while the first steps are told; Start says what hinders it.
        with suppress(CovidLabError):
            wake_trainer(catalog)
    asked = st.query_params.get(RUN)
    run = find_run(asked) if asked else None
    if asked and run is None:
        st.warning(
            tr("There is no run of this name that can be shown. Received: {asked}.", asked=markdown_escaped(asked))
        )
    step.draw(Lesson(catalog, run))


def _draw_bar(number: int) -> None:
    with st.container(key="present_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            tr("Back"), key=BACK, icon=":material/arrow_back:", disabled=number == 1, on_click=go_to, args=(number - 1,)
        )
        st.markdown(tr("Step {number} of {num_steps}", number=number, num_steps=len(STEPS)))
        is_last = number == len(STEPS)
        st.button(
            tr("Next"),
            key=NEXT,
            type="primary",
            icon=":material/arrow_forward:",
            icon_position="right",
            disabled=is_last,
            on_click=go_to,
            args=(number + 1,),
        )
        st.space("stretch")
        st.button(
            tr("Start again"),
            key=AGAIN,
            icon=":material/restart_alt:",
            on_click=start_again,
            help=tr("Key Home: first step, no run, no bet."),
        )
        press_by_keys(
            KEYS,
            said=tr(
                "Step {number} of {num_steps}: {heading}",
                number=number,
                num_steps=len(STEPS),
                heading=tr(STEPS[number - 1].heading),
            ),
        )
        if st.button(tr("End the lesson"), key=END, icon=":material/close:", help=tr("Key Esc: back to Home.")):
            switch_page("app.py")
