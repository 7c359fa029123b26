"""What the visitor may be shown of an X-ray that was read, and in which words an answer failed to come."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.imaging.receipt import Check
from covidlab.intake.upload import VisitorFilm
from covidlab.prediction.gate import may_show_number, receipt
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped
from covidlab.ui.predict.reading import model_key


def receipt_of(film: VisitorFilm, run: Run) -> list[Check]:
    """Return the receipt of an X-ray that a run's model has read."""
    return receipt(film.checks, film.readings[model_key(run)].assessment)


def shows_number(film: VisitorFilm, run: Run) -> bool:
    """Return whether the number of an X-ray is shown: nothing speaks against it, or the visitor asked for it anyway."""
    return film.shows_anyway or may_show_number(receipt_of(film, run))


def draw_why_not(failure: CovidLabError) -> None:
    """Say why what a button asks for did not come; the button itself is the other try."""
    st.error(markdown_escaped(failure, max_length=600))
