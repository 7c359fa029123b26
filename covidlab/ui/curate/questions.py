"""Step 2 of adding: one widget for each question; an answer is understood at once, without reading any X-ray again."""

from collections.abc import Mapping, Sequence

import streamlit as st

from covidlab.data.layouts import Answers, Ask, Question
from covidlab.language import tr
from covidlab.text import markdown_escaped, one_line

YES = "yes"
_ANSWERS = "adding_answers"
_MOST_AS_BUTTONS = 5
_YES_OR_NO = (Ask.PATIENTS_FROM_NAMES, Ask.KEEP_SPLIT)

Given = Mapping[str, str | tuple[str, ...]]


def answers_given() -> Answers:
    """Return what this person has answered so far."""
    return answers_from(st.session_state.get(_ANSWERS, {}))


def answers_from(given: Given) -> Answers:
    """Return values of choices, by what they are about, as ``Answers``."""
    values: dict = {}
    for about, value in given.items():
        if about in _YES_OR_NO:
            values[about] = value == YES
        elif about == Ask.CONTAINS:
            values[about] = tuple(value)
        elif value:
            values[about] = int(value) if about == Ask.CLASS_LEVEL else value
    return Answers(**values)


def forget_answers() -> None:
    """Forget what was answered about files before."""
    st.session_state.pop(_ANSWERS, None)


def draw_questions(questions: Sequence[Question]) -> None:
    """Draw the questions, those without whose answer nothing can be taken first; nothing where nothing is asked."""
    if not questions:
        return
    st.subheader(tr("2. What is asked"), anchor=False)
    for question in sorted(questions, key=lambda question: not question.is_needed):
        _draw_question(question)


def _draw_question(question: Question) -> None:
    is_open = question.is_needed and not question.answer
    label = markdown_escaped(question.text, max_length=400)
    if is_open:
        label = f":orange-badge[{tr('needed')}] {label}"
    texts = {choice.value: choice.text for choice in question.choices}
    key = f"adding_ask_{question.about}"
    about = {"key": key, "on_change": _take_answer, "args": (str(question.about), key)}
    given = st.session_state.get(_ANSWERS, {}).get(question.about)
    # The layout has the say about what holds now: an answer to one question may change another.
    if question.several:
        st.session_state[key] = [value for value in given or () if value in texts]
        st.multiselect(
            label, list(texts), format_func=lambda value: one_line(texts[value]), placeholder=tr("Choose"), **about
        )
        return
    st.session_state[key] = question.answer if question.answer in texts else None
    if len(texts) <= _MOST_AS_BUTTONS:
        st.radio(
            label,
            list(texts),
            index=None,
            format_func=lambda value: markdown_escaped(texts[value], max_length=160),
            **about,
        )
    else:
        st.selectbox(
            label,
            list(texts),
            index=None,
            format_func=lambda value: one_line(texts[value], max_length=160),
            placeholder=tr("Choose one"),
            **about,
        )


def _take_answer(about: str, key: str) -> None:
    value = st.session_state[key]
    answer = tuple(value) if isinstance(value, list) else value
    st.session_state[_ANSWERS] = {**st.session_state.get(_ANSWERS, {}), about: answer or ""}
