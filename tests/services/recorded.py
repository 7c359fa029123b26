"""Runs with a record of how they learned, written by hand: no network."""

import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split
from covidlab.runs.recording import Recorder
from covidlab.runs.store import Run

ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "seconds": 0.25}
# Of the X-rays covid 0 and 1, normal 0 and 1, by epoch; covid 1 and normal 1 are validation.
PROBABILITIES = ([0.4, 0.6, 0.6, 0.4], [0.7, 0.4, 0.3, 0.2], [0.9, 0.6, 0.1, 0.2], [0.95, 0.8, 0.05, 0.01])


def record(run: Run, catalog: Catalog, probabilities=PROBABILITIES, *, val_accuracy: float = 1.0) -> Recorder:
    """Write what a run of head depth writes for each epoch, the validation accuracy always the same."""
    films = np.arange(catalog.num_films)
    split = Split(train=films[films % 2 == 0], validation=films[films % 2 == 1])
    recorder = Recorder(run, catalog, split, run.load_config())
    run.update_facts(
        data={"classes": list(catalog.classes), "num_validation": len(split.validation), "num_films": len(films)}
    )
    for epoch, row in enumerate(probabilities):
        recorder.add(epoch, np.array(row))
        if epoch:
            run.append_history(
                epoch=epoch, **ROW, val_accuracy=val_accuracy, val_accuracy_low=0.34, val_accuracy_high=1
            )
    return recorder
