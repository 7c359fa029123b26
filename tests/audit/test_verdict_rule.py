"""How often the rule of the verdict errs where the truth is known: X-rays of patients like the fifty, drawn again and again."""

import numpy as np
import pytest

from covidlab.audit.verdict import Case, verdict_of
from covidlab.evaluation.paired import paired_accuracy
from covidlab.metrics import accuracy_metric

LABELS = np.repeat([0, 1], 25)
PATIENTS = np.concatenate([np.repeat(np.arange(12), [4, 4, 4, 3, 2, 2] + [1] * 6), 12 + np.arange(25)])
NUM_DRAWS = 80


def draw(generator: np.random.Generator, whole: float, black: float) -> str:
    """The case of one draw: an X-ray that is easy for one model is easy for the other, half of it by patient."""
    easy = generator.random(37)[PATIENTS]
    said = [probabilities(easy + generator.random(50) < below(share)) for share in (whole, black)]
    options = {"patient_ids": PATIENTS, "positive_index": 0}
    difference = paired_accuracy(LABELS, said[0][None], said[1][None], **options)
    ladder = {
        "chance": 0.5,
        "largest_class": "covid",
        "num_films": 50,
        "rungs": [
            {"name": "whole", "accuracy": accuracy_metric(LABELS, said[0], **options).to_dict()},
            {
                "name": "lungs-black",
                "accuracy": accuracy_metric(LABELS, said[1], **options).to_dict(),
                "difference": {
                    "value": difference.value,
                    "low": difference.value - difference.below,
                    "high": difference.value + difference.above,
                },
            },
        ],
    }
    return verdict_of({"ladder": ladder})["case"]


def below(share: float) -> float:
    """What the sum of two uniform numbers lies below with this probability."""
    return np.sqrt(2 * share) if share < 0.5 else 2 - np.sqrt(2 * (1 - share))


def probabilities(right: np.ndarray) -> np.ndarray:
    positive = np.where((LABELS == 0) == right, 0.8, 0.2)
    return np.stack([positive, 1 - positive], axis=1)


@pytest.mark.parametrize(
    ("whole", "black", "wrong"),
    [
        # Just the loss that the rule tolerates, and all of it.
        (0.9, 0.8, (Case.NOT_NEEDED,)),
        (0.9, 0.5, (Case.NOT_NEEDED, Case.OUTSIDE_TOO)),
        # No loss at all.
        (0.9, 0.9, (Case.NEEDED, Case.PARTLY)),
        (0.5, 0.5, (Case.NEEDED, Case.PARTLY, Case.NOT_NEEDED)),
    ],
)
def test_verdict_seldom_says_what_is_not_so(whole, black, wrong):
    generator = np.random.default_rng(4)
    cases = [draw(generator, whole, black) for _ in range(NUM_DRAWS)]
    assert sum(case in wrong for case in cases) / NUM_DRAWS <= 0.05


def test_verdict_finds_lungs_that_are_needed():
    generator = np.random.default_rng(5)
    cases = [draw(generator, 0.95, 0.5) for _ in range(NUM_DRAWS)]
    assert sum(case == Case.NEEDED for case in cases) / NUM_DRAWS >= 0.8
