"""The card of a run, to hand in: its name, settings, the honest figure beside the one split, the curve. As JSON here.

It holds no path, no device, no file name and no patient. A card that somebody hands in is foreign: ``read_card`` takes only
numbers within their limits and short texts from it, and says what is wrong with any other.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from covidlab.config import TrainingConfig
from covidlab.errors import RunError, UsageError
from covidlab.files import newer_format
from covidlab.language import tr, tr_lazy
from covidlab.metrics import Metric
from covidlab.runs.learning_curves import curves_of
from covidlab.runs.names import data_name, readable_name
from covidlab.runs.over_splits import describe_repeats
from covidlab.runs.settings_text import further_settings
from covidlab.runs.store import Run
from covidlab.runs.tables import as_lists
from covidlab.runs.verdicts import verdict_lines
from covidlab.text import metric_text, one_line, plain_number, pluralize

FORMAT, KIND = 1, tr_lazy("covidlab run card")
LARGEST_CARD = 1_000_000
LONGEST_NAME, LONGEST_ALIAS, MOST_RUNS, MOST_XRAYS = 120, 24, 10_000, 100_000
# What of the settings is on the card: nothing that names a folder or a machine.
SETTINGS = (
    *("preset", "fine_tune", "learning_rate", "epochs", "batch_size", "views", "seed", "optimizer", "weight_decay"),
    *("class_weights", "patience", "rotation", "flip", "shift", "brightness"),
)
SPLIT_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
HONEST_COLUMNS = ("epoch", "accuracy", "low", "high")


@dataclass(frozen=True, kw_only=True)
class RunCard:
    """What is handed in of one run.

    alias: what the person calls themselves, "" for nothing. best_of: of how many runs this is the best, as they say. single: accuracy
    on the validation X-rays of the one split; crossed: the cross-validated one; None where there is none. majority: accuracy of one
    answer for all validation X-rays. num_splits: how many splits ``crossed`` is over; repeats: what it is of them, as "median of 10
    repeats". split, honest: curves as lists by column.
    """

    name: str
    data_name: str
    num_xrays: int
    num_patients: int | None
    settings: Mapping[str, Any]
    settings_text: str = ""
    single: Metric | None = None
    crossed: Metric | None = None
    majority: float | None = None
    num_splits: int = 0
    fingerprint: str = ""
    alias: str = ""
    best_of: int = 1
    verdict: tuple[str, ...] = ()
    repeats: str = ""
    split: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    honest: Mapping[str, Sequence[float | None]] = field(default_factory=dict)


def run_card(run: Run, *, alias: str = "", best_of: int = 1) -> RunCard:
    """Return the card of a run that has a report; raises RunError where it has none."""
    report, data = run.report(), run.load_facts().get("data", {})
    if not report:
        raise RunError(
            tr(
                "A card is made of a finished run. Wait until the run ends, or choose another. Received: {name}.",
                name=run.name,
            )
        )
    config, crossed = run.load_config(), report.get("cross_validation") or {}
    curves = curves_of(run)
    return RunCard(
        name=one_line(readable_name(run), max_length=LONGEST_NAME),
        data_name=data_name(run),
        num_xrays=data.get("num_films") or 0,
        num_patients=data.get("num_patients"),
        settings={key: value for key, value in config.to_dict().items() if key in SETTINGS},
        settings_text=describe_settings(config),
        single=_metric(report.get("accuracy")),
        crossed=_metric(crossed.get("accuracy")),
        majority=(report.get("majority") or {}).get("share"),
        num_splits=crossed.get("repeats", 0) * crossed.get("folds", 0),
        repeats=describe_repeats(crossed) if "accuracy" in crossed else "",
        fingerprint=data.get("fingerprint", ""),
        alias=one_line(alias, max_length=LONGEST_ALIAS),
        best_of=best_of,
        verdict=tuple(verdict_lines(run)),
        split=_lists(curves.history, SPLIT_COLUMNS) if curves else {},
        honest=_honest(curves.crossed) if curves else {},
    )


def card_json(card: RunCard) -> str:
    """Return a card as JSON, to be read by ``read_card`` of this version and later ones."""
    values = {
        "format": FORMAT,
        "kind": KIND,
        "not_for": "diagnosis",
        "name": card.name,
        "alias": card.alias,
        "best_of": card.best_of,
        "data": {
            "name": card.data_name,
            "fingerprint": card.fingerprint,
            "num_xrays": card.num_xrays,
            "num_patients": card.num_patients,
        },
        "settings": dict(card.settings),
        "accuracy_one_split": card.single and card.single.to_dict(),
        "accuracy_cross_validated": card.crossed
        and {
            **card.crossed.to_dict(),
            "num_splits": card.num_splits,
            "repeats": card.repeats,
        },
        "majority_share": card.majority,
        "audit": list(card.verdict),
        "curve_one_split": dict(card.split),
        "curve_cross_validated": dict(card.honest),
    }
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_card(text: str | bytes) -> RunCard:
    """Return the card in ``text``, without its curves; raises UsageError where it is none, or a figure in it cannot be."""
    if len(text) > LARGEST_CARD:
        raise UsageError(
            tr(
                "A run card is smaller than {largest_card} MB. Received: {num_text:,} bytes.",
                largest_card=LARGEST_CARD // 1000000,
                num_text=len(text),
            )
        )
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            tr("A run card is a JSON file that covidlab made. Received: {start}.", start=_start(text))
        ) from error
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise UsageError(tr("A run card is a JSON file that covidlab made. Received: {start}.", start=_start(text)))
    if newer := newer_format(values, known=FORMAT):
        raise UsageError(tr("This run card cannot be read. {newer}", newer=newer))
    data, crossed = _object(values, "data"), _object(values, "accuracy_cross_validated")
    return RunCard(
        name=one_line(values.get("name", ""), max_length=LONGEST_NAME),
        data_name=one_line(data.get("name", ""), max_length=LONGEST_NAME),
        fingerprint=one_line(data.get("fingerprint", ""), max_length=LONGEST_NAME),
        num_xrays=_whole(data.get("num_xrays", 0), tr("number of X-rays")),
        num_patients=None,
        settings={key: value for key, value in _object(values, "settings").items() if key in SETTINGS},
        single=_checked_metric(_object(values, "accuracy_one_split")),
        crossed=_checked_metric(crossed),
        majority=_share(values["majority_share"], "majority_share")
        if values.get("majority_share") is not None
        else None,
        num_splits=_whole(crossed.get("num_splits", 0), tr("number of splits")),
        alias=one_line(values.get("alias", ""), max_length=LONGEST_ALIAS),
        best_of=max(1, _whole(values.get("best_of", 1), tr("number of runs"), most=MOST_RUNS)),
    )


def describe_settings(config: TrainingConfig) -> str:
    """Return the settings of a run in one line, without its data set."""
    said = (
        tr("preset {preset}", preset=config.preset),
        tr("depth {fine_tune}", fine_tune=config.fine_tune),
        tr("learning rate {decimal_text}", decimal_text=plain_number(config.learning_rate)),
        pluralize(config.epochs, "epoch"),
        tr("batch size {batch_size}", batch_size=config.batch_size),
        pluralize(config.views, "view"),
        tr("seed {seed}", seed=config.seed),
        *further_settings(config),
    )
    return ", ".join(said)


def describe_single(card: RunCard) -> str:
    """Return the accuracy on the one split with interval and n."""
    return metric_text(card.single and card.single.to_dict())


def describe_crossed(card: RunCard) -> str:
    """Return the cross-validated accuracy with interval and n, or that there is none."""
    return metric_text(card.crossed.to_dict()) if card.crossed else tr("not cross-validated")


def _honest(crossed: pd.DataFrame | None) -> dict[str, list[float | None]]:
    return {} if crossed is None else _lists(crossed, HONEST_COLUMNS)


def _lists(table: pd.DataFrame, columns: Sequence[str]) -> dict[str, list[float | None]]:
    # JSON knows no infinity, which a loss may reach.
    return as_lists(table[list(columns)].replace([math.inf, -math.inf], math.nan))


def _metric(figure: Mapping | None) -> Metric | None:
    if not figure or figure.get("value") is None:
        return None
    return Metric(figure["value"], figure["low"], figure["high"], figure["n"], figure.get("method", ""))


def _checked_metric(figure: Mapping) -> Metric | None:
    if figure.get("value") is None:
        return None
    value, low, high = (_share(figure.get(name), name) for name in ("value", "low", "high"))
    if not low <= value <= high:
        raise UsageError(
            tr(
                "A figure of a run card lies within its interval. Received: {value} outside of {low} to {high}.",
                value=value,
                low=low,
                high=high,
            )
        )
    return Metric(value, low, high, _whole(figure.get("n"), "n"), one_line(figure.get("method", "")))


def _share(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(
            tr("In a run card, {name} is a number from 0 to 1. Received: {value}.", name=name, value=one_line(value))
        )
    return float(value)


def _whole(value: Any, name: str, *, most: int = MOST_XRAYS) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise UsageError(
            tr(
                "In a run card, the {name} is a whole number from 0 to {most:,}. Received: {value}.",
                name=name,
                most=most,
                value=one_line(value),
            )
        )
    return value


def _object(values: Mapping, name: str) -> Mapping:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def _start(text: str | bytes) -> str:
    shown = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text
    return one_line(shown[:200], max_length=60) or "nothing"
