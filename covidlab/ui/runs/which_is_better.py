"""Which of two settings is better, on Runs: a verdict, with the spread of seeds and the intervals kept apart."""

from collections.abc import Sequence

import streamlit as st

from covidlab.language import tr
from covidlab.runs.comparing import Verdict, which_is_better
from covidlab.runs.run_settings import repeats_of
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped
from covidlab.ui.runs.repeats import Repeats


def draw_which_is_better(runs: Sequence[Run]) -> None:
    """Draw which of two groups of repeats is better, or that this cannot be told; nothing where there is one group only."""
    groups = [Repeats(tuple(group)) for group in repeats_of(runs)]
    if len(groups) < 2:
        return
    st.markdown(tr("**Which is better**"))
    first, second = groups if len(groups) == 2 else _choose(groups)
    if first is second:
        st.caption(tr("Choose two different groups."))
        return
    verdict = which_is_better(first.runs, second.runs, names=(first.name, second.name))
    draw_verdict(verdict)


def _choose(groups: Sequence[Repeats]) -> tuple[Repeats, Repeats]:
    left, right = st.columns(2)
    key = hash(tuple(group.name for group in groups))
    first = left.selectbox(
        tr("Compare"), groups, index=0, format_func=lambda group: group.name, key=f"runs_better_first_{key}"
    )
    second = right.selectbox(
        tr("with"), groups, index=1, format_func=lambda group: group.name, key=f"runs_better_second_{key}"
    )
    return first, second


def draw_verdict(verdict: Verdict) -> None:
    """Draw what can be said of two groups, or why nothing can."""
    if verdict.refusal:
        st.caption(markdown_escaped(verdict.refusal, max_length=400))
        return
    icon = ":material/check_circle:" if verdict.can_tell else ":material/balance:"
    (st.success if verdict.can_tell else st.info)(markdown_escaped(verdict.headline, max_length=600), icon=icon)
    seeds, intervals = st.columns(2)
    with seeds:
        st.markdown(tr("Spread of seeds"))
        for sentence in verdict.seeds:
            st.caption(markdown_escaped(sentence, max_length=400))
    with intervals:
        st.markdown(tr("Intervals of the difference"))
        for sentence in verdict.intervals:
            st.caption(markdown_escaped(sentence, max_length=400))
        if verdict.needed:
            st.caption(markdown_escaped(verdict.needed, max_length=400))
