"""Which of two settings is better: the spread of seeds, an interval over patients and one over folds, kept apart.

- Seeds: how the accuracy changes where only the seed does. It says nothing of other patients.
- Patients: how the difference could change with other patients, the models being as they are. The interval of evaluation.paired: the
  jackknife over patients, t with one degree of freedom less than patients, never shorter than pairs of X-rays allow.
- Folds: how it could change with other X-rays to learn from. Folds of a cross-validation share most of these, so that a plain t-test
  finds differences where there are none; its variance is corrected for that: C. Nadeau and Y. Bengio (2003), Inference for the
  generalization error, Machine Learning 52, 239-281, doi 10.1023/A:1024068626366.

The rule: one is called better where the interval of both together leaves out 0: the squares of the two standard errors are added, with
the smaller number of degrees of freedom. Where two settings were equally good in 800 simulated sets of 37 and 80 patients, whose
classifiers change much with what they learn from, it called one better in 3 to 4 of 100; the corrected interval over folds alone in
10, that over patients alone in 15. No TensorFlow, no SciPy: pages ask too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from covidlab.clustered import jackknife_variance
from covidlab.evaluation.paired import bonett_price_reach
from covidlab.student_t import two_sided_p, two_sided_quantile

LEVEL = 0.05
POWER = 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """What is known of one of two settings, from its repeats.

    accuracies: cross-validated, of each repeat. folds: (runs, repeats, folds) accuracies of each fold, None where not known;
    the folds are the same on both sides. right: (films,) how often each X-ray was told right, 0 to 1; None where not known.
    """

    accuracies: Sequence[float]
    folds: np.ndarray | None = None
    right: np.ndarray | None = None

    @property
    def accuracy(self) -> float:
        """Mean over the repeats."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A 95 % interval of a difference: ``mean`` with its standard ``error``, and of how many patients or folds it is.

    p: how often a difference at least as large comes where there is none.
    """

    mean: float
    error: float
    low: float
    high: float
    p: float
    number: int

    @property
    def leaves_out_zero(self) -> bool:
        """Whether no difference is outside."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Accuracy of the second less that of the first, with its intervals, None where they are not known."""

    difference: float
    over_patients: Interval | None = None
    over_folds: Interval | None = None

    @property
    def together(self) -> Interval | None:
        """The interval that decides, of patients and folds together; None where one of them is not known."""
        if self.over_patients is None or self.over_folds is None:
            return None
        error = float(np.hypot(self.over_patients.error, self.over_folds.error))
        number = min(self.over_patients.number, self.over_folds.number)
        return _interval(self.difference, error, degrees=number - 1, number=number)

    @property
    def can_tell(self) -> bool:
        """Whether one is better by the rule."""
        return self.together is not None and self.together.leaves_out_zero


def compare(first: Side, second: Side, patients: np.ndarray | None = None) -> Comparison:
    """Return how the second differs from the first; ``patients`` is the patient of each X-ray."""
    difference = second.accuracy - first.accuracy
    over_patients = over_folds = None
    if first.right is not None and second.right is not None and patients is not None:
        least = bonett_price_reach(first.right, second.right)
        over_patients = patient_interval(second.right - first.right, patients, difference=difference, least=least)
    if first.folds is not None and second.folds is not None and first.folds.shape[1:] == second.folds.shape[1:]:
        over_folds = resampled_interval(second.folds.mean(axis=0) - first.folds.mean(axis=0))
    return Comparison(difference=difference, over_patients=over_patients, over_folds=over_folds)


def patient_interval(
    differences: np.ndarray, patients: np.ndarray, *, difference: float | None = None, least: float = 0.0
) -> Interval | None:
    """Return the interval over patients of a mean over X-rays, around ``difference`` where that is given.

    None for one patient, and where no X-ray differs: then nothing is known of how much patients vary.

    Parameters
    ----------
    differences : (films,) float, of each X-ray
    patients : (films,) its patient
    least : half the length that the interval has at least
    """
    of_patient = np.unique(np.asarray(patients), return_inverse=True)[1]
    sums, sizes = np.bincount(of_patient, weights=differences), np.bincount(of_patient)
    number = len(sums)
    if number < 2 or not differences.any():
        return None
    variance = jackknife_variance((sums.sum() - sums) / (len(differences) - sizes))
    error = max(variance**0.5, least / two_sided_quantile(LEVEL, number - 1))
    mean = float(differences.mean()) if difference is None else difference
    return _interval(mean, error, degrees=number - 1, number=number)


def resampled_interval(differences: np.ndarray) -> Interval | None:
    """Return the interval over the folds of a repeated cross-validation; None for a single fold.

    Parameters
    ----------
    differences : (repeats, folds) of the accuracy in each fold
    """
    values, num_folds = differences.ravel(), differences.shape[1]
    if len(values) < 2 or num_folds < 2:
        return None
    # Of each fold 1 / folds of the X-rays are held out, and the others learned from.
    error = float(np.sqrt((1 / len(values) + 1 / (num_folds - 1)) * values.var(ddof=1)))
    return _interval(float(values.mean()), error, degrees=len(values) - 1, number=len(values))


def patients_to_see(interval: Interval, *, power: float = POWER) -> int | None:
    """Return of how many patients a study would show this difference, if it is the true one; None where it is 0 or nothing varies.

    Parameters
    ----------
    interval : over patients, of the difference and of how much it varies between them
    power : share of such studies whose interval leaves out 0

    Notes
    -----
    (z + z')^2 times the variance of a patient over the squared difference, with as many X-rays a patient as here: L. M. Friedman et al.
    (2015), Fundamentals of Clinical Trials, 5th edition, chapter 8. The difference is itself uncertain, and so is the number.
    """
    if interval.error == 0 or interval.mean == 0:
        return None
    return math.ceil(interval.number * (_reach(power) * interval.error / interval.mean) ** 2)


def smallest_seen(interval: Interval, *, power: float = POWER) -> float:
    """Return the smallest true difference that studies with as many patients as here show with this power; see ``patients_to_see``."""
    return _reach(power) * interval.error


def _reach(power: float) -> float:
    return NormalDist().inv_cdf(1 - LEVEL / 2) + NormalDist().inv_cdf(power)


def _interval(mean: float, error: float, *, degrees: int, number: int) -> Interval:
    if error == 0:
        return Interval(mean=mean, error=0.0, low=mean, high=mean, p=0.0 if mean else 1.0, number=number)
    half, p = two_sided_quantile(LEVEL, degrees) * error, two_sided_p(mean / error, degrees)
    return Interval(mean=mean, error=error, low=mean - half, high=mean + half, p=p, number=number)
