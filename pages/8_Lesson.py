"""Lesson: five questions before and after, what a class gained, and its best runs beside luck."""

import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.ui.lesson.class_gain import draw_class_gain
from covidlab.ui.lesson.class_table import draw_class_table
from covidlab.ui.lesson.questions import draw_questions
from covidlab.ui.shared.layout import start_page
from covidlab.ui.shared.tabs import draw_tabs

start_page(tr("Lesson"))
st.markdown(
    tr(
        "Does somebody who has used covidlab judge results better than before? Answer five questions, "
        "train and look around, and answer them again. No name is asked for, and nothing is kept on this "
        "server."
    )
)
questions, gain, table = draw_tabs(
    (tr_lazy("Questions"), tr_lazy("Gain of a class"), tr_lazy("Best runs of a class")), key="lesson_tab"
)
with questions:
    if questions.open:
        draw_questions()
with gain:
    if gain.open:
        draw_class_gain()
with table:
    if table.open:
        draw_class_table()
