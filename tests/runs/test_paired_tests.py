"""McNemar's test of two runs from their files, and why two runs are not compared."""

from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.prediction.reference import save_reference
from covidlab.runs import paired_tests as tests
from covidlab.runs.comparing import NOT_CROSSED, OTHER_XRAYS
from covidlab.runs.store import RunStore
from tests.runs.answered import answered

NUM_FILMS = 12


@pytest.fixture
def make_run():
    """Return a function that makes a run whose X-rays ``wrong`` were told wrong; two X-rays a patient."""

    def make(wrong=(), *, fingerprint="same", folds=5, crossed=True, **changed):
        run = RunStore().create(TrainingConfig(dataset="set"))
        run.update_facts(data={"fingerprint": fingerprint})
        accuracy = {"accuracy": {"value": 1.0, "low": 0.0, "high": 1.0, "n": NUM_FILMS}, "folds": folds, "repeats": 10}
        run.write_report({"cross_validation": accuracy if crossed else {"skipped": "stopped"}})
        labels = np.arange(NUM_FILMS) // 2 % 2
        right = ~np.isin(np.arange(NUM_FILMS), wrong)
        known = answered(labels, right, np.arange(NUM_FILMS) // 2)
        save_reference(run.reference_path, replace(known, **changed))
        return run

    return make


def test_a_patient_counts_once_and_x_rays_each(make_run):
    found = tests.paired_tests(make_run((0, 1, 2)), make_run((4,)))
    assert (found.xrays.only_first, found.xrays.only_second, found.xrays.number) == (1, 3, 12)
    assert (found.patients.only_first, found.patients.only_second, found.patients.number) == (1, 2, 6)


def test_sentences_name_the_test_over_patients_first_where_patients_repeat(make_run):
    found = tests.paired_tests(make_run((0, 1, 2)), make_run((4,)))
    first, second = tests.describe_tests(found, names=("Run 1", "Run 2"))
    assert (
        "over 6 patients, each counted once" in first and "1 for Run 1, 2 for Run 2, p = 1.00. Go by this one." in first
    )
    assert "over 12 X-rays: 1 told right by Run 1 alone, 3 by Run 2 alone, p = 0.62" in second
    assert second.endswith("since patients have several X-rays.")


def test_sentence_without_repeats_is_one(make_run):
    alone = {"patients": np.arange(NUM_FILMS)}
    found = tests.paired_tests(make_run((0,), **alone), make_run(**alone))
    (only,) = tests.describe_tests(found, names=("Run 1", "Run 2"))
    assert "it is the test over patients too" in only


def test_sentence_without_known_patients_says_so(make_run):
    found = tests.paired_tests(make_run((0,), patients_known=False), make_run(patients_known=False))
    (only,) = tests.describe_tests(found, names=("Run 1", "Run 2"))
    assert "Patients are not known" in only


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"crossed": False}, NOT_CROSSED),
        ({"fingerprint": "other"}, OTHER_XRAYS),
        ({"sha256s": tuple(map(str, range(1, NUM_FILMS + 1)))}, OTHER_XRAYS),
        ({"labels": np.ones(NUM_FILMS, int)}, tests.OTHER_CLASSES),
        ({"positive_index": 0}, tests.OTHER_CLASSES),
        ({"patients": np.arange(NUM_FILMS)}, tests.OTHER_PATIENTS),
        ({"out_of_fold": np.full(NUM_FILMS, np.nan)}, tests.NO_ANSWERS),
        ({"folds": 4}, tests.OTHER_FOLDS),
    ],
)
def test_runs_that_differ_in_more_than_settings_are_refused_with_the_reason(make_run, changed, reason):
    found = tests.paired_tests(make_run(), make_run(**changed))
    assert found.refusal == reason and found.xrays is None
    assert tests.describe_tests(found, names=("Run 1", "Run 2")) == [reason]


def test_a_run_is_not_compared_with_itself(make_run):
    run = make_run()
    assert tests.paired_tests(run, run).refusal == tests.SAME_RUN
