"""The class table: run cards go in, each person's best stands beside what luck would give."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr, tr_lazy
from covidlab.runs.class_table import (
    MOST_CARDS,
    class_csv,
    class_table,
    describe_class,
    read_cards,
    split_cards,
    standings,
)
from covidlab.text import markdown_escaped, sentence_escaped

_ROWS_IN_FULL = 30
_MOST_PROBLEMS = 5
_HOW_TO_READ = tr_lazy(
    "Luck gives: the accuracy that the best of as many runs reaches on average, and in 95 of 100 "
    "cases at most, where each answer on a validation X-ray is drawn at random and is right as often "
    "as one answer for all. X-rays of one class and of one patient are alike, so that on one split "
    "real luck can give more. That is why the figure over all splits decides, where there is one: "
    "there n counts all X-rays of the set."
)


def draw_class_table() -> None:
    """Draw where run cards are brought or pasted, and the table of the class; nothing of it is kept."""
    st.subheader(tr("Class table"), anchor=False)
    files = st.file_uploader(
        tr("Run cards (JSON)"), type="json", accept_multiple_files=True, key="class_table_files", max_upload_size=1
    )
    pasted = st.text_area(tr("Or paste their content here, one after another"), key="class_table_pasted", height=120)
    try:
        texts = [*(file.getvalue() for file in files[:MOST_CARDS]), *split_cards(pasted)][:MOST_CARDS]
    except CovidLabError as error:
        st.error(sentence_escaped(error))
        return
    cards, problems = read_cards(texts)
    for problem in problems[:_MOST_PROBLEMS]:
        st.warning(sentence_escaped(problem))
    if not cards:
        st.caption(
            tr(
                "Each person makes a card below a finished run on Train. A card names no file and no patient. "
                "Nothing is kept here."
            )
        )
        return
    found = standings(cards)
    _draw(found)


def _draw(found: list) -> None:
    if said := describe_class(found):
        st.markdown(markdown_escaped(said, max_length=500))
    st.dataframe(
        class_table(found),
        hide_index=True,
        height="content" if len(found) <= _ROWS_IN_FULL else "auto",
        key="class_table",
        alt=tr("Class table"),
    )
    st.caption(tr(_HOW_TO_READ))
    st.download_button(
        tr("Download table (CSV)"),
        lambda: class_csv(found),
        "covidlab-class.csv",
        "text/csv",
        key="class_table_csv",
        on_click="ignore",
    )
