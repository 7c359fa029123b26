"""Figures of a classifier on few films, each with a 95 % interval that respects patients.

A film is one observation only where its patient has no other: where patients repeat, resampling them says how many independent
films they are worth (``clustered``). Nothing here knows of a model.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from covidlab.clustered import area_interval, areas_without, pairs_in_order, ratio_interval
from covidlab.intervals import median_over_repeats
from covidlab.language import tr_lazy

METRICS = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")

WILSON = "wilson"
NEWCOMBE = "newcombe"
WILSON_PATIENTS = tr_lazy("wilson over patients")
NEWCOMBE_PATIENTS = tr_lazy("newcombe over patients")
UNDEFINED = "undefined"
OVER_PATIENTS, OVER_FILMS = tr_lazy("over patients"), tr_lazy("over X-rays")


@dataclass(frozen=True)
class Metric:
    """One figure with its 95 % interval.

    value, low, high: floats in [0, 1] with low <= value <= high, nan where the figure is undefined.
    n: number of films the figure is computed over (its denominator), 0 where it is undefined.
    method: "wilson" and "newcombe" where each film has a patient of its own and one answer, else "wilson over patients" and "newcombe
    over patients", or "undefined"; where patients are not known, "over X-rays". Reports of earlier versions: "bootstrap over patients".
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
        return replace(self, method=self.method.replace(OVER_PATIENTS, OVER_FILMS))


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

    Returns
    -------
    dict from the names in ``METRICS`` to Metric; undefined where no film is in the denominator or a probability is nan

    Notes
    -----
    A proportion over films of distinct patients gets Wilson's interval, an AUC Newcombe's (2006), each film an observation. Where
    patients repeat, and of repeats, the same intervals take as many films as the patients are worth, found by leaving out one patient at
    a time (``clustered.ratio_interval``, ``clustered.area_interval``). F1 is a proportion in disguise: F1 / (2 - F1) is the share of
    hits among the films that are positive or called so, so its interval is that one's. Where the set was put together with a fixed
    number of each class, the interval of the precision is longer than it need be, since it allows for any number of either.
    """
    labels, repeats = np.asarray(labels, dtype=int), _repeats(probabilities)
    if _says_nothing(labels, repeats):
        return dict.fromkeys(METRICS, _undefined())
    patients = _places(patient_ids)
    predicted = predicted_classes(repeats, positive_index=positive_index, threshold=threshold)
    figures = _call_metrics(labels, predicted, positive_index, patients)
    return figures | {"auc": _auc_metric(labels == positive_index, repeats[..., positive_index], patients)}


def call_metrics(
    labels: np.ndarray,
    predicted: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
) -> dict[str, Metric]:
    """The figures of ``report_metrics`` that rest on calls alone, with the same intervals: all but the AUC.

    Parameters
    ----------
    predicted : int array of shape (num_repeats, n), the class each film was given in each repeat
    """
    return _call_metrics(np.asarray(labels, dtype=int), np.asarray(predicted), positive_index, _places(patient_ids))


def accuracy_metric(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    threshold: float = 0.5,
) -> Metric:
    """The accuracy of ``report_metrics`` alone, with the same interval; for one value of a curve after another."""
    labels, repeats = np.asarray(labels, dtype=int), _repeats(probabilities)
    if _says_nothing(labels, repeats):
        return _undefined()
    predicted = predicted_classes(repeats, positive_index=positive_index, threshold=threshold)
    return _share(predicted == labels, patient_ids)


def metrics_without_each_patient(
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    patient_ids: np.ndarray,
    positive_index: int,
    threshold: float = 0.5,
) -> dict[str, np.ndarray]:
    """The figures of ``report_metrics`` for one set of answers, and the same without each patient in turn.

    Returns
    -------
    dict from the names in ``METRICS`` to a float array of shape (1 + num_patients,), the figure itself first, then in the order of the
    sorted ids; nan where it is undefined. Two models asked about the same films lose the same patients: their difference is paired.
    """
    labels, probabilities = np.asarray(labels, dtype=int), np.asarray(probabilities, dtype=float)
    patients = _places(patient_ids)
    predicted = predicted_classes(probabilities[None], positive_index=positive_index, threshold=threshold)
    figures = {
        name: _divide(*(_without_each(counts[0], patients) for counts in both))
        for name, both in _film_counts(labels, predicted, positive_index).items()
    }
    areas = _areas_without_each(labels == positive_index, probabilities[:, positive_index], patients)
    return figures | {"auc": areas}


def share_metric(hits: Sequence[bool], *, patient_ids: Sequence[str]) -> Metric:
    """Share of films on which something holds; its interval as in ``report_metrics``, and undefined where no film is.

    Parameters
    ----------
    hits : whether it holds, for each film
    patient_ids : patient of each film
    """
    if not len(hits):
        return _undefined()
    return _share(np.asarray(hits)[None], patient_ids)


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


def _places(patient_ids: Sequence[str] | np.ndarray) -> np.ndarray:
    """Patient of each film as a number from 0."""
    return np.unique(np.asarray(patient_ids), return_inverse=True)[1]


def _share(hits: np.ndarray, patient_ids: Sequence[str] | np.ndarray) -> Metric:
    """Figure of the share of films on which something holds, (num_repeats, n)."""
    films = hits.astype(float)
    return _ratio_metric(films, np.ones_like(films), _places(patient_ids))


def _call_metrics(
    labels: np.ndarray, predicted: np.ndarray, positive_index: int, patients: np.ndarray
) -> dict[str, Metric]:
    counts = _film_counts(labels, predicted, positive_index)
    return {
        name: _f1_metric(*counts[name], patients) if name == "f1" else _ratio_metric(*counts[name], patients)
        for name in counts
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


def _ratio_metric(numerator: np.ndarray, denominator: np.ndarray, patients: np.ndarray) -> Metric:
    """Figure of a share; what each film adds to both, of shape (num_repeats, n)."""
    totals = denominator.sum(axis=1)
    value = float(median_over_repeats(_divide(numerator.sum(axis=1), totals)))
    if math.isnan(value):
        return _undefined()
    interval = ratio_interval(value, numerator, denominator, patients)
    is_plain = len(denominator) == 1 and _are_alone(patients[denominator[0] > 0])
    return _metric(value, interval, round(totals[totals > 0].mean()), WILSON if is_plain else WILSON_PATIENTS)


def _f1_metric(hit: np.ndarray, either_half: np.ndarray, patients: np.ndarray) -> Metric:
    """F1 with the interval of the share of hits among films that are positive or called so, carried over."""
    value = float(median_over_repeats(_divide(hit.sum(axis=1), either_half.sum(axis=1))))
    if math.isnan(value):
        return _undefined()
    # Half a count where one of the two holds, a whole where both do.
    either = np.ceil(either_half)
    low, high = (2 * end / (1 + end) for end in ratio_interval(value / (2 - value), hit, either, patients))
    used = (either_half > 0).sum(axis=1)
    is_plain = len(hit) == 1 and _are_alone(patients[either[0] > 0])
    return _metric(value, (low, high), round(used[used > 0].mean()), WILSON if is_plain else WILSON_PATIENTS)


def _auc_metric(positive: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> Metric:
    """Figure of the area under the ROC curve; positive of shape (n,), scores of shape (num_repeats, n)."""
    all_pairs = positive.sum() * (~positive).sum()
    if not all_pairs:
        return _undefined()
    # Share of (positive, negative) pairs in the right order, ties half: Mann and Whitney (1947).
    areas = [pairs_in_order(positive, repeat)[positive].sum() / all_pairs for repeat in scores]
    value = float(median_over_repeats(np.array(areas)))
    is_plain = len(scores) == 1 and _are_alone(patients)
    interval = area_interval(value, positive, scores, patients)
    return _metric(value, interval, len(positive), NEWCOMBE if is_plain else NEWCOMBE_PATIENTS)


def _are_alone(patients: np.ndarray) -> bool:
    """Whether each film has a patient of its own."""
    return len(np.unique(patients)) == len(patients)


def _without_each(counts: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Sum over films, and the same without each patient; (1 + num_patients,)."""
    of_patient = np.bincount(patients, weights=counts)
    return np.concatenate([[counts.sum()], counts.sum() - of_patient])


def _areas_without_each(positive: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Area under the ROC curve, and the same without each patient; nan where a side is empty or a score is nan."""
    if np.isnan(scores).any() or positive.all() or not positive.any():
        return np.full(patients.max() + 2, np.nan)
    area = pairs_in_order(positive, scores)[positive].sum() / (positive.sum() * (~positive).sum())
    return np.concatenate([[area], areas_without(positive, scores[None], patients)])


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
