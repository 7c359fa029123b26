"""Jobs and the classes that execute them."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.runs.starting import start_job
from covidlab.runs.store import RunStore

pytestmark = pytest.mark.usefixtures("covidlab_home")


@pytest.fixture
def config(make_dataset):
    return TrainingConfig(dataset=str(make_dataset()))


def test_start_job_that_only_a_later_version_knows_is_refused(config):
    run = RunStore().create(config)
    run.update_facts(job="dream")
    with run.locked(), pytest.raises(RunError, match=r"cannot do this job.*Received: dream"):
        start_job(run)
