"""What a reading session gave: the tally with intervals, every X-ray disclosed, and the answers as files."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.evaluation.reader_study import Answer, Mode, Study, tally
from covidlab.evaluation.study_export import answers_csv, study_json
from covidlab.language import number_text, tr, tr_lazy
from covidlab.metrics import Metric
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped, one_line, pluralize
from covidlab.ui.shared.cached import table_pictures
from covidlab.ui.shared.verdict import draw_verdict_line

READERS_FOLLOW = tr_lazy(
    "Readers follow wrong advice too ([Bernstein et al. 2023](https://doi.org/10.1007/s00330-023-09747-1))."
)
_IN_THE_FILES = tr_lazy(
    "The files hold for each X-ray its number in this session, its class, the model's answer, your "
    "first and last answer and the seconds to the first; the JSON file also holds the table above "
    "and how the session was drawn. They hold no file name, no patient and no name of yours."
)
# With fewer X-rays, a share near one half is uncertain by more than ten points to each side.
FEW = 93
# A longer table scrolls.
ROWS_IN_FULL = 20

_TALLY_NAMES = {
    "reader_right": tr_lazy("Your first answer was right"),
    "reader_right_at_last": tr_lazy("Your last answer was right"),
    "model_right": tr_lazy("The model was right"),
    "changed": tr_lazy("You changed your answer"),
    "changed_to_right": tr_lazy("You changed it to the right one"),
    "changed_to_wrong": tr_lazy("You changed it to a wrong one"),
    "agreed_with_model": tr_lazy("Your first answer agreed with the model"),
    "followed_right_advice": tr_lazy("You went along with right advice"),
    "followed_wrong_advice": tr_lazy("You went along with wrong advice"),
}
# The columns of the table of all X-rays.
_COLUMNS = {
    words: words
    for words in (
        tr_lazy("class in the set"),
        tr_lazy("your first answer"),
        tr_lazy("confidence"),
        tr_lazy("the model's answer"),
        tr_lazy("your last answer"),
        tr_lazy("advice"),
        tr_lazy("the advice was"),
    )
}
# Everything else would give away, before the end of a drill, which advice was wrong.
_SAID_DURING_A_DRILL = ("changed",)
_ON_PURPOSE, _OF_THE_MODEL, _RIGHT = tr_lazy("wrong on purpose"), tr_lazy("wrong, as the model is"), tr_lazy("right")


def resembled(folder: str) -> str:
    """Return "the COVID-19 X-rays", in Markdown."""
    return tr("the {class_name} X-rays", class_name=markdown_escaped(class_name(folder)))


def draw_tally(study: Study, *, is_over: bool) -> None:
    """Draw the shares of a session as a small table; during a drill only what gives nothing away."""
    if not study.answers:
        return
    figures = tally(study)
    if study.mode is Mode.DRILL and not is_over:
        figures = {name: figures[name] for name in _SAID_DURING_A_DRILL}
    st.table(tally_table(figures), border="horizontal")


def tally_table(figures: dict[str, Metric]) -> pd.DataFrame:
    """Return a row a share: its value, its 95 % interval, and over how many X-rays it is."""
    rows = [
        [
            number_text(figure.value, ".2f"),
            tr("{low:.2f} to {high:.2f}", low=figure.low, high=figure.high),
            f"{figure.n}",
        ]
        for figure in figures.values()
    ]
    rows = [row if row[-1] != "0" else [tr("none"), "", "0"] for row in rows]
    return pd.DataFrame(
        rows, columns=[tr("share"), tr("95 % interval"), "n"], index=[tr(_TALLY_NAMES[name]) for name in figures]
    )


def draw_results(study: Study, run: Run, catalog: Catalog) -> None:
    """Draw the end of a session: the tally, how wide it is, every X-ray with its class and answers, the files."""
    st.subheader(tr("Results of this session"), anchor=False)
    if not study.answers:
        st.markdown(tr("No X-ray was answered."))
        return
    st.markdown(_what_it_says(study))
    draw_tally(study, is_over=True)
    draw_verdict_line(run, key="exercise_verdict", offers=False)
    if study.mode is Mode.DRILL:
        st.caption(
            tr(
                "Went along: of the X-rays whose advice differed from your first answer, those where you took "
                "the advice. {readers_follow}",
                readers_follow=READERS_FOLLOW,
            )
        )
    _draw_disclosure(study, catalog)
    _draw_downloads(study, run)


def _what_it_says(study: Study) -> str:
    figure = tally(study)["reader_right"]
    wide = tr("With so few X-rays the intervals are wide.") if len(study.answers) < FEW else ""
    text = tr(
        "**{x_rays} answered.** Right means the class in the set. {wide} Your share of right first answers on "
        "many such X-rays may be anywhere from {low:.2f} to {high:.2f}. It holds for you and for X-rays "
        "of this set; n is the number of X-rays a share is taken of.",
        x_rays=pluralize(len(study.answers), "X-ray"),
        wide=wide,
        low=figure.low,
        high=figure.high,
    )
    if study.mode is Mode.PLAIN:
        return text
    num_wrong = sum(answer.is_wrong_on_purpose for answer in study.answers)
    return tr(
        "{text} **The advice was wrong on purpose for {num_wrong} of them.** The table below says for which.",
        text=text,
        num_wrong=num_wrong,
    )


def _draw_disclosure(study: Study, catalog: Catalog) -> None:
    st.markdown(tr("**Every X-ray of this session**"))
    st.dataframe(
        disclosure_table(study).assign(xray=table_pictures(catalog, [answer.case.file for answer in study.answers])),
        hide_index=True,
        row_height=72,
        height="content" if len(study.answers) <= ROWS_IN_FULL else "auto",
        column_order=["number", "xray", *disclosure_table(study).columns.drop("number")],
        column_config={
            **{name: tr(words) for name, words in _COLUMNS.items()},
            "number": st.column_config.NumberColumn("", width=40),
            "xray": st.column_config.ImageColumn("", width="small"),
        },
        alt=tr(
            "Table of {x_rays} with the class in the set, the answers and what was shown.",
            x_rays=pluralize(len(study.answers), "X-ray"),
        ),
    )


def disclosure_table(study: Study) -> pd.DataFrame:
    """Return a row an answer, as people read it: the class in the set, the answers, and of advice whether it was wrong, and why."""
    is_drill = study.mode is Mode.DRILL
    return pd.DataFrame(
        [
            {
                "number": number,
                "class in the set": _named(answer.case.true_class),
                "your first answer": _named(answer.first_class),
                "confidence": answer.first_confidence,
                **(_advice_columns(answer) if is_drill else {"the model's answer": _named(answer.shown_class)}),
                "your last answer": _named(answer.final_class),
            }
            for number, answer in enumerate(study.answers, start=1)
        ]
    )


def _advice_columns(answer: Answer) -> dict[str, str]:
    why = str(_ON_PURPOSE if answer.is_wrong_on_purpose else _OF_THE_MODEL if answer.advice_is_wrong else _RIGHT)
    return {"advice": _named(answer.shown_class), "the advice was": why}


def _draw_downloads(study: Study, run: Run) -> None:
    name = f"covidlab-reading-{run.name.replace(' ', '-')}"
    with st.container(horizontal=True):
        st.download_button(
            tr("Download answers (CSV)"),
            answers_csv(study),
            f"{name}.csv",
            "text/csv",
            key=f"predict_exercise_csv_{run.id}",
            on_click="ignore",
        )
        st.download_button(
            tr("Download session (JSON)"),
            study_json(study, model=run.name),
            f"{name}.json",
            "application/json",
            key=f"predict_exercise_json_{run.id}",
            on_click="ignore",
        )
    st.caption(_IN_THE_FILES)


def _named(folder: str) -> str:
    return one_line(class_name(folder))
