"""Figures of a classifier on few films, each with a 95 % interval that respects patients.

A film is one observation only where its patient has no other: intervals are Wilson's where no patient repeats, and
otherwise come from resampling patients. Nothing here knows of a model.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from covidlab.intervals import (
    CONFIDENCE,
    RESAMPLES_AT_ONCE,
    median_over_repeats,
    newcombe_interval,
    patient_weights,
    wilson_interval,
)

METRICS = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")

WILSON = "wilson"
BOOTSTRAP = "bootstrap over patients"
WILSON_PATIENTS = "wilson over patients"
UNDEFINED = "undefined"

# The same where patients are not known and each X-ray counts as a patient of its own.
_METHODS_WITHOUT_PATIENTS = {BOOTSTRAP: "bootstrap over X-rays", WILSON_PATIENTS: "wilson over X-rays"}


@dataclass(frozen=True)
class Metric:
    """One figure with its 95 % interval.

    value, low, high: floats in [0, 1] with low <= value <= high, nan where the figure is undefined.
    n: number of films the figure is computed over (its denominator), 0 where it is undefined.
    method: "wilson", "bootstrap over patients", "wilson over patients" or "undefined"; where patients are not known,
    "bootstrap over X-rays" and "wilson over X-rays".
    """

    value: float
    low: float
    high: float
    n: int
    method: str

    def to_dict(self) -> dict:
        """Return plain JSON values; None where the figure is undefined, since JSON knows no nan."""
        return {name: None if _is_nan(value) else value for name, value in asdict(self).items()}

    def without_patients(self) -> "Metric":
        """Return the same with the name its method has where each X-ray counts as a patient of its own."""
        return replace(self, method=_METHODS_WITHOUT_PATIENTS.get(self.method, self.method))


def predicted_classes(probabilities: np.ndarray, *, positive_index: int, threshold: float = 0.5) -> np.ndarray:
    """Class of each film: the positive one where its probability reaches the threshold, else the likeliest other.

    Parameters
    ----------
    probabilities : ndarray of shape (..., num_classes), float in [0, 1]
        A nan counts as less likely than any number, so that a diverged model still gets an answer.
    positive_index : position of the positive class on the last axis
    threshold : operating point

    Returns
    -------
    ndarray of shape (...), int
    """
    probabilities = np.asarray(probabilities, dtype=float)
    others = np.nan_to_num(probabilities, nan=-1.0)
    others[..., positive_index] = -np.inf
    return np.where(probabilities[..., positive_index] >= threshold, positive_index, others.argmax(axis=-1))


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, *, num_classes: int) -> np.ndarray:
    """Number of films of each true class (rows) that were given each class (columns).

    Parameters
    ----------
    labels, predicted : int arrays of shape (n,), 0 to num_classes - 1

    Returns
    -------
    ndarray of shape (num_classes, num_classes), int
    """
    cells = np.asarray(labels, dtype=int) * num_classes + np.asarray(predicted, dtype=int)
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def roc_curve(
    labels: np.ndarray, scores: np.ndarray, *, positive_index: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False and true positive rate at every threshold, from (0, 0) to (1, 1).

    Parameters
    ----------
    labels : int array of shape (n,)
    scores : float array of shape (n,), probability of the positive class

    Returns
    -------
    false_positive_rate, true_positive_rate, thresholds : float arrays of one length, thresholds falling from inf;
        all three empty where a side has no film or a score is nan
    """
    positive, scores = np.asarray(labels) == positive_index, np.asarray(scores, dtype=float)
    if positive.all() or not positive.any() or np.isnan(scores).any():
        return np.empty(0), np.empty(0), np.empty(0)
    from sklearn.metrics import roc_curve as sklearn_roc_curve

    return sklearn_roc_curve(positive, scores)


def report_metrics(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    threshold: float = 0.5,
    seed: int = 0,
    num_resamples: int = 2000,
) -> dict[str, Metric]:
    """Accuracy over all classes and the positive class against the rest: sensitivity, specificity, precision, F1, AUC.

    Parameters
    ----------
    labels : int array of shape (n,)
    probabilities : float array of shape (n, num_classes), or (num_repeats, n, num_classes) for the films' held-out
        probabilities in each repeat of a cross-validation; the value is then the median over the repeats
    patient_ids : array of shape (n,)
    positive_index : class that counts as positive
    threshold : probability from which a film is called positive
    seed, num_resamples : of the bootstrap

    Returns
    -------
    dict from the names in ``METRICS`` to Metric; undefined where no film is in the denominator or a probability is nan

    Notes
    -----
    A proportion over films of distinct patients gets Wilson's interval. Everything else gets the percentile
    interval of a bootstrap that draws patients with replacement, each with all of its films: B. Efron and
    R. J. Tibshirani (1993), An Introduction to the Bootstrap, chapter 13; C. A. Field and A. H. Welsh (2007),
    Bootstrapping clustered data, JRSS B 69, 369-390, doi 10.1111/j.1467-9868.2007.00593.x. Where that collapses to a
    point, Wilson's interval is taken with the number of patients for the number of trials (for the AUC, the patients
    of the smaller side).

    With a dozen patients the percentile interval is too short: simulated on the curated set's 12 positive patients
    it holds a true proportion of 0.8 to 0.95 in 64 to 90 % of cases instead of 95. Films of the same patients cannot
    tell more than as many films of distinct patients, so the interval of a proportion is never left shorter than
    Wilson's over the films, and that of the AUC never shorter than Newcombe's (2006).

    Of repeats, each resample takes the median as well, so that the interval is that of the figure beside it.
    """
    labels, repeats = np.asarray(labels, dtype=int), _repeats(probabilities)
    if _says_nothing(labels, repeats):
        return dict.fromkeys(METRICS, _undefined())
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    weights = patient_weights(patients.max() + 1, num_resamples, seed)
    predicted = predicted_classes(repeats, positive_index=positive_index, threshold=threshold)
    figures = _call_metrics(labels, predicted, positive_index, patients=patients, weights=weights)
    scores = repeats[..., positive_index]
    return figures | {"auc": _auc_metric(labels == positive_index, scores, patients=patients, weights=weights)}


def call_metrics(
    labels: np.ndarray,
    predicted: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    seed: int = 0,
    num_resamples: int = 2000,
) -> dict[str, Metric]:
    """The figures of ``report_metrics`` that rest on calls alone, with the same intervals: all but the AUC.

    Parameters
    ----------
    predicted : int array of shape (num_repeats, n), the class each film was given in each repeat
    """
    labels, patients = np.asarray(labels, dtype=int), np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    weights = patient_weights(patients.max() + 1, num_resamples, seed)
    return _call_metrics(labels, np.asarray(predicted), positive_index, patients=patients, weights=weights)


def accuracy_metric(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    threshold: float = 0.5,
    seed: int = 0,
    num_resamples: int = 2000,
) -> Metric:
    """The accuracy of ``report_metrics`` alone, with the same interval; for one value of a curve after another."""
    labels, repeats = np.asarray(labels, dtype=int), _repeats(probabilities)
    if _says_nothing(labels, repeats):
        return _undefined()
    predicted = predicted_classes(repeats, positive_index=positive_index, threshold=threshold)
    return _share(predicted == labels, patient_ids, seed=seed, num_resamples=num_resamples)


def resampled_metrics(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    threshold: float = 0.5,
    seed: int = 0,
    num_resamples: int = 2000,
) -> dict[str, np.ndarray]:
    """The figures of ``report_metrics`` for one set of answers, and the same in each resample of the patients.

    Returns
    -------
    dict from the names in ``METRICS`` to a float array of shape (1 + num_resamples,), the figure itself first; nan where it is
    undefined. Two models asked about the same films with one seed meet the same resamples: their difference is paired.
    """
    labels, probabilities = np.asarray(labels, dtype=int), np.asarray(probabilities, dtype=float)
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    weights = patient_weights(patients.max() + 1, num_resamples, seed)
    films = np.vstack([np.ones(len(labels)), weights[:, patients]])
    predicted = predicted_classes(probabilities[None], positive_index=positive_index, threshold=threshold)
    figures = {
        name: _divide(films @ numerator[0], films @ denominator[0])
        for name, (numerator, denominator) in _film_counts(labels, predicted, positive_index).items()
    }
    positive, scores = labels == positive_index, probabilities[:, positive_index]
    auc = _areas(positive, scores[None], films, np.arange(len(labels)))[:, 0]
    return figures | {"auc": auc}


def share_metric(
    hits: Sequence[bool], *, patient_ids: Sequence[str], seed: int = 0, num_resamples: int = 2000
) -> Metric:
    """Share of films on which something holds; its interval as in ``report_metrics``, and undefined where no film is.

    Parameters
    ----------
    hits : whether it holds, for each film
    patient_ids : patient of each film
    seed, num_resamples : of the bootstrap
    """
    if not len(hits):
        return _undefined()
    return _share(np.asarray(hits, dtype=float)[None], patient_ids, seed=seed, num_resamples=num_resamples)


def majority(confusion: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Class with the most films, how many it has, and how many there are; the first one of several.

    Parameters
    ----------
    confusion : (classes, classes) counts, a row for each true class
    """
    sizes = [sum(row) for row in confusion]
    return sizes.index(max(sizes)), max(sizes), sum(sizes)


def constant_answer(confusion: Sequence[Sequence[int]]) -> int | None:
    """Class that every film was called, None where the answers differ or there are no films."""
    called = [place for place, column in enumerate(zip(*confusion, strict=True)) if any(column)]
    return called[0] if len(called) == 1 else None


def _repeats(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities with a leading axis for the repeats of a cross-validation, one where there are none."""
    probabilities = np.asarray(probabilities, dtype=float)
    return probabilities[None] if probabilities.ndim == 2 else probabilities


def _says_nothing(labels: np.ndarray, repeats: np.ndarray) -> bool:
    return not len(labels) or not len(repeats) or bool(np.isnan(repeats).any())


def _share(hits: np.ndarray, patient_ids: Sequence[str] | np.ndarray, *, seed: int, num_resamples: int) -> Metric:
    """Figure of the share of films on which something holds, (num_repeats, n)."""
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    weights = patient_weights(patients.max() + 1, num_resamples, seed)
    films = hits.astype(float)
    return _ratio_metric(films, np.ones_like(films), patients=patients, weights=weights, is_proportion=True)


def _call_metrics(labels, predicted, positive_index: int, *, patients, weights) -> dict[str, Metric]:
    return {
        name: _ratio_metric(*counts, patients=patients, weights=weights, is_proportion=name != "f1")
        for name, counts in _film_counts(labels, predicted, positive_index).items()
    }


def _film_counts(labels: np.ndarray, predicted: np.ndarray, positive_index: int) -> dict:
    """What each film adds to numerator, denominator and n of each figure; arrays of shape (num_repeats, n)."""
    right = (predicted == labels).astype(float)
    positive = np.broadcast_to(labels == positive_index, predicted.shape).astype(float)
    called = (predicted == positive_index).astype(float)
    negative, hit = 1 - positive, positive * called
    return {
        "accuracy": (right, np.ones_like(right)),
        "sensitivity": (hit, positive),
        "specificity": (negative * (1 - called), negative),
        "precision": (hit, called),
        # 2 TP / (2 TP + FP + FN), with half the count on both sides
        "f1": (hit, (positive + called) / 2),
    }


def _ratio_metric(numerator, denominator, *, patients, weights, is_proportion) -> Metric:
    """Figure of a ratio of sums over films; numerator and denominator of shape (num_repeats, n)."""
    value = float(median_over_repeats(_divide(numerator.sum(axis=1), denominator.sum(axis=1))))
    if np.isnan(value):
        return _undefined()
    used = [films for films in denominator > 0 if films.any()]
    num_films = round(np.mean([films.sum() for films in used]))
    num_patients = np.mean([len(np.unique(patients[films])) for films in used])
    over_films = wilson_interval(value * num_films, num_films) if is_proportion else None
    if over_films and len(denominator) == 1 and num_patients == num_films:
        return _metric(value, over_films, num_films, WILSON)
    by_patient = np.zeros((2, weights.shape[1], len(denominator)))
    np.add.at(by_patient, (slice(None), patients), np.stack([numerator.T, denominator.T]))
    by_patient = by_patient.astype(weights.dtype)
    resampled = median_over_repeats(_divide(weights @ by_patient[0], weights @ by_patient[1]))
    return _bootstrap_metric(value, resampled, num_films, num_patients, at_least=over_films)


def _auc_metric(positive, scores, *, patients, weights) -> Metric:
    """Figure of the area under the ROC curve; positive of shape (n,), scores of shape (num_repeats, n)."""
    if positive.all() or not positive.any():
        return _undefined()
    # Share of (positive, negative) pairs in the right order, ties half: Mann and Whitney (1947).
    films = np.arange(len(positive))
    value = float(median_over_repeats(_areas(positive, scores, np.ones((1, len(films))), films))[0])
    resampled = median_over_repeats(_areas(positive, scores, weights, patients))
    num_patients = min(len(np.unique(patients[positive])), len(np.unique(patients[~positive])))
    over_films = newcombe_interval(value, int(positive.sum()), int((~positive).sum()))
    return _bootstrap_metric(value, resampled, len(positive), num_patients, at_least=over_films)


def _areas(positive, scores, weights, patients) -> np.ndarray:
    """Share of pairs of a positive and a negative film in the right order, ties half, in each resample; (resamples, num_repeats).

    nan where there is no pair. Sorted once for each repeat of ``scores`` (num_repeats, n) and a few resamples at a time: the table of
    all pairs of 10,000 films would take 200 MB.
    """
    areas = np.empty((len(weights), len(scores)))
    for place, repeat in enumerate(scores):
        order = np.argsort(repeat, kind="stable")
        ties = np.flatnonzero(np.diff(repeat[order], prepend=np.nan) != 0)
        for start in range(0, len(weights), RESAMPLES_AT_ONCE):
            rows = slice(start, start + RESAMPLES_AT_ONCE)
            films = weights[rows][:, patients[order]].astype(float)
            of_positive = np.add.reduceat(films * positive[order], ties, axis=1)
            of_negative = np.add.reduceat(films * ~positive[order], ties, axis=1)
            below = np.cumsum(of_negative, axis=1) - of_negative / 2
            ordered = np.einsum("bj,bj->b", of_positive, below)
            areas[rows, place] = _divide(ordered, of_positive.sum(axis=1) * of_negative.sum(axis=1))
    return areas


def _bootstrap_metric(value: float, resampled: np.ndarray, num_films: int, num_patients: float, *, at_least) -> Metric:
    """Percentile interval, no shorter than ``at_least``; Wilson over patients where the resamples say nothing."""
    resampled = resampled[np.isfinite(resampled)]
    if len(np.unique(resampled.round(9))) <= 2:
        return _metric(value, wilson_interval(value * num_patients, num_patients), num_films, WILSON_PATIENTS)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    if at_least is not None:
        low, high = min(low, at_least[0]), max(high, at_least[1])
    return _metric(value, (low, high), num_films, BOOTSTRAP)


def _metric(value: float, interval, num_films: int, method: str) -> Metric:
    low, high = min(interval[0], value), max(interval[1], value)
    return Metric(float(value), max(0.0, float(low)), min(1.0, float(high)), int(num_films), method)


def _is_nan(value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _undefined() -> Metric:
    return Metric(math.nan, math.nan, math.nan, 0, UNDEFINED)


def _divide(numerator, denominator) -> np.ndarray:
    """Quotient, nan where the denominator is 0."""
    numerator, denominator = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)
