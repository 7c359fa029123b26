"""Five questions before and after a lesson: answered twice, scored at the end, exported without a name.

What is right is not said between the two rounds, else the second would measure memory. Answers stay with the visitor's session.
"""

import secrets
from dataclasses import replace

import streamlit as st

from covidlab.evaluation.lesson import QUESTIONS, Question, Sheet, num_right
from covidlab.evaluation.lesson_sheet import sheet_csv, sheet_json
from covidlab.intervals import wilson_interval
from covidlab.language import tr, tr_lazy

SHEET, ROUND = "questions_sheet", "questions_round"
_NOTHING: tuple[int | None, ...] = (None,) * len(QUESTIONS)
_TITLES = {"before": tr_lazy("Before the lesson"), "after": tr_lazy("After the lesson")}
_NOT_YET, _RIGHT, _WRONG = tr_lazy("not answered"), tr_lazy(":material/check: right"), tr_lazy(":material/close: wrong")


def draw_questions() -> None:
    """Draw the five questions: the first round, the way to the second, or the results with the files."""
    step = st.session_state.setdefault(ROUND, "before")
    st.session_state.setdefault(SHEET, Sheet(secrets.token_hex(8), _NOTHING, _NOTHING))
    if step == "lesson":
        _draw_between()
    elif step == "over":
        _draw_results(st.session_state[SHEET])
    else:
        _draw_round(step)


def forget_questions() -> None:
    """Begin again with the first round, for the next person in front of this browser."""
    for key in [key for key in st.session_state if str(key).startswith("questions_")]:
        del st.session_state[key]


def _draw_round(step: str) -> None:
    st.subheader(tr(_TITLES[step]), anchor=False)
    st.markdown(
        tr(
            "{num_questions} questions. You may leave one out. What is right, you see after the second round.",
            num_questions=len(QUESTIONS),
        )
    )
    with st.form(f"questions_form_{step}", border=False):
        for number, question in enumerate(QUESTIONS, start=1):
            st.radio(
                f"**{number}. {question.text}**",
                range(len(question.choices)),
                index=None,
                format_func=lambda place, choices=question.choices: tr(choices[place]),
                key=f"questions_{step}_{number}",
            )
        st.form_submit_button(tr("Hand in"), type="primary", on_click=_hand_in, args=(step,))
    st.caption(tr("Your answers stay in your session. covidlab keeps none of them and asks for no name."))


def _hand_in(step: str) -> None:
    answers = tuple(st.session_state.get(f"questions_{step}_{number}") for number in range(1, len(QUESTIONS) + 1))
    st.session_state[SHEET] = replace(st.session_state[SHEET], **{step: answers})
    _go_on("lesson" if step == "before" else "over")


def _draw_between() -> None:
    st.subheader(tr("Your first answers are in"), anchor=False)
    st.markdown(
        tr("Now do the lesson: train, compare, look. Come back to this page in this browser window when it is over.")
    )
    st.button(tr("Answer again"), key="questions_again", type="primary", on_click=_go_on, args=("after",))


def _go_on(step: str) -> None:
    st.session_state[ROUND] = step


def _draw_results(sheet: Sheet) -> None:
    st.subheader(tr("Your answers before and after"), anchor=False)
    st.markdown(describe_score(sheet))
    for number, question in enumerate(QUESTIONS, start=1):
        _draw_answer(number, question, sheet.before[number - 1], sheet.after[number - 1])
    with st.container(horizontal=True):
        st.download_button(
            tr("Download answers (JSON)"),
            lambda: sheet_json(sheet),
            "covidlab-answers.json",
            "application/json",
            key="questions_json",
            on_click="ignore",
        )
        st.download_button(
            tr("Download answers (CSV)"),
            lambda: sheet_csv(sheet),
            "covidlab-answers.csv",
            "text/csv",
            key="questions_csv",
            on_click="ignore",
        )
        st.button(tr("Begin again"), key="questions_begin", icon=":material/restart_alt:", on_click=forget_questions)
    st.caption(
        tr("The files hold your answers and a random number, no name. The JSON file is for the results of the class.")
    )


def _draw_answer(number: int, question: Question, before: int | None, after: int | None) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{number}. {question.text}**")
        st.markdown(tr("Right: {choices} {why}", choices=question.choices[question.right], why=question.why))
        st.caption(
            tr(
                "Before: {verdict}. After: {verdict_2}.",
                verdict=_verdict(question, before),
                verdict_2=_verdict(question, after),
            )
        )


def _verdict(question: Question, answer: int | None) -> str:
    if answer is None:
        return tr(_NOT_YET)
    return tr(_RIGHT) if answer == question.right else f"{_WRONG}: {tr(question.choices[answer]).rstrip('.')}"


def describe_score(sheet: Sheet) -> str:
    """Return how many answers were right before and after, and how much that says of one person."""
    before, after, total = num_right(sheet.before), num_right(sheet.after), len(QUESTIONS)
    low, high = wilson_interval(after, total)
    return tr(
        "**{before} of {total} right before, {after} of {total} after.** {total} questions say little of "
        "one person: {after} of {total} has a 95 % interval of {low:.2f} to {high:.2f} (n = {total}). "
        "The gain of a class says more.",
        before=before,
        total=total,
        after=after,
        low=low,
        high=high,
    )
