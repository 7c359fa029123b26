"""A real run on small films, trained once for all tests of this folder."""

import numpy as np
import pytest
from PIL import Image

from covidlab.config import TrainingConfig
from covidlab.runs.store import Run, RunStore
from tests.homes import compute_once


@pytest.fixture(scope="session")
def trained(tmp_path_factory, activations_of_all_tests) -> tuple[Run, object]:
    """A finished head run on twelve films, and what executed it; in float32, as X-rays are read."""
    from covidlab.runs.execution import Execution

    home, films = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("films")
    compute_once(home, activations_of_all_tests)
    generator = np.random.default_rng(7)
    for kind, brightness in (("covid", 40), ("normal", 160)):
        (films / kind).mkdir()
        for number in range(6):
            pixels = generator.integers(brightness, brightness + 60, (90, 100)).astype(np.uint8)
            Image.fromarray(pixels).save(films / kind / f"film-{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(home))
        run = RunStore(home / "runs").create(TrainingConfig(dataset=str(films), epochs=4, views=1, precision="float32"))
        with run.locked():
            execution = Execution(run)
            assert execution.execute().state == "finished"
    return run, execution
