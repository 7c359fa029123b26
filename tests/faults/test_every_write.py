"""Killed at every write of the end of an epoch: checkpoint, history and what a run keeps of how it learned."""

import json
import subprocess
import sys

from covidlab.paths import PROJECT_ROOT


def test_run_killed_at_any_write_of_an_epoch_loses_and_doubles_nothing(make_dataset, tmp_path):
    make_dataset({"covid": 2, "normal": 2})
    command = [sys.executable, "-m", "tests.faults.kill_every_write", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["wrong"] == []
    # Half and whole of each write, each flush and both sides of each rename.
    assert said["kills"] > 15
