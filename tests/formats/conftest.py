"""What version 0.1.0 wrote, in the home of a test; ``version1/`` was written by it and never changes."""

import shutil
from pathlib import Path

import pytest

from covidlab.runs.store import RunStore


@pytest.fixture
def version1() -> Path:
    """Folder of the files as version 0.1.0 wrote them: home/ and films/."""
    return Path(__file__).parent / "version1"


@pytest.fixture
def runs(version1, covidlab_home) -> dict:
    """The four runs of version 1 by their number, in the home of this test."""
    shutil.copytree(version1 / "home", covidlab_home, dirs_exist_ok=True)
    return {run.number: run for run in RunStore().list()}
