"""Two runs on Audit: fewer than two, two that can be compared, and two that cannot, with the reason."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.prediction.reference import save_reference
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from tests.runs.answered import answered

NUM_FILMS = 12


def page(folder):
    from pathlib import Path

    from covidlab.data.catalog import load_catalog
    from covidlab.ui.audit.audited import Audited
    from covidlab.ui.audit.comparing import draw_comparing

    draw_comparing(Audited(catalog=load_catalog(Path(folder)), run=None))


@pytest.fixture
def dataset(make_dataset):
    return make_dataset({"covid": 1, "normal": 1})


@pytest.fixture
def make_run(dataset):
    """Return a function that makes a finished run of the set that told its first ``num_wrong`` X-rays wrong."""

    def make(num_wrong, *, fingerprint="same"):
        run = RunStore().create(TrainingConfig(dataset=str(dataset)))
        run.update_facts(data={"fingerprint": fingerprint, "name": load_catalog(dataset).name})
        labels, right = np.arange(NUM_FILMS) % 2, np.arange(NUM_FILMS) >= num_wrong
        value = {"value": float(right.mean()), "low": 0.0, "high": 1.0, "n": NUM_FILMS}
        folds = (right.mean() + 0.02 * np.random.default_rng(num_wrong).normal(size=(10, 5))).tolist()
        crossed = {"accuracy": value, "num_patients": 6, "folds": 5, "repeats": 10, "fold_accuracies": folds}
        run.write_report({"cross_validation": crossed})
        run.write_status(Status(state=State.FINISHED))
        save_reference(
            run.reference_path,
            answered(labels, right, np.arange(NUM_FILMS) // 2),
        )
        return run

    return make


def text_of(dataset) -> str:
    app = AppTest.from_function(page, args=(str(dataset),), default_timeout=60).run()
    assert not app.exception
    found = [*app.markdown, *app.caption, *app.info, *app.success]
    return " ".join(element.value for element in found).replace("\\", "")


def test_fewer_than_two_runs_are_told_what_it_takes(dataset, make_run):
    assert "there are none" in text_of(dataset)
    make_run(1)
    assert "there is one" in text_of(dataset)


def test_two_runs_have_tests_an_interval_and_the_patients_that_would_be_needed(dataset, make_run):
    make_run(3)
    make_run(2)
    said = text_of(dataset)
    assert "No difference can be seen with 6 patients." in said
    assert "McNemar's exact test over 6 patients, each counted once" in said
    assert "0 for Run 1, 1 for Run 2, p = 1.00. Go by this one." in said
    assert "80 of 100 studies like this would show it with about" in said


def test_runs_on_other_x_rays_are_not_compared_and_the_reason_is_said(dataset, make_run):
    make_run(3)
    make_run(2, fingerprint="other")
    said = text_of(dataset)
    assert "The runs are on other X-rays" in said and "McNemar's exact test over" not in said
