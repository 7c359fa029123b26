"""Over what a cross-validated figure is, in words: how many splits, and that it is the median of the repeats."""

from collections.abc import Mapping

from covidlab.config import NUM_FOLDS, NUM_REPEATS, OVER_REPEATS
from covidlab.language import tr
from covidlab.text import pluralize


def describe_repeats(crossed: Mapping) -> str:
    """Return what the figures of a cross-validation are, e.g. "median of 10 repeats".

    Parameters
    ----------
    crossed : "cross_validation" of a report; empty before it is known, when the figures are those of this version
    """
    # Reports of earlier versions give the mean and do not say so.
    middle = crossed.get("over_repeats", "mean") if "accuracy" in crossed else OVER_REPEATS
    repeats = pluralize(crossed.get("repeats", NUM_REPEATS), "repeat")
    return tr("mean of {repeats}", repeats=repeats) if middle == "mean" else tr("median of {repeats}", repeats=repeats)


def describe_splits(crossed: Mapping) -> str:
    """Return over how many splits the figures are, e.g. "50 splits, median of 10 repeats"; ``crossed`` as above."""
    number = crossed.get("repeats", NUM_REPEATS) * crossed.get("folds", NUM_FOLDS)
    return f"{pluralize(number, 'split')}, {describe_repeats(crossed)}"
