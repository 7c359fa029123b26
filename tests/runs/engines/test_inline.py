"""The engine of the command line; what it prints and saves is tested in tests/cli."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import DataError
from covidlab.runs.engines.inline import InlineEngine
from covidlab.runs.status import State
from covidlab.runs.store import RunStore


@pytest.mark.usefixtures("warm_home")
def test_submit_returns_when_the_run_has_ended_and_tells_how_far_it_is(make_dataset):
    run = RunStore().create(TrainingConfig(dataset=str(make_dataset()), epochs=2, views=1), engine=InlineEngine.name)
    told = []
    InlineEngine(on_status=told.append).submit(run)
    assert run.status().state is State.FINISHED
    assert [told[0].epoch, told[-1].epoch] == [0, 2]


def test_submit_raises_what_made_the_run_fail(tmp_path):
    run = RunStore().create(TrainingConfig(dataset=str(tmp_path / "nowhere")), engine=InlineEngine.name)
    with pytest.raises(DataError, match="nowhere"):
        InlineEngine().submit(run)
    assert run.status().state is State.FAILED
