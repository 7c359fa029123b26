"""How the figures of two runs differ: paired where both answered the same X-rays, and what is said where they did not."""

import numpy as np
import pandas as pd
import pytest

from covidlab.config import TrainingConfig
from covidlab.evaluation.comparison import Side, compare
from covidlab.metrics import METRICS, report_metrics
from covidlab.prediction.reference import Reference, save_reference
from covidlab.runs.changes import CROSS_VALIDATION, VALIDATION, changes
from covidlab.runs.comparing import held_out_answers, told_right
from covidlab.runs.store import RunStore

LABELS = np.arange(40) % 2
PATIENTS = np.arange(40) // 2 % 10


def answers(*, wrong: int) -> np.ndarray:
    """Probability of class 0 of each X-ray; ``wrong`` of the first ones are on the wrong side."""
    positive = np.where(LABELS == 0, 0.8, 0.2)
    positive[:wrong] = 1 - positive[:wrong]
    return positive


def new_run(positive: np.ndarray, *, prefix="film", classes=("covid", "normal")):
    """A run with these answers, out of fold and on validation X-rays."""
    run = RunStore().create(TrainingConfig(dataset="films"))
    probabilities = np.stack([positive, 1 - positive], axis=1)
    figures = report_metrics(LABELS, probabilities, patient_ids=PATIENTS, positive_index=0)
    figures = {name: figure.to_dict() for name, figure in figures.items()}
    files = [f"{prefix}-{number:02d}.png" for number in range(40)]
    table = pd.DataFrame({"file": files, "patient_id": PATIENTS.astype(str), "class": np.array(classes)[LABELS]})
    run.write_predictions(table.assign(probability=positive, p_covid=positive, p_normal=1 - positive))
    run.write_report(
        {**figures, "classes": list(classes), "positive_class": "covid", "cross_validation": dict(figures)}
    )
    save_reference(run.reference_path, reference(files, positive, classes))
    return run


def reference(files, positive, classes) -> Reference:
    return Reference(
        features=np.zeros((40, 2)),
        files=tuple(files),
        sha256s=tuple(files),
        labels=LABELS,
        classes=tuple(classes),
        positive_index=0,
        patients=PATIENTS,
        patients_known=True,
        trained=np.ones(40, bool),
        out_of_fold=positive,
    )


@pytest.mark.parametrize("source", [CROSS_VALIDATION, VALIDATION])
def test_changes_of_a_better_run_are_above_0_with_the_number_of_x_rays(source):
    found = changes(new_run(answers(wrong=20)), new_run(answers(wrong=2)), source=source)
    assert tuple(found) == METRICS
    assert found["accuracy"].value == pytest.approx(0.45)
    assert 0 < found["accuracy"].low < 0.45 < found["accuracy"].high
    assert found["accuracy"].num_films == 40


def test_changes_of_equal_answers_are_exactly_0():
    found = changes(new_run(answers(wrong=4)), new_run(answers(wrong=4)), source=CROSS_VALIDATION)
    assert {(change.value, change.low, change.high, change.is_same) for change in found.values()} == {(0, 0, 0, True)}


@pytest.mark.parametrize("wrong", [(4, 5), (4, 12)])
def test_change_of_accuracy_has_the_interval_that_which_is_better_names(wrong):
    runs = [new_run(answers(wrong=each)) for each in wrong]
    change = changes(*runs, source=CROSS_VALIDATION)["accuracy"]
    sides = [
        Side(accuracies=[1 - each / 40], right=told_right(held_out_answers(run)))
        for each, run in zip(wrong, runs, strict=True)
    ]
    over_patients = compare(*sides, PATIENTS).over_patients
    assert (change.low, change.high) == pytest.approx((over_patients.low, over_patients.high))


def test_changes_of_equal_calls_with_other_probabilities_keep_an_interval():
    second = new_run(answers(wrong=4) * 0.9 + 0.05)
    change = changes(new_run(answers(wrong=4)), second, source=CROSS_VALIDATION)["accuracy"]
    assert change.value == 0
    assert change.low < -0.04 < 0.04 < change.high


def test_paired_interval_is_narrower_than_that_of_two_strangers():
    first, second = new_run(answers(wrong=12)), new_run(answers(wrong=10))
    paired = changes(first, second, source=VALIDATION)["accuracy"]
    alone = [run.report()["accuracy"] for run in (first, second)]
    assert paired.high - paired.low < np.hypot(*[figure["high"] - figure["low"] for figure in alone])


def test_changes_on_other_x_rays_have_no_interval():
    found = changes(new_run(answers(wrong=4)), new_run(answers(wrong=2), prefix="other"), source=VALIDATION)
    assert found["accuracy"].value == pytest.approx(0.05)
    assert found["accuracy"].low is None


def test_changes_of_a_run_of_an_earlier_version_have_no_interval():
    first, second = new_run(answers(wrong=4)), new_run(answers(wrong=2))
    first.reference_path.unlink()
    assert changes(first, second, source=CROSS_VALIDATION)["auc"].low is None
    assert changes(first, second, source=VALIDATION)["auc"].low is not None


def test_changes_without_a_report_are_none():
    first, second = new_run(answers(wrong=4)), RunStore().create(TrainingConfig(dataset="films"))
    assert changes(first, second, source=CROSS_VALIDATION) == {}
