"""A run's report as a page shows it: figures with intervals, ROC, confusion matrix, every validation film."""

import json

import numpy as np
import pandas as pd
import streamlit as st

from covidlab import metrics
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.imaging.encode import data_address
from covidlab.runs.active_model import use_model
from covidlab.runs.report_text import METRIC_NAMES, metric_text
from covidlab.runs.store import Run
from covidlab.text import class_name, pluralize
from covidlab.ui.shared import charts
from covidlab.ui.shared.cached import current_thumbnail
from covidlab.ui.shared.help import HELP

_TITLES = {"f1": "F1", "auc": "AUC"}
_QUIET = {"displayModeBar": False}


def draw_report(run: Run, catalog: Catalog | None) -> None:
    """Draw everything that report.json and predictions.csv of an ended run say."""
    report = run.report()
    if report is None:
        return
    predictions = run.predictions()
    _draw_metrics(run, report)
    _draw_charts(report, predictions)
    _draw_films(predictions, report, catalog)
    draw_downloads(run, key="report")


def metric_title(name: str) -> str:
    """Return the name of a figure as people read it."""
    return _TITLES.get(name, name.capitalize())


def metrics_table(report: dict) -> pd.DataFrame:
    """Return a row a figure: its value with interval and n, on the validation films and by cross-validation."""
    crossed = report.get("cross_validation") or {}
    rows = []
    for name in METRIC_NAMES:
        row = {"metric": metric_title(name), "validation X-rays": metric_text(report.get(name))}
        rows.append(
            row if "skipped" in crossed or not crossed else {**row, "cross-validation": metric_text(crossed.get(name))}
        )
    return pd.DataFrame(rows)


def draw_downloads(run: Run, *, key: str) -> None:
    """Draw the buttons that give the report and the model, and the one that puts the model to use."""
    use, report, model = st.columns(3)
    if run.model_path.exists() and use.button(
        "Use this model", key=f"use_{key}_{run.id}", type="primary", width="stretch"
    ):
        use_model(run)
        st.switch_page("pages/4_Predict.py")
    text = json.dumps(run.report() or {}, indent=1)
    report.download_button(
        "Download report",
        text,
        f"covidlab-run-{run.number}.json",
        "application/json",
        key=f"json_{key}_{run.id}",
        on_click="ignore",
        width="stretch",
    )
    if run.model_path.exists():
        model.download_button(
            "Download model",
            run.model_path.read_bytes,
            f"covidlab-run-{run.number}.keras",
            key=f"model_{key}_{run.id}",
            on_click="ignore",
            width="stretch",
            help="The layers that learned, as a Keras file. Read X-rays with it: python -m covidlab predict --model FILE IMAGE",
        )


def _draw_metrics(run: Run, report: dict) -> None:
    st.subheader("What it learned", anchor=False, help=HELP["confidence interval"])
    data = run.load_facts().get("data", {})
    st.markdown(_validation_sentence(data))
    crossed = report.get("cross_validation") or {}
    num_validation = data.get("num_validation", 0)
    rows = [_row(name, report.get(name), f"validation X-rays (n = {num_validation})") for name in METRIC_NAMES]
    if crossed and "skipped" not in crossed:
        num_films = data.get("num_films", 0)
        rows += [_row(name, crossed.get(name), f"cross-validation (n = {num_films})") for name in METRIC_NAMES]
        st.markdown(
            f"Cross-validation: {crossed['repeats']} repeats of {crossed['folds']} folds with the same settings, split by patient "
            f"({pluralize(crossed['num_patients'], 'patient')}). Each X-ray is judged by models that did not train on its patient."
        )
    elif crossed:
        st.caption(crossed["skipped"])
    rows = [row for row in rows if row["value"] is not None]
    st.plotly_chart(
        charts.metrics_chart(rows), key=f"figures_{run.id}", config=_QUIET, alt=charts.describe_metrics(rows)
    )
    with st.expander("The metrics as a table, with their meaning"):
        st.dataframe(metrics_table(report), hide_index=True)
        st.markdown(
            "\n".join(
                f"- **{metric_title(name)}**: {HELP.get(name, HELP.get(name.upper(), ''))}" for name in METRIC_NAMES
            )
        )


def _row(name: str, figure: dict | None, source: str) -> dict:
    empty = {"value": None, "low": None, "high": None, "n": 0}
    return {"name": metric_title(name), "source": source, **{key: (figure or empty)[key] for key in empty}}


def _validation_sentence(data: dict) -> str:
    patients = pluralize(data.get("num_validation_patients", 0), "patient")
    text = f"Training: {pluralize(data.get('num_training', 0), 'X-ray')}. Validation: {pluralize(data.get('num_validation', 0), 'X-ray')} of {patients}."
    if shared := data.get("num_validation_with_patient_in_training", 0):
        text += f" **{shared} of the validation X-rays show a patient who is also in training**, so these results are too good."
    return text


def _draw_charts(report: dict, predictions: pd.DataFrame) -> None:
    classes = report["classes"]
    roc, confusion = st.columns(2)
    labels = np.array([classes.index(name) for name in predictions["class"]], int)
    positive = classes.index(report["positive_class"])
    fpr, tpr, _ = metrics.roc_curve(labels, predictions["probability"].to_numpy(), positive_index=positive)
    with roc:
        st.markdown("**ROC curve**", help=HELP["AUC"])
        st.plotly_chart(
            charts.roc_chart(fpr, tpr, auc=report["auc"]),
            key="roc",
            config=_QUIET,
            alt=charts.describe_roc(report["auc"]),
        )
    matrix = np.array(report["confusion"])
    names = [class_name(name) for name in classes]
    with confusion:
        st.markdown(
            "**Confusion matrix**",
            help="Rows: the true class. Columns: the class that the model gives at the operating point.",
        )
        st.plotly_chart(
            charts.confusion_chart(matrix, names),
            key="confusion",
            config=_QUIET,
            alt=charts.describe_confusion(matrix, names),
        )


def _draw_films(predictions: pd.DataFrame, report: dict, catalog: Catalog | None) -> None:
    st.markdown("**Every validation X-ray**, the lowest probability of the true class first")
    of_truth = [row[f"p_{row['class']}"] for _, row in predictions.iterrows()]
    ordered = predictions.assign(of_truth=of_truth).sort_values("of_truth")
    table = pd.DataFrame(
        {
            "film": [_data_address(catalog, file) for file in ordered["file"]],
            "file": ordered["file"].to_numpy(),
            "true class": [class_name(name) for name in ordered["class"]],
            "predicted class": [class_name(name) for name in ordered["predicted"]],
            "probability": ordered["probability"].to_numpy(),
            "right": ordered["correct"].to_numpy(),
        }
    )
    name = class_name(report["positive_class"])
    num_right = int(table["right"].sum())
    st.dataframe(
        table,
        alt=f"Table of {len(table)} validation X-rays with the probability of {name}; the model is right on {num_right}.",
        hide_index=True,
        row_height=72,
        column_config={
            "film": st.column_config.ImageColumn("", width="small"),
            "probability": st.column_config.ProgressColumn(
                f"probability of {name}", min_value=0.0, max_value=1.0, format="%.3f"
            ),
            "right": st.column_config.CheckboxColumn("right"),
        },
    )


def _data_address(catalog: Catalog | None, file: str) -> str | None:
    if catalog is None:
        return None
    try:
        return data_address(current_thumbnail(catalog, file))
    except (CovidLabError, KeyError):
        return None
