"""A section of the page Audit: two runs of the same X-rays in the same folds, with tests, intervals and what would be needed."""

from collections.abc import Sequence

import streamlit as st

from covidlab.language import number_text, tr
from covidlab.runs.changes import CROSS_VALIDATION, changes
from covidlab.runs.comparing import which_is_better
from covidlab.runs.jobs import Job
from covidlab.runs.names import readable_name, short_name
from covidlab.runs.paired_tests import PairedTests, describe_tests, paired_tests, why_not_tested
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.runs.comparison import change_text
from covidlab.ui.runs.which_is_better import draw_verdict
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.report_view import metric_title

FIRST_KEY, SECOND_KEY = "audit_first_run", "audit_second_run"
_LONG = 600


def draw_comparing(audited: Audited) -> None:
    """Draw the choice of two runs and how they differ; where there are fewer, what it takes."""
    st.subheader(tr("Compare two runs"), anchor=False)
    runs = finished_runs(audited)
    if len(runs) < 2:
        st.markdown(
            tr(
                "This compares two runs on the same X-rays in the same folds, with McNemar's exact test and an "
                "interval over patients. It needs two finished runs of this set; there is one. Train another one."
            )
            if runs
            else tr(
                "This compares two runs on the same X-rays in the same folds, with McNemar's exact test and an "
                "interval over patients. It needs two finished runs of this set; there are none. Train another one."
            )
        )
        return
    _draw_pair(runs)


@st.fragment
def _draw_pair(runs: Sequence[Run]) -> None:
    left, right = st.columns(2, gap="medium")
    # The earlier one first, so that a change is what the later one brought.
    first = _choose(left, tr("Compare"), runs, place=1, key=FIRST_KEY)
    second = _choose(right, tr("with"), runs, place=0, key=SECOND_KEY)
    if refusal := why_not_tested(first, second):
        st.info(markdown_escaped(refusal, max_length=_LONG))
        return
    names = (short_name(first), short_name(second))
    draw_verdict(which_is_better([first], [second], names=names))
    tests, differences = st.columns(2, gap="medium")
    with tests:
        _draw_tests(paired_tests(first, second), names)
    with differences:
        _draw_changes(first, second, names)


def finished_runs(audited: Audited) -> list[Run]:
    """Return the runs of this set that have a report, the newest first."""
    return [
        run
        for run in RunStore().list()
        if not run.is_damaged()
        and run.load_job() == Job.TRAIN
        and run.report()
        and not run.status().is_active
        and run.load_facts().get("data", {}).get("name") == audited.catalog.name
    ]


def _choose(place_in, label: str, runs: Sequence[Run], *, place: int, key: str) -> Run:
    """A choice among runs by id, so that it holds when a run is added."""
    by_id = {run.id: run for run in runs}
    chosen = place_in.selectbox(
        label, list(by_id), index=place, format_func=lambda run_id: readable_name(by_id[run_id]), key=key
    )
    return by_id[chosen]


def _draw_tests(found: PairedTests, names: tuple[str, str]) -> None:
    st.markdown(tr("**McNemar's exact test**"), help=HELP["McNemar"])
    rows = [(tr("X-rays"), found.xrays), (tr("Patients"), found.patients)]
    st.table(
        {
            title: {
                tr("Only {name} right", name=names[0]): f"{test.only_first}",
                tr("Only {name} right", name=names[1]): f"{test.only_second}",
                tr("Of"): f"{test.number}",
                "p": number_text(test.p, ".3f"),
            }
            for title, test in rows
            if test is not None
        },
        border="horizontal",
    )
    for sentence in describe_tests(found, names=names):
        st.caption(markdown_escaped(sentence, max_length=_LONG))


def _draw_changes(first: Run, second: Run, names: tuple[str, str]) -> None:
    st.markdown(tr("**Change of each figure**"), help=HELP["confidence interval"])
    found = changes(first, second, source=CROSS_VALIDATION)
    st.table(
        {
            tr("{second} less {first}", second=names[1], first=names[0]): {
                metric_title(name): change_text(change) for name, change in found.items()
            }
        },
        border="horizontal",
    )
    st.caption(
        tr(
            "In brackets the 95 % interval: each patient is left out once, with all of their X-rays, in both "
            "runs. It says what other patients to read could change, not what other X-rays to learn from could."
        )
    )
