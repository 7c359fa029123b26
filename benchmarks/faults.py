"""Kills training processes again and again, and prints what that costs.

Three kinds of kill (SIGKILL): at random changes of files within a run (half of a write, a write, a flush, a rename), at every such
change at the end of an epoch one after another, and after random times. The run is one of a head on made-up activations, so that
an execution takes a second; the files, their order and the process are those of every run. Each killed run is taken up again until
it ends, and then compared with one that nobody disturbed.

Printed: kills injected; epochs lost (of those in history.csv, that are not in the end); epochs repeated, at most for one kill and in
all; final models that are damaged; runs that differ from the undisturbed one.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import PROJECT_ROOT, fresh_home, print_load, print_target
from PIL import Image

from covidlab.learning.modelcard import file_sha256
from covidlab.runs.checkpoint import load_checkpoint
from covidlab.runs.learning_record import load_record
from covidlab.runs.store import Run, RunStore
from tests.faults.training_children import fake_activations
from tests.homes import decide_for_float32


class Children:
    """The process that forks for each execution, see tests/faults/training_children.py."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.faults.training_children"]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=PROJECT_ROOT, text=True, env=environment, **pipes)
        self.answer()

    def ask(self, **order) -> dict:
        """Give an order; return the first answer."""
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return self.answer()

    def close(self) -> None:
        """End the process that forks."""
        self._process.kill()
        self._process.communicate()

    def answer(self) -> dict:
        """Return the next answer."""
        return json.loads(self._process.stdout.readline())


class Tally:
    """What the kills have cost."""

    def __init__(self):
        self.kills = self.lost = self.repeated = self.most_repeated = self.damaged = self.different = self.runs = 0

    def killed(self, run: Run) -> None:
        """Count a kill, and how many epochs the next process does again."""
        checkpoint = load_checkpoint(run.path / "checkpoint.npz")
        again = len(run.history()) - (checkpoint[0] if checkpoint else 0)
        self.kills, self.repeated = self.kills + 1, self.repeated + again
        self.most_repeated = max(self.most_repeated, again)

    def ended(self, run: Run, undisturbed: Run) -> None:
        """Compare a run that has ended with one that nobody disturbed."""
        self.runs += 1
        self.lost += len(set(undisturbed.history()["epoch"]) - set(run.history()["epoch"]))
        is_whole = run.model_path.exists() and run.load_facts().get("model_sha256") == file_sha256(run.model_path)
        self.damaged += not is_whole
        record, expected = load_record(run), load_record(undisturbed)
        is_same = (
            run.status().state == "finished"
            and run.predictions().equals(undisturbed.predictions())
            and np.array_equal(record.probabilities, expected.probabilities)
            and record.crossed.equals(expected.crossed)
        )
        self.different += not is_same


def main() -> None:
    """Kill, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40, help="at random changes, and as many after random times")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print_load()
    generator, tally = np.random.default_rng(options.seed), Tally()
    with fresh_home() as home, tempfile.TemporaryDirectory() as folder:
        decide_for_float32(home)
        config = fake_activations(make_films(Path(folder) / "films"))
        children, store = Children(), RunStore()
        undisturbed = store.create(config)
        begun = time.perf_counter()
        num_changes = (children.ask(run=str(undisturbed.path), at=0), children.answer())[1]["changes"]
        seconds = time.perf_counter() - begun
        while tally.kills < 2 * options.kills:
            is_timed = tally.kills >= options.kills
            disturb(
                children,
                store.create(config),
                undisturbed,
                tally,
                generator,
                seconds if is_timed else num_changes,
                is_timed,
            )
        make_films(Path(folder) / "four" / "films", of_a_class=2)
        found = children.ask(folder=str(Path(folder) / "four"))
        children.close()
    print(f"kills injected: {tally.kills} in {tally.runs} runs at random, and {found['kills']} at every change in turn")
    print_target("epochs lost", tally.lost, target=0, unit="epochs")
    print_target("epochs repeated, at most for a kill", tally.most_repeated, target=1, unit="epochs")
    print(f"epochs repeated in all: {tally.repeated}")
    print_target("damaged final models", tally.damaged, target=0, unit="models")
    print_target("runs that differ from the undisturbed one", tally.different, target=0, unit="runs")
    print_target("wrong after a kill at every change", len(found["wrong"]), target=0, unit="files")


def disturb(
    children: Children, run: Run, undisturbed: Run, tally: Tally, generator, whole: float, is_timed: bool
) -> None:
    """Kill a run, each time within what an undisturbed one takes, until one of its processes is quicker."""
    while run.status().state in ("queued", "interrupted"):
        moment = generator.uniform(0, whole)
        pid = children.ask(run=str(run.path), at=0 if is_timed else int(moment) + 1)["pid"]
        if is_timed:
            time.sleep(moment)
            # It is the child of another process, which waits for it: the number may be free by now, and is not used again so soon.
            if run.is_locked():
                os.kill(pid, signal.SIGKILL)
        ended = children.answer()
        if os.WIFSIGNALED(ended["status"]):
            tally.killed(run)
        elif ended["status"]:
            raise RuntimeError(f"The process of {run.path} ended with {ended['status']}.")
    tally.ended(run, undisturbed)


def make_films(folder: Path, *, of_a_class: int = 4) -> Path:
    """Write small pictures in two classes."""
    for label, kind in enumerate(("covid", "normal")):
        (folder / kind).mkdir(parents=True)
        for number in range(of_a_class):
            pixels = np.random.default_rng([label, number]).integers(0, 256, (80, 96)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"film-{number}.png")
    return folder


if __name__ == "__main__":
    main()
