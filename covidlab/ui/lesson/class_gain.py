"""What a class has gained: the files of answers of all, together."""

import math

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.evaluation.lesson import QUESTIONS, Gain, Sheet, class_gain
from covidlab.evaluation.lesson_sheet import read_sheet
from covidlab.text import pluralize, sentence_escaped

MOST_FILES = 500


def draw_class_gain() -> None:
    """Draw where a teacher brings the files of answers, and the gain of the class with its interval and n."""
    st.subheader("What the class has gained", anchor=False)
    files = st.file_uploader(
        "Files of answers (JSON)", type="json", accept_multiple_files=True, key="class_gain_files", max_upload_size=1
    )
    sheets = _read([file.getvalue() for file in files[:MOST_FILES]])
    if not sheets:
        st.caption("Each person downloads the file after the second round. It holds no name. Nothing is kept here.")
        return
    gain = class_gain(sheets)
    st.markdown(describe_gain(gain))
    st.table(_per_question(sheets), border="horizontal")


def _read(contents: list[bytes]) -> list[Sheet]:
    sheets = []
    for number, content in enumerate(contents, start=1):
        try:
            sheets.append(read_sheet(content))
        except CovidLabError as error:
            st.warning(f"File {number} is left out. {sentence_escaped(error)}")
    return list({sheet.code: sheet for sheet in sheets}.values())


def describe_gain(gain: Gain) -> str:
    """Return the gain of a class in words: means before and after, the gain with its interval, and what it does not show."""
    most = len(QUESTIONS)
    means = f"**{pluralize(gain.n, 'person', 'people')}: {gain.before:.1f} of {most} right before, {gain.after:.1f} after.**"
    if math.isnan(gain.low):
        return f"{means} The gain is {gain.value:.1f} questions (n = {gain.n}). There is no interval for so few people, or where all have the same gain."
    certain = "more than chance" if gain.low > 0 else "less than chance" if gain.high < 0 else "it may be chance"
    return (
        f"{means} The gain is {gain.value:.1f} questions (95 % interval {gain.low:.1f} to {gain.high:.1f}, n = {gain.n}): {certain}. "
        "Both rounds have the same questions, so a part of the gain may come from having seen them before."
    )


def _per_question(sheets: list[Sheet]) -> list[dict]:
    return [
        {
            "question": question.key.capitalize(),
            "right before": _share([sheet.before[place] == question.right for sheet in sheets]),
            "right after": _share([sheet.after[place] == question.right for sheet in sheets]),
        }
        for place, question in enumerate(QUESTIONS)
    ]


def _share(hits: list[bool]) -> str:
    return f"{sum(hits)} of {len(hits)}"
