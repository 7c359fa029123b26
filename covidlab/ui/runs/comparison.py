"""Several runs beside each other: what changed, and what happened."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN, are_patients_known
from covidlab.language import number_text, tr, tr_lazy
from covidlab.metrics import METRICS
from covidlab.runs.changes import CROSS_VALIDATION, VALIDATION, Change, changes, figures_of
from covidlab.runs.jobs import Job
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.names import short_name
from covidlab.runs.run_settings import differing, settings_of
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, pluralize, short_metric_text
from covidlab.ui.runs.curve_panel import draw_curves
from covidlab.ui.runs.overlay import Overlaid
from covidlab.ui.runs.which_is_better import draw_which_is_better
from covidlab.ui.shared import charts
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.report_view import metric_title
from covidlab.ui.shared.verdict import draw_verdicts

_INTERVAL = ("value", "low", "high", "n")
_QUIET = {"displayModeBar": False}
_SOURCES = {CROSS_VALIDATION: tr_lazy("Cross-validation"), VALIDATION: tr_lazy("Validation X-rays")}
# Columns of figures beside each other that still fit.
_MOST_BESIDE = 2


def with_baseline(chosen: Sequence[Run], runs: Sequence[Run]) -> list[Run]:
    """Return the runs to compare: the pinned baseline first, then the chosen ones from old to new; no damaged ones, no audits."""
    pinned = st.query_params.get("baseline")
    first = [run for run in runs if run.id == pinned]
    others = sorted((run for run in chosen if run.id != pinned), key=lambda run: run.number)
    return [run for run in [*first, *others] if not run.is_damaged() and run.load_job() != Job.AUDIT]


def differing_settings(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a row a setting that is not the same in all runs, a column a run."""
    table = pd.DataFrame({short_name(run): settings_of(run) for run in runs})
    return table.loc[differing([table[name].to_dict() for name in table])]


def metrics_of(runs: Sequence[Run], *, source: str) -> pd.DataFrame:
    """Return a row a figure, a column a run: value, interval, n. ``source`` is "validation" or "cross_validation"."""
    return pd.DataFrame(
        {
            short_name(run): {
                metric_title(name): short_metric_text(figures_of(run, source).get(name)) for name in METRICS
            }
            for run in runs
        }
    )


def changes_of(runs: Sequence[Run], *, source: str) -> pd.DataFrame:
    """Return a row a figure, a column for each run after the first: how it differs from the first, with the interval."""
    first, *others = runs
    found = {run: changes(first, run, source=source) for run in others}
    return pd.DataFrame(
        {
            tr("Change of {name}", name=run.name): {metric_title(name): change_text(each.get(name)) for name in METRICS}
            for run, each in found.items()
        }
    )


def change_text(change: Change | None) -> str:
    """Return "+0.04 (−0.06 to 0.14)", "0.00, same answers", "+0.04, interval not known", "" where there is none."""
    if change is None:
        return ""
    value = _signed(change.value)
    if change.low is None:
        return tr("{value}, interval not known", value=value)
    if change.is_same:
        return tr("{value}, same answers", value=value)
    return tr(
        "{value} ({signed} to {signed_2})",
        value=value,
        signed=_signed(change.low, plus=""),
        signed_2=_signed(change.high, plus=""),
    )


def caveats(runs: Sequence[Run], *, source: str) -> list[str]:
    """Return what speaks against comparing the figures of these runs, in plain sentences."""
    sentences = []
    prints = {run.load_facts().get("data", {}).get("fingerprint") for run in runs}
    if len(prints) > 1:
        sentences.append(tr("These runs used different X-rays, so their results cannot be compared."))
    elif source == VALIDATION and len({frozenset(run.predictions()["file"]) for run in runs}) > 1:
        sentences.append(
            tr("These runs were validated on different X-rays. Cross-validation compares them on all X-rays.")
        )
    # A run that has not begun says nothing of its data.
    data = {short_name(run): run.load_facts().get("data", {}) for run in runs}
    if unknown := [name for name, facts in data.items() if facts and not are_patients_known(facts)]:
        which = "" if len(unknown) == len(runs) else f"{', '.join(unknown)}: "
        sentences.append(f"{which}{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}")
    # Of the cross-validation "Which is better" says it (ui/runs/which_is_better.py).
    if source == VALIDATION and (undecided := _undecided(runs, source)):
        sentences.append(undecided)
    return sentences


def _undecided(runs: Sequence[Run], source: str) -> str:
    """Say that the X-rays do not tell which run is better, by the paired changes where these are known; "" where they do."""
    first, *others = runs
    paired = [changes(first, run, source=source).get("accuracy") for run in others]
    if paired and all(change and change.low is not None for change in paired):
        holds_0 = any(change.low <= 0 <= change.high for change in paired)
        return (
            tr("A change of accuracy may be 0: so few X-rays do not show which of these runs is better.")
            if holds_0
            else ""
        )
    figures = [figures_of(run, source).get("accuracy") for run in runs]
    known = [figure for figure in figures if figure and figure["value"] is not None]
    if len(known) > 1 and max(figure["low"] for figure in known) <= min(figure["high"] for figure in known):
        return tr("The intervals of accuracy overlap: so few X-rays do not show which of these runs is better.")
    return ""


def say_what_is_left_out(chosen: Sequence[Run]) -> None:
    """Say that audits are not compared, where one was chosen together with other runs."""
    if len(chosen) > 1 and any(run.load_job() == Job.AUDIT for run in chosen):
        st.caption(tr("Audits are not compared. Tick one alone to open it."))


def draw_comparison(runs: Sequence[Run]) -> None:
    """Draw what changed between runs and what happened: settings, curves, figures. The first run is the reference."""
    numbers = [run.number_text for run in runs]
    st.subheader(
        tr("Runs {numbers} and {numbers_2}", numbers=", ".join(numbers[:-1]), numbers_2=numbers[-1]), anchor=False
    )
    st.markdown(tr("**What changed**"))
    settings = differing_settings(runs)
    draw_settings(settings)
    st.markdown(tr("**What happened**"), help=HELP["confidence interval"])
    # Only what is drawn: training curves would stretch the axes.
    draw_curves([_overlaid(run, settings) for run in runs], band=tr("its 95 % interval"))
    _draw_metrics(runs, settings)
    draw_which_is_better(runs)


def draw_settings(settings: pd.DataFrame) -> None:
    """Draw the settings that differ, or that none does."""
    if settings.empty:
        st.caption(tr("Nothing: all settings are the same."))
    else:
        st.table(settings.map(markdown_escaped).rename(index=tr), border="horizontal", width="content")


def _draw_metrics(runs: Sequence[Run], settings: pd.DataFrame) -> None:
    sources = [source for source in _SOURCES if all(figures_of(run, source) for run in runs)]
    if not sources:
        st.caption(tr("Not all of these runs have results."))
        return
    source = st.segmented_control(
        tr("Results from"),
        sources,
        default=sources[0],
        required=True,
        format_func=lambda source: tr(_SOURCES[source]),
        key="runs_source",
    )
    for sentence in caveats(runs, source=source):
        st.markdown(f":material/info: {sentence}")
    rows = [
        {"name": _label(run, settings), "source": metric_title(name), **{key: figure[key] for key in _INTERVAL}}
        for run in runs
        for name in ("accuracy", "auc")
        if (figure := figures_of(run, source).get(name))
    ]
    st.plotly_chart(charts.metrics_chart(rows), key="runs_figures", config=_QUIET, alt=charts.describe_metrics(rows))
    figures, differences = metrics_of(runs, source=source), changes_of(runs, source=source)
    if len(runs) <= _MOST_BESIDE:
        st.table(figures.join(differences), border="horizontal")
    else:
        st.table(figures, border="horizontal")
        st.table(differences, border="horizontal")
    _say_how_changes_are_made(runs, source)
    draw_verdicts(runs, key="runs_verdicts")


def _say_how_changes_are_made(runs: Sequence[Run], source: str) -> None:
    first, *others = runs
    paired = [change for run in others for change in changes(first, run, source=source).values() if change.num_films]
    text = tr("A change is the figure of a run less that of {name}.", name=first.name)
    if paired:
        text += tr(
            " Both runs judged the same {x_rays}. For the interval of a change, each patient is left out "
            "once, with all of their X-rays, in both runs. It says what other patients to read could change, "
            "not what other X-rays to learn from could.",
            x_rays=pluralize(paired[0].num_films, "X-ray"),
        )
    st.caption(text)


def _overlaid(run: Run, settings: pd.DataFrame) -> Overlaid:
    return Overlaid(
        label=_label(run, settings),
        honest=load_crossed(run),
        split=run.history()[["epoch", "val_accuracy", "val_loss"]],
        num_films=run.load_facts().get("data", {}).get("num_films") or 0,
    )


def _label(run: Run, settings: pd.DataFrame) -> str:
    # One setting that differs says more than a number; several would not fit.
    name = short_name(run)
    return f"{name}: {tr(settings.index[0])} {settings[name].iloc[0]}" if len(settings) == 1 else name


def _signed(value: float, *, plus: str = "+") -> str:
    """Two decimals with a true minus sign; no sign before 0.00."""
    text = number_text(abs(value), ".2f")
    return text if round(abs(value), 2) == 0 else f"{'−' if value < 0 else plus}{text}"
