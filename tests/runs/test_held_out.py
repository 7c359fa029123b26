"""What models said of X-rays they had not learned from, found again in a data set."""

import numpy as np
import pandas as pd
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.prediction.reference import load_out_of_fold, save_reference
from covidlab.runs.held_out import held_out_answers
from covidlab.runs.store import RunStore
from tests.prediction.references import make_reference

ANSWERS = (0.9, 0.2, 0.4, 0.6)


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


@pytest.fixture
def run(catalog):
    return RunStore().create(TrainingConfig(dataset=str(catalog.root)))


def keep_reference(run, catalog, answers=ANSWERS, **changes) -> None:
    """Write what the folds of a run said of the X-rays of a set, the last ones first."""
    values = {
        "features": np.ones((len(answers), 8), np.float32),
        "files": tuple(catalog.films["file"])[::-1],
        "sha256s": tuple(catalog.films["sha256"])[::-1],
        "labels": catalog.labels[::-1],
        "patients": np.arange(len(answers)),
        "trained": np.ones(len(answers), bool),
        "out_of_fold": np.array(answers)[::-1],
    }
    save_reference(run.reference_path, make_reference(**{**values, **changes}))


def test_answers_of_the_folds_are_found_by_content(run, catalog):
    keep_reference(run, catalog)
    answers = held_out_answers(run, catalog)
    np.testing.assert_allclose(answers.probabilities, ANSWERS, atol=1e-6)
    assert (answers.is_crossed, answers.num_known, answers.threshold) == (True, 4, 0.5)
    assert answers.is_right(catalog).tolist() == [True, False, True, False]


def test_answers_change_with_the_files_of_the_run(run, catalog):
    keep_reference(run, catalog)
    held_out_answers(run, catalog)
    keep_reference(run, catalog, (0.9, 0.9, 0.1, np.nan), features=np.ones((4, 9), np.float32))
    answers = held_out_answers(run, catalog)
    assert answers.num_known == 3
    assert answers.is_right(catalog).tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    "changes", [{"classes": ("covid", "other")}, {"positive_index": 1}, {"sha256s": tuple("abcd")}]
)
def test_answers_for_other_classes_or_x_rays_are_none(run, catalog, changes):
    keep_reference(run, catalog, **changes)
    assert held_out_answers(run, catalog) is None


def test_answers_without_folds_are_of_the_validation_part(run, catalog):
    keep_reference(run, catalog, (np.nan,) * 4)
    run.write_predictions(pd.DataFrame({"file": [catalog.films["file"][1]], "probability": [0.7]}))
    assert held_out_answers(run, catalog) is None
    run.update_facts(data={"fingerprint": catalog.fingerprint})
    run.write_report({"threshold": 0.8})
    run.write_predictions(pd.DataFrame({"file": [catalog.films["file"][1]], "probability": [0.75]}))
    answers = held_out_answers(run, catalog)
    assert (answers.is_crossed, answers.num_known, answers.threshold) == (False, 1, 0.8)
    assert not answers.is_right(catalog).any()


def test_out_of_fold_of_a_damaged_file_is_none(tmp_path):
    (tmp_path / "reference.npz").write_bytes(b"PK\x03\x04 not whole")
    assert load_out_of_fold(tmp_path / "reference.npz") is None
    assert load_out_of_fold(tmp_path / "missing.npz") is None
