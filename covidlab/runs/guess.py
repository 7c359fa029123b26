"""A guess of how a run will go, and by which stated rule it turns out right or wrong."""

import math
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from covidlab.intervals import wilson_interval
from covidlab.language import tr, tr_lazy
from covidlab.runs.learning_curves import (
    BURST,
    FEWEST_EPOCHS,
    GROWTH,
    LEAST_FALL,
    LEAST_RISE,
    WINDOW,
    Curves,
    bursts_at,
    diverges,
    first_unusable_epoch,
    grows,
    learns_nothing,
    overfits_since,
)
from covidlab.text import pluralize

# What somebody sketches who knows nothing.
FLAT = 0.5


class Outcome(StrEnum):
    """How a run can go. Each run goes in just one of these ways, see ``outcome_of``."""

    LEARNS = "learns"
    OVERFITS = "overfits"
    DIVERGES = "diverges"
    NOTHING = "nothing happens"


NAMES = {
    Outcome.LEARNS: tr_lazy("It learns"),
    Outcome.OVERFITS: tr_lazy("It overfits"),
    Outcome.DIVERGES: tr_lazy("It diverges"),
    Outcome.NOTHING: tr_lazy("Nothing happens"),
}
SHORT = {
    Outcome.LEARNS: tr_lazy("Training loss falls, validation loss does not rise again."),
    Outcome.OVERFITS: tr_lazy("Training loss falls, validation loss falls and then rises."),
    Outcome.DIVERGES: tr_lazy("Training loss jumps or grows."),
    Outcome.NOTHING: tr_lazy("Training loss hardly moves."),
}
# What decides, first to last.
DECIDED_BY = {
    Outcome.DIVERGES: (
        tr_lazy(
            "the training loss is no number, is above {burst:.0f} in an epoch, or ends at {growth:.1f} times "
            "its lowest level or more and near or above where it began",
            burst=BURST,
            growth=GROWTH,
        )
    ),
    Outcome.NOTHING: (
        tr_lazy(
            "the training loss keeps more than {least_fall:.0%} of where it began, and few more training "
            "X-rays are right than one answer for all gets",
            least_fall=LEAST_FALL,
        )
    ),
    Outcome.OVERFITS: (
        tr_lazy(
            "the validation loss ends more than {least_rise} above its lowest value while the training loss "
            "has fallen further",
            least_rise=LEAST_RISE,
        )
    ),
    Outcome.LEARNS: tr_lazy("none of these"),
}


def how_decided() -> str:
    """Return by which rules it is decided how a run has gone."""
    rules = " ".join(f"{NAMES[outcome]}: {rule}." for outcome, rule in DECIDED_BY.items())
    return tr(
        "The beginning and the end of a curve are medians over up to {window} epochs. {rules} A run of fewer than "
        "{fewest_epochs} epochs is not scored.",
        window=WINDOW,
        rules=rules,
        fewest_epochs=FEWEST_EPOCHS,
    )


def outcome_of(curves: Curves) -> Outcome | None:
    """Return how a run has gone by the rules of ``DECIDED_BY``; None where it has too few epochs to tell."""
    if diverges(curves):
        return Outcome.DIVERGES
    if curves.num_epochs < FEWEST_EPOCHS:
        return None
    if learns_nothing(curves):
        return Outcome.NOTHING
    return Outcome.LEARNS if overfits_since(curves) is None else Outcome.OVERFITS


def describe_outcome(curves: Curves) -> str:
    """Return how a run has gone, with the figures that decided it, in one sentence; "" where it cannot be told."""
    outcome = outcome_of(curves)
    return "" if outcome is None else f"{NAMES[outcome]}: {_FIGURES[outcome](curves)}."


def describe_score(hits: Sequence[bool]) -> str:
    """Return how many guesses were right, with the interval and what chance gives."""
    right, total = sum(hits), len(hits)
    if not total:
        return tr("No guess is scored yet.")
    low, high = wilson_interval(right, total)
    return tr(
        "Right in {right} of {runs} (95 % interval {low:.2f} to {high:.2f}, n = {total}). Picking at "
        "random is right in {value:.2f} of runs.",
        right=right,
        runs=pluralize(total, "run"),
        low=low,
        high=high,
        total=total,
        value=1 / len(Outcome),
    )


def validation_line(curves: Curves) -> list[tuple[float, float]]:
    """Return the curve that a sketch is held against, as pairs of place (0 the first epoch, 1 the last) and accuracy.

    It is the cross-validated one where the run has it, else that of the one split.
    """
    honest = _honest_rows(curves)
    rows = curves.epochs[["epoch"]].assign(accuracy=curves.values("val_accuracy")) if honest is None else honest
    first, last = int(rows["epoch"].iloc[0]), int(rows["epoch"].iloc[-1])
    span = max(last - first, 1)
    return [
        ((epoch - first) / span, float(value)) for epoch, value in zip(rows["epoch"], rows["accuracy"], strict=True)
    ]


def sketch_error(sketch: Sequence[float], line: Sequence[tuple[float, float]]) -> float:
    """Return by how much a sketch (values at even places from 0 to 1) is off on average; nan where there is nothing to compare."""
    places, values = np.array(line, dtype=float).T
    off = np.abs(np.interp(places, np.linspace(0, 1, len(sketch)), sketch) - values)
    return float(off[np.isfinite(off)].mean()) if np.isfinite(off).any() else math.nan


def describe_sketch(sketch: Sequence[float], curves: Curves) -> str:
    """Return how near a sketch came, in one sentence; "" where there is nothing to compare."""
    if curves.num_epochs < FEWEST_EPOCHS:
        return ""
    line = validation_line(curves)
    off, flat = sketch_error(sketch, line), sketch_error([FLAT, FLAT], line)
    if math.isnan(off):
        return ""
    what = (
        tr("over all splits")
        if _honest_rows(curves) is not None
        else tr("on {num_validation} X-rays", num_validation=curves.num_validation)
    )
    return tr(
        "Your sketch differs from validation accuracy {what} by {off:.2f} on average (n = {num_line} "
        "epochs). A level line at {flat} differs by {flat_2:.2f}.",
        what=what,
        off=off,
        num_line=len(line),
        flat=FLAT,
        flat_2=flat,
    )


def _honest_rows(curves: Curves) -> pd.DataFrame | None:
    """The cross-validated curve from the first epoch on; None where there is none, or only its end."""
    if curves.crossed is None:
        return None
    rows = curves.crossed[curves.crossed["epoch"].between(1, curves.epochs.index[-1])]
    return rows if len(rows) > 1 else None


def _diverged(curves: Curves) -> str:
    if (epoch := first_unusable_epoch(curves)) is not None:
        return tr("the loss is no number from epoch {epoch} on", epoch=epoch)
    if grows(curves):
        return tr(
            "the training loss was {lowest:.2f} at its lowest and ends at {end:.2f}",
            lowest=curves.lowest("loss"),
            end=curves.end("loss"),
        )
    epoch = bursts_at(curves)
    return tr("the training loss is {loss:.0f} in epoch {epoch}", loss=curves.epochs["loss"][epoch], epoch=epoch)


def _overfitted(curves: Curves) -> str:
    epoch, smooth = overfits_since(curves), curves.smooth_validation_loss
    return tr(
        "the validation loss rises since epoch {epoch}, from {smooth:.2f} to {iloc:.2f}, and the training loss falls",
        epoch=epoch,
        smooth=smooth[epoch],
        iloc=smooth.iloc[-1],
    )


def _from_to(curves: Curves) -> str:
    return tr(
        "the training loss begins at {beginning:.2f} and ends at {end:.2f}",
        beginning=curves.beginning("loss"),
        end=curves.end("loss"),
    )


_FIGURES = {
    Outcome.DIVERGES: _diverged,
    Outcome.OVERFITS: _overfitted,
    Outcome.NOTHING: lambda curves: tr(
        "{from_to}, with {end:.2f} of the training X-rays right", from_to=_from_to(curves), end=curves.end("accuracy")
    ),
    Outcome.LEARNS: lambda curves: tr(
        "{from_to}, and the validation loss does not rise again", from_to=_from_to(curves)
    ),
}
