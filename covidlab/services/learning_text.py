"""Sentences on how a run learned: where one split and all splits disagree, and what is missing and why. No Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from covidlab.language import tr, tr_lazy
from covidlab.runs.status import State, Status
from covidlab.text import pluralize

Interval = Sequence[float]

_EARLIER = tr_lazy(
    "An earlier version of covidlab made this run and kept no probability of each X-ray, so there is "
    "nothing to play. A new run with the same settings shows every X-ray at every epoch."
)
_UNKNOWN = tr_lazy("The file with the probabilities of each X-ray cannot be read, so there is nothing to play.")


@dataclass(frozen=True)
class Gap:
    """How one split and all splits disagree, in one sentence; ``clear``: more than the few X-rays of the split explain."""

    sentence: str
    clear: bool


def find_gap(*, split: Interval, crossed: Interval, num_validation: int, over: str) -> Gap | None:
    """Return how the one split and all splits disagree; None where the split lies within the interval of all splits.

    Parameters
    ----------
    split, crossed : accuracy, and the low and high end of its 95 % interval
    over : what ``crossed`` is over, as ``runs.over_splits.describe_splits`` says it
    """
    value, low, high = split
    of_all, all_low, all_high = crossed
    if all_low <= value <= all_high:
        return None
    luck = "lucky" if value > all_high else "unlucky"
    these = pluralize(num_validation, "validation X-ray")
    where = tr(
        "{value:.2f} on {value_2} {these}, {of_all:.2f} over {over}",
        value=value,
        value_2="this" if num_validation == 1 else "these",
        these=these,
        of_all=of_all,
        over=over,
    )
    if low <= of_all <= high:
        return Gap(
            tr(
                "{where}: a somewhat {luck} split, and {these} are too few to tell the two apart.",
                where=where,
                luck=luck,
                these=these,
            ),
            clear=False,
        )
    return Gap(
        tr("{where}: {value} {luck} split.", where=where, value="a" if luck == "lucky" else "an", luck=luck), clear=True
    )


def describe_missing(status: Status, *, follows: bool, has_epochs: bool, has_history: bool) -> str:
    """Return why no X-ray of a run can be shown as it learned; "" where it can, or will soon.

    Parameters
    ----------
    follows : whether the run names the X-rays it follows
    has_epochs : whether the probabilities of an epoch are there
    has_history : whether an epoch has been finished
    """
    if status.state.is_unreadable or has_epochs or status.is_active:
        return ""
    if has_history:
        return _UNKNOWN if follows else _EARLIER
    how = "failed" if status.state is State.FAILED else "ended"
    return tr("The run {how} before its first epoch was finished, so there is nothing to play.", how=how)


def describe_missing_crossed(status: Status, report: Mapping) -> str:
    """Return why there is no cross-validated curve (yet), in one sentence."""
    if status.is_active:
        return tr("The cross-validated curve comes when the last epoch is finished.")
    crossed = report.get("cross_validation") or {}
    if "skipped" in crossed:
        return crossed["skipped"]
    if "accuracy" in crossed:
        return tr("An earlier version of covidlab kept the cross-validated accuracy of the last epoch only.")
    return tr("This run has no cross-validated curve.")
