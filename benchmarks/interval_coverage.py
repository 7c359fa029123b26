"""How often the 95 % intervals hold the truth, on simulated patients of whom it is known.

An X-ray is called right where its score is above 0: a mean that gives the true accuracy, plus what is the patient's, plus what is the X-ray's
own. The patient's share of the variance says how alike the X-rays of a patient are: 0, 0.5 or 0.9. In a cross-validation a little differs
from repeat to repeat. Sets have the patients of the curated fifty (12 with 25 X-rays, 25 with one each) or parts of them.

A share of few X-rays takes few values, so the coverage at a single truth swings around that of its neighbours (L. D. Brown, T. T. Cai and
A. DasGupta 2001, Interval estimation for a binomial proportion, Statistical Science 16, 101-133, doi 10.1214/ss/1009213286). Methods are
judged by the mean over a grid of truths; every point of the grid is printed, and the lowest beside the mean. ``--random-classes`` gives the
classes to patients at random instead of fixing how many there are of each, which changes the precision. ``--sets`` chooses.
"""

import argparse
import time
from math import sqrt
from statistics import NormalDist

import common  # noqa: F401  (puts the project on the path)
import numpy as np

from covidlab.evaluation.balanced_accuracy import balanced_accuracy
from covidlab.evaluation.paired import paired_accuracy
from covidlab.metrics import METRICS, predicted_classes, report_metrics

NORMAL = NormalDist()
TRUTHS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97)
ALIKE = {0.0: "as of different patients", 0.5: "alike", 0.9: "nearly the same"}
NOISE_OF_REPEATS = 0.3
POSITIVE_ROWS = (4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1)
# X-rays of each patient of either class.
SETS = {
    "37 patients": (POSITIVE_ROWS, (1,) * 25),
    "24 patients": (POSITIVE_ROWS, POSITIVE_ROWS),
    "12 patients": (POSITIVE_ROWS[::2], POSITIVE_ROWS[1::2]),
}
LEAST, MOST = 93.0, 97.0


def main() -> None:
    """Simulate and print a table for each set, number of repeats and likeness."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000, help="simulated sets at each truth")
    parser.add_argument("--repeats", type=int, nargs="*", default=[1, 10], help="repeats of the cross-validation")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=SETS)
    parser.add_argument("--random-classes", action="store_true")
    options = parser.parse_args()
    started = time.perf_counter()
    for name in options.sets:
        for repeats in options.repeats:
            for of_patient, words in ALIKE.items():
                print(f"\n{name}, {repeats} repeats, X-rays of a patient {words} ({of_patient:g} of the variance)")
                print(f"{'truth':>18}" + "".join(f"{truth:>7g}" for truth in TRUTHS) + "   mean  lowest")
                print_rows(name, of_patient=of_patient, repeats=repeats, options=options)
    print(
        f"\n{options.draws} draws at each truth; {time.perf_counter() - started:.0f} s. Mean outside {LEAST:g} to {MOST:g}: *"
    )


def print_rows(name: str, *, of_patient: float, repeats: int, options: argparse.Namespace) -> None:
    """Print the coverage of each figure at each truth, the mean and the lowest."""
    found = [
        coverage(
            name, truth, of_patient=of_patient, repeats=repeats, draws=options.draws, random=options.random_classes
        )
        for truth in TRUTHS
    ]
    for figure in found[0]:
        row = [100 * one[figure] for one in found]
        mark = "" if LEAST <= np.mean(row) <= MOST else " *"
        cells = "".join(f"{value:7.1f}" for value in row)
        print(f"{figure:>18}{cells}{np.mean(row):7.1f}{min(row):8.1f}{mark}", flush=True)


def coverage(name: str, truth: float, *, of_patient: float, repeats: int, draws: int, random: bool) -> dict[str, float]:
    """Share of draws in which the interval of each figure holds its true value."""
    patients, is_positive = set_of(name)
    generator, held = np.random.default_rng(round(1000 * truth)), {}
    for _ in range(draws):
        if random:
            is_positive = (generator.random(patients.max() + 1) < 0.5)[patients]
            if is_positive.all() or not is_positive.any():
                continue
        true = true_values(truth, is_positive.mean() if not random else 0.5)
        own = scores(patients, truth, of_patient=of_patient, repeats=repeats, generator=generator)
        for figure, interval in intervals(own, is_positive, patients).items():
            held.setdefault(figure, []).append(
                interval[0] <= true[figure] + 1e-9 and true[figure] - 1e-9 <= interval[1]
            )
        difference = paired(truth, is_positive, patients, of_patient=of_patient, repeats=repeats, generator=generator)
        held.setdefault("paired difference", []).append(difference)
    return {figure: float(np.mean(values)) for figure, values in held.items()}


def set_of(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Patient of each X-ray, and whether it is positive."""
    sizes = np.concatenate(SETS[name])
    is_positive = np.arange(len(sizes)) < len(SETS[name][0])
    return np.repeat(np.arange(len(sizes)), sizes), np.repeat(is_positive, sizes)


def scores(patients: np.ndarray, truth: float, *, of_patient: float, repeats: int, generator) -> np.ndarray:
    """How far each X-ray is on its right side, (repeats, X-rays): above 0 with probability ``truth``."""
    noise = NOISE_OF_REPEATS if repeats > 1 else 0.0
    own = sqrt(of_patient) * generator.normal(size=patients.max() + 1)[patients]
    own = own + sqrt(1 - of_patient) * generator.normal(size=len(patients))
    moved = noise * generator.normal(size=(repeats, len(patients)))
    return NORMAL.inv_cdf(truth) * sqrt(1 + noise**2) + own + moved


def true_values(truth: float, share_positive: float) -> dict[str, float]:
    """What each figure would be with patients without number."""
    found, called = truth * share_positive, truth * share_positive + (1 - truth) * (1 - share_positive)
    shares = dict.fromkeys(("accuracy", "balanced accuracy", "sensitivity", "specificity"), truth)
    area = NORMAL.cdf(sqrt(2) * NORMAL.inv_cdf(truth))
    return shares | {"precision": found / called, "f1": 2 * found / (share_positive + called), "auc": area}


def answers(own: np.ndarray, is_positive: np.ndarray) -> np.ndarray:
    """Probabilities of both classes from how far each X-ray is on its right side."""
    first = 1 / (1 + np.exp(np.where(is_positive, -own, own)))
    return np.stack([first, 1 - first], axis=-1)


def intervals(own: np.ndarray, is_positive: np.ndarray, patients: np.ndarray) -> dict[str, tuple[float, float]]:
    """Interval of each figure, without those that are undefined."""
    said, labels = answers(own, is_positive), (~is_positive).astype(int)
    found = report_metrics(labels, said if len(said) > 1 else said[0], patient_ids=patients, positive_index=0)
    predicted = predicted_classes(said, positive_index=0)
    balanced = balanced_accuracy(labels, predicted, patient_ids=patients)
    figures = {name: found[name] for name in METRICS} | {"balanced accuracy": balanced}
    return {name: (figure.low, figure.high) for name, figure in figures.items() if figure.n}


def paired(truth: float, is_positive, patients, *, of_patient: float, repeats: int, generator) -> bool:
    """Whether the interval of the difference of two models, the second 10 points worse, holds it."""
    shared = scores(patients, 0.5, of_patient=of_patient, repeats=repeats, generator=generator)
    pair = [
        0.7 * shared
        + sqrt(0.51) * scores(patients, 0.5, of_patient=of_patient, repeats=repeats, generator=generator)
        + NORMAL.inv_cdf(accuracy) * (sqrt(1 + NOISE_OF_REPEATS**2) if repeats > 1 else 1)
        for accuracy in (truth, truth - 0.1)
    ]
    first, second = (answers(own, is_positive) for own in pair)
    labels = (~is_positive).astype(int)
    found = paired_accuracy(labels, first, second, patient_ids=patients, positive_index=0)
    return found.value - found.below <= -0.1 <= found.value + found.above


if __name__ == "__main__":
    main()
