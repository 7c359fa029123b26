"""What the report of an ended run shows, built once a run and kept for all who look. No Streamlit."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from covidlab import metrics
from covidlab.data.patients import are_patients_known
from covidlab.files import file_stamp
from covidlab.language import language, tr, tr_lazy
from covidlab.metrics import METRICS
from covidlab.runs.jobs import Job
from covidlab.runs.over_splits import describe_repeats
from covidlab.runs.report_text import (
    describe_answers,
    describe_recorded_conflicts,
    describe_unknown_patients,
    describe_unused,
)
from covidlab.runs.store import Run
from covidlab.services.events import jsonable
from covidlab.text import markdown_escaped, metric_text, pluralize
from covidlab.ui.shared import charts
from covidlab.ui.shared.run_drawing import figure_values

VIEWS_KEPT = 32

_TITLES = {
    "accuracy": tr_lazy("Accuracy"),
    "sensitivity": tr_lazy("Sensitivity"),
    "specificity": tr_lazy("Specificity"),
    "precision": tr_lazy("Precision"),
    "f1": tr_lazy("F1"),
    "auc": tr_lazy("AUC"),
}
# What the report depends on; a file that is replaced has another stamp.
_FILES = ("report.json", "predictions.csv", "run.json")


@dataclass(frozen=True)
class Chart:
    """A figure as the browser's Plotly takes it, its height, and the sentence that says the same."""

    values: dict
    height: int
    alt: str


@dataclass(frozen=True)
class ReportView:
    """Sentences, charts and tables of a report; ``stamp`` changes with the files it was built from.

    ``split`` says what was trained and validated on, ``answers`` what one answer for all gives, ``unknown`` that patients
    are not known, ``conflicts`` which X-rays are in two classes, ``unused`` which files were not used, ``crossed`` how the cross-validation was done, ``skipped``
    why there is none; each may be "". All are Markdown.
    ``confusion`` has a row for each true class, in the order of ``classes``.
    ``films`` has a row a validation X-ray, the lowest probability of the true class first: file, class, predicted, probability, correct.
    """

    stamp: str
    split: str
    answers: str
    unknown: str
    conflicts: str
    unused: str
    crossed: str
    skipped: str
    metrics: pd.DataFrame
    charts: Mapping[str, Chart]
    films: pd.DataFrame
    positive_class: str
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    confusion_text: str
    text: str

    @cached_property
    def figures_json(self) -> bytes:
        """The figures of all charts by name, as JSON."""
        return json.dumps({name: chart.values for name, chart in self.charts.items()}, allow_nan=False).encode()


class _Views:
    """The views last asked for; those who ask for one under way wait for it instead of building another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: OrderedDict[tuple[Path, str, str], ReportView | None] = OrderedDict()

    def of(self, run: Run) -> ReportView | None:
        key = (run.path, _stamp(run), language())
        with self._lock:
            if key not in self._views:
                self._views[key] = _build(run, key[1])
            self._views.move_to_end(key)
            while len(self._views) > VIEWS_KEPT:
                self._views.popitem(last=False)
            return self._views[key]


_views = _Views()


def report_view(run: Run) -> ReportView | None:
    """Return what the report of a run shows; None while it has none."""
    return _views.of(run)


def report_figures(run: Run) -> bytes | None:
    """Return the figures of a run's report as JSON by name; None while there are none."""
    view = report_view(run)
    return view.figures_json if view else None


def metric_title(name: str) -> str:
    """Return the name of a figure as people read it."""
    return str(_TITLES.get(name, name.capitalize()))


def metrics_table(report: dict) -> pd.DataFrame:
    """Return a row a figure: its value with interval and n, on the validation films and by cross-validation."""
    crossed = report.get("cross_validation") or {}
    rows = []
    for name in METRICS:
        row = {tr("metric"): metric_title(name), tr("validation X-rays"): metric_text(report.get(name))}
        rows.append(
            row
            if "skipped" in crossed or not crossed
            else {**row, tr("cross-validation"): metric_text(crossed.get(name))}
        )
    return pd.DataFrame(rows)


def _build(run: Run, stamp: str) -> ReportView | None:
    report = run.report()
    # Sweeps and audits have reports of their own.
    if report is None or run.load_job() != Job.TRAIN:
        return None
    predictions, data = run.predictions(), run.load_facts().get("data", {})
    crossed = report.get("cross_validation") or {}
    of_truth = [row[f"p_{row['class']}"] for _, row in predictions.iterrows()]
    return ReportView(
        stamp=stamp,
        split=_validation_sentence(data),
        answers=markdown_escaped(describe_answers(report), max_length=400),
        unknown=describe_unknown_patients(data),
        unused=markdown_escaped(describe_unused(data), max_length=100_000),
        conflicts=markdown_escaped(describe_recorded_conflicts(data), max_length=1000),
        crossed=_crossed_sentence(crossed, known=are_patients_known(data)),
        skipped=tr(crossed.get("skipped", "")),
        metrics=metrics_table(report),
        charts={
            "metrics": _metrics_chart(report, crossed, data),
            "roc": _roc_chart(report, predictions),
        },
        films=predictions.assign(of_truth=of_truth).sort_values("of_truth", ignore_index=True),
        positive_class=report["positive_class"],
        classes=tuple(report["classes"]),
        confusion=tuple(map(tuple, report["confusion"])),
        confusion_text=charts.describe_confusion(report["confusion"], report["classes"]),
        text=json.dumps(report, indent=1),
    )


def _crossed_sentence(crossed: dict, *, known: bool) -> str:
    if not crossed or "skipped" in crossed:
        return ""
    said = tr("A figure is the {describe_repeats}.", describe_repeats=describe_repeats(crossed))
    if not known or crossed.get("num_patients") is None:
        return tr(
            "Cross-validation: {repeats} repeats of {folds} folds with the same settings, split by X-ray. Each X-ray is "
            "judged by models that did not train on it. {said}",
            repeats=crossed["repeats"],
            folds=crossed["folds"],
            said=said,
        )
    return tr(
        "Cross-validation: {repeats} repeats of {folds} folds with the same settings, split by patient ({patients}). "
        "Each X-ray is judged by models that did not train on its patient. {said}",
        repeats=crossed["repeats"],
        folds=crossed["folds"],
        patients=pluralize(crossed["num_patients"], "patient"),
        said=said,
    )


def _metrics_chart(report: dict, crossed: dict, data: dict) -> Chart:
    rows = [
        _row(name, report.get(name), tr("validation X-rays (n = {get})", get=data.get("num_validation", 0)))
        for name in METRICS
    ]
    if crossed and "skipped" not in crossed:
        source = tr("cross-validation (n = {get})", get=data.get("num_films", 0))
        rows += [_row(name, crossed.get(name), source) for name in METRICS]
    rows = [row for row in rows if row["value"] is not None]
    return _chart(charts.metrics_chart(rows), charts.describe_metrics(rows))


def _roc_chart(report: dict, predictions: pd.DataFrame) -> Chart:
    if "roc" in report:
        fpr, tpr = report["roc"]["false_positive_rate"], report["roc"]["true_positive_rate"]
    else:
        # Version 0.1.0 did not write the curve down.
        classes = report["classes"]
        labels = np.array([classes.index(name) for name in predictions["class"]], int)
        positive = classes.index(report["positive_class"])
        fpr, tpr, _ = metrics.roc_curve(labels, predictions["probability"].to_numpy(), positive_index=positive)
    return _chart(charts.roc_chart(fpr, tpr, auc=report["auc"]), charts.describe_roc(report["auc"]))


def _chart(figure: go.Figure, alt: str) -> Chart:
    return Chart(jsonable(figure_values(figure)), int(figure.layout.height), alt)


def _row(name: str, figure: dict | None, source: str) -> dict:
    empty = {"value": None, "low": None, "high": None, "n": 0}
    return {"name": metric_title(name), "source": source, **{key: (figure or empty)[key] for key in empty}}


def _validation_sentence(data: dict) -> str:
    patients = data.get("num_validation_patients")
    text = tr(
        "Training: {x_rays}. Validation: {x_rays_2}",
        x_rays=pluralize(data.get("num_training", 0), "X-ray"),
        x_rays_2=pluralize(data.get("num_validation", 0), "X-ray"),
    )
    text += "." if patients is None else tr(" of {patients}.", patients=pluralize(patients, "patient"))
    text += tr(" This split came with the set.") if data.get("split_is_given") else ""
    if shared := data.get("num_validation_with_patient_in_training", 0):
        text += tr(
            " **{shared} of the validation X-rays show a patient who is also in training**, so these results "
            "are too good.",
            shared=shared,
        )
    return text


def _stamp(run: Run) -> str:
    """Stamp of the files of a report, short enough for an address."""
    return "-".join(map(_stamp_of, (run.path / name for name in _FILES)))


def _stamp_of(path: Path) -> str:
    return ".".join(f"{number:x}" for number in file_stamp(path) or (0,))
