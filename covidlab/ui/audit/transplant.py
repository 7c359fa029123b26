"""The lung transplant on the page Audit: a guess first, then one bar for all pairs and four pictures of each pair."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from covidlab.audit.transplant_text import METHOD, class_names, describe_guess, is_apart, sentences
from covidlab.language import tr
from covidlab.runs.audits import FoundPart
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.transplant_chart import describe_bar, shares_bar
from covidlab.ui.audit.transplant_pair import draw_pair

Found = Mapping[str, Any]

EXPECTED_SECONDS = 18.0
_QUIET = {"displayModeBar": False}
_LONG = 1500
_GUESS, _SHOWN = "audit_transplant_guess", "audit_transplant_shown"


def draw_transplant(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Lung transplant"), anchor=False)
    st.markdown(tr("The lungs of one X-ray in the frame of another: does the model follow the lungs or the frame?"))
    part = audited.part("transplant")
    if part is None:
        st.markdown(
            tr(
                "It will show four pictures of each pair, what the model says of each, and one bar: how much of "
                "the difference between the classes goes with the frame, how much with the lungs."
            )
        )
        ask_for(
            audited,
            ("transplant",),
            tr("Exchange the lungs"),
            key="audit_transplant_ask",
            expected_seconds=EXPECTED_SECONDS,
        )
    elif part.error:
        st.warning(sentence_escaped(part.error))
    else:
        st.fragment(_draw)(audited, part)


def _draw(audited: Audited, part: FoundPart) -> None:
    found = part.found
    shown = st.session_state.get(_SHOWN) == part.run.id
    if not is_apart(found):
        _write_sentences(found)
        shown = True
    elif shown:
        _draw_shares(found)
    else:
        _draw_question(found, part.run.id)
    draw_pair(audited, found, with_answers=shown)
    st.caption(str(METHOD))


def _draw_question(found: Found, audit_id: str) -> None:
    """Ask for a guess, which is optional, before anything is shown."""
    names = {side: markdown_escaped(name) for side, name in class_names(found).items()}
    with st.container(border=True, key="audit_transplant_question"):
        st.slider(
            tr(
                "Your guess: of what parts {positive} from {others}, how much goes with the frame?",
                positive=names["positive"],
                others=names["others"],
            ),
            0,
            100,
            50,
            step=5,
            format="%d %%",
            key=_GUESS,
            on_change=_note_guess,
            help=tr(
                "The frame is all of the X-ray outside the lungs, with their outline and the exposure. 100 %: "
                "only the frame counts. 0 %: only the lungs count."
            ),
        )
        st.button(
            tr("Show what was measured"), key="audit_transplant_show", type="primary", on_click=_show, args=(audit_id,)
        )


def _draw_shares(found: Found) -> None:
    guess = st.session_state.get(f"{_GUESS}_made")
    st.plotly_chart(
        shares_bar(found["frame"], guess=guess),
        key="audit_transplant_bar",
        config=_QUIET,
        alt=describe_bar(found["frame"]),
    )
    if guess is not None:
        st.markdown(markdown_escaped(describe_guess(found, guess), max_length=_LONG))
    _write_sentences(found)
    st.button(tr("Guess again"), key="audit_transplant_hide", on_click=_hide)


def _write_sentences(found: Found) -> None:
    first, *others = sentences(found)
    st.markdown(f"**{markdown_escaped(first, max_length=_LONG)}**")
    if others:
        st.caption(markdown_escaped(" ".join(others), max_length=_LONG))


def _note_guess() -> None:
    # The widget is not drawn once the answer is shown, so its value would be lost.
    st.session_state[f"{_GUESS}_made"] = st.session_state[_GUESS] / 100


def _show(audit_id: str) -> None:
    st.session_state[_SHOWN] = audit_id


def _hide() -> None:
    st.session_state.pop(_SHOWN, None)
    st.session_state.pop(f"{_GUESS}_made", None)
