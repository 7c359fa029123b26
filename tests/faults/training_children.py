"""Runs executed in processes that can be killed, cheaply: one process loads TensorFlow, and forks for each execution.

    python -m tests.faults.training_children

reads from its input, a line each, the JSON of a run's folder ("run") and of the change of a file at which it is to be killed
("at", 0 for none; see ``killing``). It answers with the number of the process at once ("pid"), and at its end with how it ended
("status" as the system says it) and, where nobody killed it, how many changes it made ("changes"). For a "folder" in place of
a run it does what ``kill_every_write`` does, and answers with what that returns.
"""

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.learning.activations import open_pack
from covidlab.learning.backbones.vgg16 import BACKBONE

# Epoch after epoch, so that a kill finds one under way.
CONFIG = {"epochs": 6, "views": 1, "batch_size": 4, "learning_rate": 0.01}


def fake_activations(dataset: Path, *, views: int = 1, shift: float = 1.0) -> TrainingConfig:
    """Put numbers for every X-ray into the pack in place of what VGG16 gives; return settings of a short run on them."""
    catalog = load_catalog(dataset)
    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head")
    for number, (sha256, label) in enumerate(zip(catalog.films["sha256"], catalog.labels, strict=True)):
        for view in range(views):
            noise = np.random.default_rng([number, view]).normal(size=(1, 1, 512)) + shift * label
            pack.add([(sha256, view)], np.broadcast_to(noise, (1, 7, 7, 512)).astype(np.float16))
    return TrainingConfig(dataset=str(dataset), **{**CONFIG, "views": views})


def main() -> None:
    """Answer one line after another."""
    BACKBONE.require_weights()
    # These load TensorFlow, which computes nothing in this process.
    from covidlab.runs.execution import Execution
    from tests.faults.kill_every_write import kill_every_write

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "folder" in order:
            print(json.dumps(kill_every_write(Path(order["folder"]))), flush=True)
            continue
        with tempfile.TemporaryFile() as told:
            pid = os.fork()
            if not pid:
                execute(Execution, Path(order["run"]), at=order["at"], told=told)
            print(json.dumps({"pid": pid}), flush=True)
            status = os.waitpid(pid, 0)[1]
            told.seek(0)
            print(json.dumps({"status": status, "changes": int(told.read() or 0)}), flush=True)


def execute(execution: type, path: Path, *, at: int, told) -> None:
    """Execute a run in this process and end it."""
    from covidlab.runs.store import Run
    from tests.faults.killing import Killer

    run, killer, status = Run(path), Killer(path, at=at), 1
    try:
        killer.install()
        with run.locked():
            execution(run).execute()
        told.write(str(killer.num_changes).encode())
        told.flush()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Whatever happens, the loop of the parent is not entered.
        os._exit(status)


if __name__ == "__main__":
    main()
