"""Several runs beside each other: what changed, and what happened."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN, are_patients_known
from covidlab.metrics import METRICS
from covidlab.runs.report_text import describe_patients
from covidlab.runs.store import Run
from covidlab.text import decimal_text, markdown_escaped
from covidlab.ui.shared import charts, curves
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.report_view import metric_title

_INTERVAL = ("value", "low", "high", "n")
_QUIET = {"displayModeBar": False}
_SETTINGS = {
    "preset": "preset",
    "fine_tune": "layers that learn",
    "learning_rate": "learning rate",
    "epochs": "epochs",
    "batch_size": "batch size",
    "views": "views",
    "seed": "seed",
    "selection": "selection",
    "positive_class": "positive class",
    "start_from": "started from",
}
_SOURCES = {"cross_validation": "Cross-validation", "validation": "Validation X-rays"}


def with_baseline(chosen: Sequence[Run], runs: Sequence[Run]) -> list[Run]:
    """Return the runs to compare: the pinned baseline first, then the chosen ones from old to new; no damaged ones."""
    pinned = st.query_params.get("baseline")
    first = [run for run in runs if run.id == pinned]
    others = sorted((run for run in chosen if run.id != pinned), key=lambda run: run.number)
    return [run for run in [*first, *others] if not run.is_damaged()]


def settings(run: Run) -> dict[str, str]:
    """Return what a person may choose for a run, and its films, in words."""
    values = run.load_config().to_dict()
    data = run.load_facts().get("data", {})
    texts = {label: _text(values[name]) for name, label in _SETTINGS.items()}
    films = f"{data.get('name', '')} {data.get('fingerprint', '')[:6]}".strip()
    return {
        **texts,
        "X-rays": films,
        "patients": describe_patients(data),
        "device": str(run.load_facts().get("device") or values["device"]),
    }


def differing_settings(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a row a setting that is not the same in all runs, a column a run."""
    table = pd.DataFrame({run_name(run): settings(run) for run in runs})
    return table[table.nunique(axis=1) > 1]


def metrics_of(runs: Sequence[Run], *, source: str) -> pd.DataFrame:
    """Return a row a figure, a column a run: value, interval, n. ``source`` is "validation" or "cross_validation"."""
    return pd.DataFrame(
        {
            run_name(run): {metric_title(name): short_metric(_metrics(run, source).get(name)) for name in METRICS}
            for run in runs
        }
    )


def short_metric(figure: dict | None, *, with_number: bool = True) -> str:
    """Return "0.90 (0.60 to 0.98, n = 10)", "" where the figure is missing or undefined."""
    if not figure or figure.get("value") is None:
        return ""
    number = f", n = {figure['n']}" if with_number else ""
    return f"{figure['value']:.2f} ({figure['low']:.2f} to {figure['high']:.2f}{number})"


def caveats(runs: Sequence[Run], *, source: str) -> list[str]:
    """Return what speaks against comparing the figures of these runs, in plain sentences."""
    sentences = []
    prints = {run.load_facts().get("data", {}).get("fingerprint") for run in runs}
    if len(prints) > 1:
        sentences.append("These runs used different X-rays, so their results cannot be compared.")
    elif source == "validation" and len({frozenset(run.predictions()["file"]) for run in runs}) > 1:
        sentences.append("These runs were validated on different X-rays. Cross-validation compares them on all X-rays.")
    # A run that has not begun says nothing of its data.
    data = {run_name(run): run.load_facts().get("data", {}) for run in runs}
    if unknown := [name for name, facts in data.items() if facts and not are_patients_known(facts)]:
        which = "" if len(unknown) == len(runs) else f"{', '.join(unknown)}: "
        sentences.append(f"{which}{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}")
    intervals = [
        figure for run in runs if (figure := _metrics(run, source).get("accuracy")) and figure["value"] is not None
    ]
    if len(intervals) > 1 and max(figure["low"] for figure in intervals) <= min(figure["high"] for figure in intervals):
        sentences.append("The intervals of accuracy overlap: so few X-rays do not show which of these runs is better.")
    return sentences


def run_name(run: Run) -> str:
    """Return "Run 2"."""
    return f"Run {run.number}"


def draw_comparison(runs: Sequence[Run]) -> None:
    """Draw what changed between runs and what happened: settings, curves, figures. The first run is the reference."""
    numbers = [str(run.number) for run in runs]
    st.subheader(f"Runs {', '.join(numbers[:-1])} and {numbers[-1]}", anchor=False)
    st.markdown("**What changed**")
    differing = differing_settings(runs)
    if differing.empty:
        st.caption("Nothing: all settings are the same.")
    else:
        st.table(differing.map(markdown_escaped), border="horizontal", width="content")
    st.markdown("**What happened**", help=HELP["confidence interval"])
    _draw_curves(runs, differing)
    _draw_metrics(runs, differing)


def _draw_curves(runs: Sequence[Run], differing: pd.DataFrame) -> None:
    # Only what is drawn: training curves would stretch the axes.
    labelled = [(_label(run, differing), run.history()[["epoch", "val_accuracy", "val_loss"]]) for run in runs]
    for column, measure in zip(st.columns(2, gap="medium"), ("accuracy", "loss"), strict=True):
        column.plotly_chart(
            curves.overlay_chart(labelled, measure=measure),
            key=f"runs_overlay_{measure}",
            config=_QUIET,
            alt=curves.describe_overlay(labelled, measure=measure),
        )


def _draw_metrics(runs: Sequence[Run], differing: pd.DataFrame) -> None:
    sources = [source for source in _SOURCES if all(_metrics(run, source) for run in runs)]
    if not sources:
        st.caption("Not all of these runs have results.")
        return
    source = st.segmented_control(
        "Results from", sources, default=sources[0], required=True, format_func=_SOURCES.get, key="runs_source"
    )
    for sentence in caveats(runs, source=source):
        st.markdown(f":material/info: {sentence}")
    rows = [
        {"name": _label(run, differing), "source": metric_title(name), **{key: figure[key] for key in _INTERVAL}}
        for run in runs
        for name in ("accuracy", "auc")
        if (figure := _metrics(run, source).get(name))
    ]
    st.plotly_chart(charts.metrics_chart(rows), key="runs_figures", config=_QUIET, alt=charts.describe_metrics(rows))
    st.table(metrics_of(runs, source=source), border="horizontal")


def _label(run: Run, differing: pd.DataFrame) -> str:
    # One setting that differs says more than a number; several would not fit.
    name = run_name(run)
    return f"{name}: {differing.index[0]} {differing[name].iloc[0]}" if len(differing) == 1 else name


def _metrics(run: Run, source: str) -> dict:
    report = run.report() or {}
    figures = report if source == "validation" else report.get("cross_validation") or {}
    return figures if "accuracy" in figures else {}


def _text(value: object) -> str:
    return "" if value is None else decimal_text(value) if isinstance(value, float) else str(value)
