"""How often the 95 % intervals hold the truth, on simulated patients of whom it is known: 93 to 97 of 100.

An X-ray is called right where its score is above 0: a mean that gives the true accuracy, plus what is the patient's, plus what is the
X-ray's own, and in a cross-validation a little that differs from repeat to repeat. A share of few X-rays takes few values, so coverage
swings from truth to truth; where it does, the mean over several truths counts (Brown, Cai and DasGupta 2001), as in
benchmarks/interval_coverage.py, which prints all of them. A thousand draws tell a share to within 0.7 points (one standard error).
"""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from covidlab.evaluation.balanced_accuracy import balanced_accuracy
from covidlab.evaluation.paired import paired_accuracy
from covidlab.metrics import predicted_classes, report_metrics, share_metric

NORMAL = NormalDist()
ROWS = (4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1)
# Patients of the fifty (25 X-rays of 12, then 25 of 25), and twice as many X-rays with one patient each.
FIFTY = (np.repeat(np.arange(37), ROWS + (1,) * 25), np.arange(50) >= 25)
HUNDRED = (np.arange(100), np.arange(100) >= 50)
TWELVE = np.repeat(np.arange(12), ROWS)
NOISE_OF_REPEATS = 0.3
ALIKE, NEARLY_THE_SAME = 0.5, 0.9
TRUTHS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def scores(patients, generator, *, accuracy: float, of_patient: float = ALIKE, repeats: int = 1) -> np.ndarray:
    """How far each X-ray is on the right side, (repeats, X-rays); above 0 with probability ``accuracy``."""
    noise = NOISE_OF_REPEATS if repeats > 1 else 0.0
    own = sqrt(of_patient) * generator.normal(size=patients.max() + 1)[patients]
    own = own + sqrt(1 - of_patient) * generator.normal(size=len(patients))
    return NORMAL.inv_cdf(accuracy) * sqrt(1 + noise**2) + own + noise * generator.normal(size=(repeats, len(patients)))


def answers(is_second: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Probabilities of both classes from how far each X-ray is on its right side."""
    first = 1 / (1 + np.exp(np.where(is_second, own, -own)))
    return np.stack([first, 1 - first], axis=-1)


def coverage(
    structure, *, accuracy: float, repeats: int = 1, of_patient: float = ALIKE, draws=1000
) -> dict[str, float]:
    """Share of draws in which the interval of a figure holds its true value."""
    patients, is_second = structure
    labels, area = is_second.astype(int), NORMAL.cdf(sqrt(2) * NORMAL.inv_cdf(accuracy))
    truth = dict.fromkeys(("accuracy", "sensitivity", "specificity", "balanced", "f1"), accuracy) | {"auc": area}
    generator, held = np.random.default_rng(8), dict.fromkeys(truth, 0)
    for _ in range(draws):
        own = scores(patients, generator, accuracy=accuracy, of_patient=of_patient, repeats=repeats)
        said = answers(is_second, own)
        found = report_metrics(labels, said, patient_ids=patients, positive_index=0)
        predicted = predicted_classes(said, positive_index=0)
        found["balanced"] = balanced_accuracy(labels, predicted, patient_ids=patients)
        for name, value in truth.items():
            held[name] += found[name].low <= value <= found[name].high
    return {name: number / draws for name, number in held.items()}


def coverage_of_share(patients, *, accuracy: float, of_patient: float, draws=600) -> float:
    """The same for the share of X-rays that are right, alone."""
    generator, held = np.random.default_rng(round(1000 * accuracy)), 0
    for _ in range(draws):
        own = scores(patients, generator, accuracy=accuracy, of_patient=of_patient)[0]
        found = share_metric(own > 0, patient_ids=patients)
        held += found.low <= accuracy <= found.high
    return held / draws


@pytest.mark.parametrize("structure", [FIFTY, HUNDRED])
def test_intervals_of_figures_hold_the_truth_in_95_of_100_draws(structure):
    found = coverage(structure, accuracy=0.75)
    assert all(0.93 <= found[name] <= 0.97 for name in ("accuracy", "balanced", "auc"))
    # Of 25 X-rays, whose shares are steps of 0.04.
    assert all(0.91 <= found[name] <= 0.985 for name in ("sensitivity", "specificity", "f1"))


def test_intervals_of_repeats_hold_the_truth_in_95_of_100_draws():
    found = coverage(FIFTY, accuracy=0.75, repeats=3, draws=600)
    assert all(0.93 <= found[name] <= 0.975 for name in ("accuracy", "balanced", "auc"))


def test_intervals_near_one_hold_the_truth_in_95_of_100_draws():
    found = coverage(FIFTY, accuracy=0.95, draws=600)
    assert 0.93 <= found["accuracy"] <= 0.97 and 0.93 <= found["auc"] <= 0.985


@pytest.mark.parametrize("of_patient", [ALIKE, NEARLY_THE_SAME])
@pytest.mark.parametrize("patients", [TWELVE, FIFTY[0]], ids=["12 patients", "37 patients"])
def test_shares_of_patients_with_several_xrays_are_held_in_95_of_100_draws(patients, of_patient):
    found = [coverage_of_share(patients, accuracy=truth, of_patient=of_patient) for truth in TRUTHS]
    assert 0.94 <= np.mean(found) <= 0.97 and min(found) >= 0.91


@pytest.mark.parametrize("of_patient", [ALIKE, NEARLY_THE_SAME])
def test_interval_of_a_paired_difference_holds_the_truth_in_95_of_100_draws(of_patient):
    (patients, is_second), generator, held = FIFTY, np.random.default_rng(9), 0
    options = {"patient_ids": patients, "positive_index": 0}
    for _ in range(1000):
        parts = [scores(patients, generator, accuracy=0.5, of_patient=of_patient) for _ in range(3)]
        first, second = (
            answers(is_second, NORMAL.inv_cdf(accuracy) + 0.7 * parts[0] + sqrt(0.51) * own)
            for accuracy, own in ((0.8, parts[1]), (0.7, parts[2]))
        )
        found = paired_accuracy(is_second.astype(int), first, second, **options)
        held += found.value - found.below <= -0.1 <= found.value + found.above
    assert 0.93 <= held / 1000 <= 0.97
