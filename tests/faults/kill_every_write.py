"""Does a piece of a run's writing again and again, killed at each next change of a file; see ``training_children``."""

import os
import shutil
from pathlib import Path

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.splits import Split
from covidlab.runs.checkpoint import load_checkpoint, save_checkpoint
from covidlab.runs.learning_record import load_epoch_heads, load_record
from covidlab.runs.recording import Recorder
from covidlab.runs.store import Run, RunStore
from tests.faults.killing import Killer

SHAPES = [(4, 3), (3,), (3, 2), (2,)]
ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}
CROSSED = np.array([[[0.9, 0.1]] * 4])


def kill_every_write(folder: Path) -> dict:
    """Kill, look, go on where the run stood, look again; until a child ends by itself.

    ``folder`` holds the X-rays in films/. Returns how many kills there were, and what was found wrong after one of them.
    """
    catalog = load_catalog(folder / "films")
    config = TrainingConfig(dataset=str(catalog.root), epochs=3)
    split = Split(train=np.array([0, 1, 3]), validation=np.array([2]))
    original = RunStore(folder / "runs").create(config)
    finish(original, Recorder(original, catalog, split, config), epochs=[0, 1], is_end=False)
    kills, wrong = 0, []
    while True:
        run = Run(folder / "runs" / f"{kills + 100:04d}-copy")
        shutil.copytree(original.path, run.path)
        if child := os.fork():
            status = os.waitpid(child, 0)[1]
        else:
            try:
                Killer(run.path, at=kills + 1).install()
                finish(run, Recorder(run, catalog, split, config), epochs=[2])
            finally:
                os._exit(0)
        wrong += [f"at change {kills + 1}: {problem}" for problem in problems(run, whole=status == 0)]
        if status == 0:
            break
        kills += 1
        epoch, _ = load_checkpoint(run.path / "checkpoint.npz")
        run.forget_after(epoch)
        again = Recorder(run, catalog, split, config)
        again.forget_after(epoch)
        finish(run, again, epochs=range(epoch + 1, 3))
        wrong += [f"resumed after change {kills}: {problem}" for problem in problems(run, whole=True)]
        shutil.rmtree(run.path)
    return {"kills": kills, "wrong": wrong}


def finish(run: Run, recorder: Recorder, *, epochs, is_end: bool = True) -> None:
    """Write what an execution writes at the end of each epoch, and after the last one the honest curve, in its order."""
    for epoch in epochs:
        if epoch:
            run.append_history(epoch=epoch, **ROW)
        recorder.add(epoch, np.full(4, epoch / 4))
        recorder.add_head(epoch, [np.full(shape, epoch, np.float32) for shape in SHAPES])
        save_checkpoint(run.path / "checkpoint.npz", epoch=epoch, arrays=[np.full(5000, epoch, np.float32)])
    if is_end:
        recorder.begin_crossed()
        for epoch in range(3):
            recorder.add_crossed(epoch, CROSSED)


def problems(run: Run, *, whole: bool) -> list[str]:
    """What is wrong with the files of a run: nothing of a finished epoch may be damaged or lost, nothing stand twice."""
    found, ends = [], [2] if whole else [1, 2]
    checkpoint = load_checkpoint(run.path / "checkpoint.npz")
    if checkpoint is None or checkpoint[0] not in ends or set(checkpoint[1][0]) != {checkpoint[0]}:
        return ["the checkpoint is damaged"]
    record = load_record(run)
    heads = load_epoch_heads(run, SHAPES)
    tables = {
        "history": run.history()["epoch"].tolist(),
        "probabilities": record.epochs.tolist(),
        "heads": sorted(heads),
    }
    for name, kept in tables.items():
        first = 1 if name == "history" else 0
        if kept not in [list(range(first, last + 1)) for last in ends]:
            found.append(f"{name} {kept}")
    crossed = record.crossed["epoch"].tolist()
    if crossed != [0, 1, 2][: 3 if whole else len(crossed)]:
        found.append(f"crossed {crossed}")
    if any(np.ptp(row) or row[0] != epoch / 4 for epoch, row in zip(record.epochs, record.probabilities, strict=True)):
        found.append("a probability is another")
    if any(head[0][0, 0] != epoch for epoch, head in heads.items()):
        found.append("a head is another")
    return found
