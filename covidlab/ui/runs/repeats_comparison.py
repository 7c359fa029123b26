"""Groups of repeats beside each other: what changed between the settings, and the median and range of what happened."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.metrics import METRICS
from covidlab.runs.changes import CROSS_VALIDATION, VALIDATION
from covidlab.runs.run_settings import SEED, differing
from covidlab.ui.runs.comparison import draw_settings
from covidlab.ui.runs.curve_panel import draw_curves
from covidlab.ui.runs.overlay import Overlaid
from covidlab.ui.runs.repeats import RANGE_IS_OF_SEEDS, Repeats
from covidlab.ui.runs.which_is_better import draw_which_is_better
from covidlab.ui.shared.report_view import metric_title
from covidlab.ui.shared.verdict import draw_verdicts

_SOURCES = {CROSS_VALIDATION: tr_lazy("cross-validation"), VALIDATION: tr_lazy("validation X-rays")}


def draw_repeats(groups: Sequence[Repeats]) -> None:
    """Draw what differs between the groups, their curves and their figures."""
    st.subheader(
        groups[0].name if len(groups) == 1 else tr("{num_groups} groups of runs", num_groups=len(groups)), anchor=False
    )
    if len(groups) > 1:
        st.markdown(tr("**What changed**"))
        draw_settings(group_settings(groups))
    st.markdown(tr("**What happened**"))
    draw_curves(
        [Overlaid(label=group.name, honest=group.honest_curve(), split=group.split_curve()) for group in groups],
        band=tr("the range of the repeats"),
    )
    st.table(group_figures(groups), border="horizontal")
    st.caption(
        tr("Curves and figures are medians over the repeats. {range_is_of_seeds}", range_is_of_seeds=RANGE_IS_OF_SEEDS)
    )
    draw_verdicts([run for group in groups for run in group.runs], key="runs_verdicts")
    draw_which_is_better([run for group in groups for run in group.runs])


def group_settings(groups: Sequence[Repeats]) -> pd.DataFrame:
    """Return a row a setting that differs between the groups, a column a group; the seeds always differ and are left out."""
    settings = [{**group.settings, SEED: ""} for group in groups]
    table = pd.DataFrame({group.name: each for group, each in zip(groups, settings, strict=True)})
    return table.loc[differing(settings)]


def group_figures(groups: Sequence[Repeats]) -> pd.DataFrame:
    """Return a row a figure and source, a column a group: median and range over its runs."""
    rows = {
        f"{metric_title(name)}, {said}": {group.name: group.in_words(source, name) for group in groups}
        for source, said in _SOURCES.items()
        for name in METRICS
    }
    return pd.DataFrame(rows).T
