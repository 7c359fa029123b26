"""What an idle worker computes for ``runs.previews``: curves of one split, cross-validated curves, the range test.

Each is a generator that yields after every step of the heads, so that a run that comes does not wait, and returns what is
written, plain JSON with None for what is no number.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace

import numpy as np

from covidlab.config import LEARNING_RATES, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split
from covidlab.evaluation.crossvalidation import plan_folds
from covidlab.evaluation.rate_range import NUM_HEADS, range_test_in_steps
from covidlab.evaluation.report import THRESHOLD
from covidlab.learning.heads import HeadJob, heads_in_steps
from covidlab.learning.trainer import loss_and_accuracy
from covidlab.learning.updates import update_rule
from covidlab.metrics import accuracy_metric, predicted_classes
from covidlab.runs.learning_record import kept_epochs
from covidlab.runs.previews import nearest_rate
from covidlab.runs.recording import CROSSED_EVERY_EPOCH, crossed_row
from covidlab.runs.tables import CROSSED

Found = Generator[None, None, dict]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """X-rays and settings that previews are of.

    catalog: the X-rays a run is trained on. features: (films, views, features) float32, of all views that a run may use.
    config: of the runs; its learning rate, batch size and epochs do not count.
    """

    catalog: Catalog
    split: Split
    features: np.ndarray
    config: TrainingConfig

    def settings(self, *, batch_size: int, epochs: int, rate: float | None = None) -> TrainingConfig:
        """The settings of one run."""
        rate = self.config.learning_rate if rate is None else rate
        return replace(self.config, batch_size=batch_size, epochs=epochs, learning_rate=rate)

    def job(self, config: TrainingConfig) -> HeadJob:
        """The head of the run with these settings."""
        return HeadJob(
            films=self.split.train,
            labels=self.catalog.labels,
            views=tuple(config.used_views),
            learning_rate=config.learning_rate,
            seed=config.seed,
        )


def column_curves(subject: Subject, *, batch_size: int, epochs: int) -> Found:
    """Return the validation curve of each learning rate, from epoch 0, as the runs themselves would draw it.

    accuracy, loss: as in history.csv. low, high: the interval of the accuracy as in the report.
    """
    catalog, films = subject.catalog, subject.split.validation
    jobs = [subject.job(subject.settings(batch_size=batch_size, epochs=epochs, rate=rate)) for rate in LEARNING_RATES]
    rule = update_rule(subject.config, catalog.labels[subject.split.train], num_classes=len(catalog.classes))
    curves = {name: [[] for _ in jobs] for name in ("accuracy", "low", "high", "loss")}
    interval_of = _Intervals(catalog, films)
    steps = heads_in_steps(
        jobs, subject.features, num_classes=len(catalog.classes), epochs=epochs, batch_size=batch_size, rule=rule
    )
    for epoch, stack in steps:
        if epoch is not None:
            for head, probabilities in enumerate(stack.probabilities(subject.features[films, 0])):
                loss, accuracy = loss_and_accuracy(probabilities, catalog.labels[films])
                low, high = interval_of(probabilities)
                for name, value in zip(curves, (accuracy, low, high, loss), strict=True):
                    curves[name][head].append(_number(value))
        yield
    return {"rates": list(LEARNING_RATES), "epochs": epochs, "num_films": len(films), **curves}


def fan_curve(subject: Subject, *, batch_size: int, epochs: int, rate: float) -> Found:
    """Return the cross-validated curve of one learning rate: the columns of ``runs.tables.CROSSED``."""
    config = subject.settings(batch_size=batch_size, epochs=epochs, rate=rate)
    plan = plan_folds(subject.catalog, config)
    wanted = kept_epochs(epochs, is_cheap=subject.catalog.num_films <= CROSSED_EVERY_EPOCH)
    rows = []
    steps = heads_in_steps(
        plan.jobs,
        subject.features,
        num_classes=plan.num_classes,
        epochs=epochs,
        batch_size=batch_size,
        rule=plan.rule,
    )
    for epoch, stack in steps:
        if epoch in wanted:
            rows.append({"epoch": epoch, **crossed_row(subject.catalog, plan.held_out(stack, subject.features))})
        yield
    return {
        "epoch": [row["epoch"] for row in rows],
        **{name: _numbers(row[name] for row in rows) for name in CROSSED.columns[1:]},
        "num_films": subject.catalog.num_films,
        "num_heads": len(plan.jobs),
        "num_repeats": len(plan.repeats),
        "by_patient": subject.catalog.patients_known,
    }


def range_curve(subject: Subject, *, batch_size: int) -> Found:
    """Return the range test: rates, losses as they are and smoothed, the suggested rate and the slider's nearest to it."""
    catalog = subject.catalog
    # As many views as there are: the test has no epochs of its own.
    config = subject.settings(batch_size=batch_size, epochs=max(subject.config.epochs, subject.config.views))
    num_classes = len(catalog.classes)
    rule = update_rule(config, catalog.labels[subject.split.train], num_classes=num_classes)
    found = yield from range_test_in_steps(
        subject.job(config), subject.features, config, num_classes=num_classes, rule=rule
    )
    return {
        "rates": found.rates.tolist(),
        "losses": _numbers(found.losses),
        "smoothed": _numbers(found.smoothed),
        "suggested": found.suggested,
        "nearest": None if found.suggested is None else nearest_rate(found.suggested),
        "num_heads": NUM_HEADS,
        "num_films": len(subject.split.train),
    }


class _Intervals:
    """The report's interval of an accuracy; the same answers, as in many epochs, are looked at once."""

    def __init__(self, catalog: Catalog, films: np.ndarray):
        self._labels, self._positive = catalog.labels[films], catalog.positive_index
        self._patients = catalog.films["patient_id"].to_numpy()[films]
        self._known: dict[bytes, tuple[float, float]] = {}

    def __call__(self, probabilities: np.ndarray) -> tuple[float, float]:
        predicted = predicted_classes(probabilities, positive_index=self._positive, threshold=THRESHOLD)
        key = predicted.tobytes() + bytes([bool(np.isnan(probabilities).any())])
        if key not in self._known:
            figure = accuracy_metric(
                self._labels,
                probabilities,
                patient_ids=self._patients,
                positive_index=self._positive,
                threshold=THRESHOLD,
            )
            self._known[key] = figure.low, figure.high
        return self._known[key]


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float) -> float | None:
    """A number short enough to travel; a run and its preview agree to fewer places anyway."""
    return round(float(value), 6) if math.isfinite(value) else None
