"""Faults that happen for real: processes that are killed, disks that are full, files that are damaged."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from covidlab.paths import PROJECT_ROOT
from covidlab.runs.store import Run


@pytest.fixture
def quick_passes(monkeypatch) -> None:
    """Let the frozen layers give something at once that tells X-rays apart."""

    import tensorflow as tf

    def forward(*_) -> Callable:
        def passed(films: np.ndarray) -> "tf.Tensor":
            cells = films[:, ::32, ::32, :1].astype(np.float32) / 255.0
            return tf.constant(np.repeat(cells, 512, axis=3) * np.linspace(-1, 1, 512, dtype=np.float32))

        return passed

    monkeypatch.setattr("covidlab.learning.film_activations.forward", forward)


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Callable[..., Path]]:
    """Return a function that mounts a disk of so many bytes and returns its folder; what it is asked to is unmounted."""
    mounted: list[Path] = []

    def mount(num_bytes: int) -> Path:
        folder = tmp_path / f"disk {len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={num_bytes}", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        # Also while something still holds a file of it.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Children:
    """Executes runs in processes that may be killed; see tests/faults/training_children.py."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.training_children"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()

    def begin(self, run: Run, *, kill_at: int = 0) -> int:
        """Begin to execute a run, and return the number of the process that does."""
        print(json.dumps({"run": str(run.path), "at": kill_at}), file=self._process.stdin, flush=True)
        return self._answer()["pid"]

    def wait(self) -> tuple[int, int]:
        """Return how the process ended, as the system says it, and how many changes of files it made."""
        answer = self._answer()
        return answer["status"], answer["changes"]

    def execute(self, run: Run, *, kill_at: int = 0) -> tuple[int, int]:
        """Execute a run and wait for its end, or for the end of its process."""
        self.begin(run, kill_at=kill_at)
        return self.wait()

    def kill_every_write(self, folder: Path) -> dict:
        """Return what ``kill_every_write`` found."""
        print(json.dumps({"folder": str(folder)}), file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """End the process that forks."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> dict:
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory) -> Path:
    """One home for all tests of a module."""
    return tmp_path_factory.mktemp("home of children")


@pytest.fixture(scope="module")
def children(shared_home) -> Iterator[Children]:
    """The process that forks for each execution."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(shared_home))
        begun = Children()
        yield begun
        begun.close()
