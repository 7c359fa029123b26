"""What a class has gained: the files of answers of all, together."""

import math

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.evaluation.lesson import QUESTIONS, Gain, Sheet, class_gain
from covidlab.evaluation.lesson_sheet import read_sheet
from covidlab.language import tr
from covidlab.text import pluralize, sentence_escaped

MOST_FILES = 500


def draw_class_gain() -> None:
    """Draw where a teacher brings the files of answers, and the gain of the class with its interval and n."""
    st.subheader(tr("What the class has gained"), anchor=False)
    files = st.file_uploader(
        tr("Files of answers (JSON)"),
        type="json",
        accept_multiple_files=True,
        key="class_gain_files",
        max_upload_size=1,
    )
    sheets = _read([file.getvalue() for file in files[:MOST_FILES]])
    if not sheets:
        st.caption(tr("Each person downloads the file after the second round. It holds no name. Nothing is kept here."))
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
            st.warning(tr("File {number} is left out. {error}", number=number, error=sentence_escaped(error)))
    return list({sheet.code: sheet for sheet in sheets}.values())


def describe_gain(gain: Gain) -> str:
    """Return the gain of a class in words: means before and after, the gain with its interval, and what it does not show."""
    most = len(QUESTIONS)
    means = tr(
        "**{persons}: {before:.1f} of {most} right before, {after:.1f} after.**",
        persons=pluralize(gain.n, "person", "people"),
        before=gain.before,
        most=most,
        after=gain.after,
    )
    if math.isnan(gain.low):
        return tr(
            "{means} The gain is {value:.1f} questions (n = {n}). There is no interval for so few people, or "
            "where all have the same gain.",
            means=means,
            value=gain.value,
            n=gain.n,
        )
    certain = (
        tr("more than chance") if gain.low > 0 else tr("less than chance") if gain.high < 0 else tr("it may be chance")
    )
    return tr(
        "{means} The gain is {value:.1f} questions (95 % interval {low:.1f} to {high:.1f}, n = {n}): "
        "{certain}. Both rounds have the same questions, so a part of the gain may come from having seen "
        "them before.",
        means=means,
        value=gain.value,
        low=gain.low,
        high=gain.high,
        n=gain.n,
        certain=certain,
    )


def _per_question(sheets: list[Sheet]) -> list[dict]:
    return [
        {
            tr("question"): str(question.title),
            tr("right before"): _share([sheet.before[place] == question.right for sheet in sheets]),
            tr("right after"): _share([sheet.after[place] == question.right for sheet in sheets]),
        }
        for place, question in enumerate(QUESTIONS)
    ]


def _share(hits: list[bool]) -> str:
    return tr("{hits} of {num_hits}", hits=sum(hits), num_hits=len(hits))
