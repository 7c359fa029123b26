"""The card of a run, to hand in: a picture for people and a file for the class table."""

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.run_card import (
    LONGEST_ALIAS,
    MOST_RUNS,
    RunCard,
    card_json,
    describe_crossed,
    describe_single,
    run_card,
)
from covidlab.runs.run_card_picture import card_png
from covidlab.runs.status import State
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, sentence_escaped

ALIAS, BEST_OF = "run_card_alias", "run_card_best_of"


def draw_run_card(run: Run | None) -> None:
    """Draw what makes a card of a finished run: who hands it in, of how many runs it is the best, the downloads; else nothing."""
    if run is None or run.recorded_status().state is not State.FINISHED:
        return
    with st.expander(tr("Run card to hand in"), icon=":material/badge:"):
        st.text_input(
            tr("A name for the class table"),
            max_chars=LONGEST_ALIAS,
            key=ALIAS,
            placeholder=tr("made up, or nothing"),
            help=tr("It stands on the card and nowhere else. Take a made-up one that does not say who you are."),
        )
        st.number_input(
            tr("Of how many runs is this the best one?"),
            min_value=1,
            max_value=MOST_RUNS,
            key=BEST_OF,
            help=tr("The best of many runs looks good by luck alone. The class table takes that into account."),
        )
        try:
            card = run_card(run, alias=st.session_state[ALIAS], best_of=int(st.session_state[BEST_OF]))
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        _draw_card(run, card)


def _draw_card(run: Run, card: RunCard) -> None:
    over = (
        tr("over {num_splits} splits, {repeats}", num_splits=card.num_splits, repeats=card.repeats)
        if card.num_splits
        else tr("by cross-validation")
    )
    st.markdown(
        tr(
            "**{name}**  \nAccuracy {over}: {describe_crossed}  \nAccuracy on the one split: {describe_single}  \n",
            name=markdown_escaped(card.name, max_length=120),
            over=over,
            describe_crossed=markdown_escaped(describe_crossed(card), max_length=200),
            describe_single=markdown_escaped(describe_single(card), max_length=200),
        )
        + "".join(f"{markdown_escaped(line, max_length=600)}  \n" for line in card.verdict)
        + tr("Not for diagnosis")
    )
    with st.container(horizontal=True):
        # Made when somebody clicks, not at each drawing of the page.
        for label, make, ending, kind in (
            (tr("Download card (PNG)"), lambda: card_png(card), "png", "image/png"),
            (tr("Download card (JSON)"), lambda: card_json(card), "json", "application/json"),
        ):
            st.download_button(
                label, make, f"covidlab-{run.id}.{ending}", kind, key=f"run_card_{ending}_{run.id}", on_click="ignore"
            )
    st.caption(
        tr("The picture is for people. The JSON file is for the class table. Neither names a file or a patient.")
    )
