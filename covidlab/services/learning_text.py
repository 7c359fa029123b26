"""Sentences on how a run learned: where one split and all splits disagree, and what is missing and why. No Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from covidlab.language import tr, tr_lazy, tr_many
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
    where = tr_many(
        "{value:.2f} on this {number} validation X-ray, {of_all:.2f} over {over}",
        "{value:.2f} on these {number} validation X-rays, {of_all:.2f} over {over}",
        num_validation,
        value=value,
        of_all=of_all,
        over=over,
    )
    is_lucky, told = value > all_high, {"where": where}
    if low <= of_all <= high:
        these = pluralize(num_validation, "validation X-ray")
        return Gap(_unclear_gap(is_lucky=is_lucky, these=these, **told), clear=False)
    return Gap(
        tr("{where}: a lucky split.", **told) if is_lucky else tr("{where}: an unlucky split.", **told), clear=True
    )


def _unclear_gap(*, is_lucky: bool, where: str, these: str) -> str:
    told = {"where": where, "these": these}
    if is_lucky:
        return tr("{where}: a somewhat lucky split, and {these} are too few to tell the two apart.", **told)
    return tr("{where}: a somewhat unlucky split, and {these} are too few to tell the two apart.", **told)


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
        return tr(_UNKNOWN if follows else _EARLIER)
    if status.state is State.FAILED:
        return tr("The run failed before its first epoch was finished, so there is nothing to play.")
    return tr("The run ended before its first epoch was finished, so there is nothing to play.")


def describe_missing_crossed(status: Status, report: Mapping) -> str:
    """Return why there is no cross-validated curve (yet), in one sentence."""
    if status.is_active:
        return tr("The cross-validated curve comes when the last epoch is finished.")
    crossed = report.get("cross_validation") or {}
    if "skipped" in crossed:
        return tr(crossed["skipped"])
    if "accuracy" in crossed:
        return tr("An earlier version of covidlab kept the cross-validated accuracy of the last epoch only.")
    return tr("This run has no cross-validated curve.")
