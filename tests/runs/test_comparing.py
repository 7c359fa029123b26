"""Which of two groups of runs is better, from their files."""

import re
from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.prediction.reference import load_reference, save_reference
from covidlab.runs.comparing import NOT_CROSSED, OTHER_XRAYS, which_is_better
from covidlab.runs.store import RunStore
from tests.runs.answered import answered

NAMES = ("Run 1", "Run 2")
NUM_FILMS = 40


@pytest.fixture
def make_run():
    """Return a function that makes a run whose first ``num_wrong`` X-rays were told wrong by the folds."""

    def make(num_wrong, *, seed=1, folds=True, fingerprint="same", spread=0.02):
        run = RunStore().create(TrainingConfig(dataset="set", seed=seed))
        run.update_facts(data={"fingerprint": fingerprint})
        labels = np.arange(NUM_FILMS) % 2
        right = np.arange(NUM_FILMS) >= num_wrong
        generator = np.random.default_rng(seed)
        accuracy = float(right.mean())
        of_folds = (accuracy + spread * generator.normal(size=(10, 5))).tolist()
        crossed = {
            "accuracy": {"value": accuracy, "low": 0.0, "high": 1.0, "n": NUM_FILMS},
            "num_patients": NUM_FILMS,
            **({"fold_accuracies": of_folds} if folds else {}),
        }
        run.write_report({"cross_validation": crossed})
        save_reference(
            run.reference_path,
            answered(labels, right, np.arange(NUM_FILMS)),
        )
        return run

    return make


def test_small_difference_cannot_be_told_by_so_many_patients(make_run):
    verdict = which_is_better([make_run(8)], [make_run(6)], names=NAMES)
    assert not verdict.can_tell
    assert verdict.headline.startswith(
        "No difference can be seen with 40 patients. Cross-validated accuracy with its 95 % interval, n = 40 X-rays: "
        "Run 1 0.80 (0.00 to 1.00), Run 2 0.85 (0.00 to 1.00), a difference of +0.05."
    )
    assert verdict.headline.endswith("holds 0.")


@pytest.mark.parametrize(("wrong", "better"), [((20, 2), "Run 2"), ((2, 20), "Run 1")])
def test_large_difference_is_told_whichever_comes_first(make_run, wrong, better):
    verdict = which_is_better([make_run(wrong[0])], [make_run(wrong[1])], names=NAMES)
    assert verdict.can_tell
    assert verdict.headline.startswith(f"{better} is better.")


def test_spread_of_seeds_and_intervals_are_said_apart(make_run):
    first = [make_run(8, seed=1), make_run(10, seed=2)]
    verdict = which_is_better(first, [make_run(6)], names=("Runs 1, 2", "Run 3"))
    assert verdict.seeds[0].startswith("Runs 1, 2: 0.75 to 0.80 over 2 seeds.")
    assert verdict.seeds[1] == "Run 3: one seed, so the spread of seeds is not known."
    patients, folds, _ = verdict.intervals
    assert patients.startswith("Interval over 40 patients: ")
    assert folds.startswith("Interval over 50 folds: ") and "Nadeau and Bengio 2003" in folds


def test_runs_of_an_earlier_version_are_not_told_apart(make_run):
    verdict = which_is_better([make_run(20, folds=False)], [make_run(2)], names=NAMES)
    assert not verdict.can_tell
    assert "do not keep the accuracy of each fold" in verdict.headline
    assert len(verdict.intervals) == 1


def test_runs_that_tell_the_same_x_rays_right_are_said_to_be_equal(make_run):
    verdict = which_is_better([make_run(8)], [make_run(8)], names=NAMES)
    assert not verdict.can_tell
    assert "told the same number of X-rays right in each fold" in verdict.headline


def test_runs_on_other_x_rays_or_without_cross_validation_are_refused(make_run):
    other = which_is_better([make_run(8)], [make_run(6, fingerprint="other")], names=NAMES)
    assert other.refusal == OTHER_XRAYS
    stopped = make_run(6)
    stopped.write_report({"cross_validation": {"skipped": "stopped"}})
    assert which_is_better([make_run(8)], [stopped], names=NAMES).refusal == NOT_CROSSED


def test_needed_patients_are_told_with_the_difference_that_those_here_would_show(make_run):
    needed = which_is_better([make_run(8)], [make_run(6)], names=NAMES).needed
    assert needed.startswith("If the true difference is +0.05, 80 of 100 studies like this would show it with about ")
    assert "With 40 patients they would show one of 0." in needed


def test_needed_patients_are_more_than_there_are_where_no_difference_can_be_seen(make_run):
    # Over patients alone this difference would show, over folds too it does not.
    verdict = which_is_better([make_run(12, spread=0.3)], [make_run(4, spread=0.3, seed=2)], names=NAMES)
    assert not verdict.can_tell and verdict.comparison.over_patients.leaves_out_zero
    needed = int(re.search(r"with about (\d+) patients", verdict.needed).group(1))
    assert needed > NUM_FILMS


def test_needed_patients_of_no_difference_are_none(make_run):
    verdict = which_is_better([make_run(8)], [make_run(8)], names=NAMES)
    assert verdict.needed == ""


def test_needed_patients_of_a_difference_of_0_are_none(make_run):
    equal = make_run(8), make_run(8)
    known = load_reference(equal[1].reference_path)
    save_reference(equal[1].reference_path, replace(known, out_of_fold=known.out_of_fold[::-1].copy()))
    needed = which_is_better([equal[0]], [equal[1]], names=NAMES).needed
    assert needed.startswith("No number of patients shows a difference of 0. With 40 patients 80 of 100 studies")
