"""The recording that comes with the package: what a run on the curated fifty wrote, to be played where nothing can be trained.

``python -m covidlab.runs.recorded_run RUN`` remakes it from the folder of a finished run on the fifty with the default settings
in float32. It holds names of files and patients of public X-rays, as dataset/metadata.csv does, no pixels and no model.
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, RunError
from covidlab.files import read_json, storage_errors, write_json
from covidlab.language import tr
from covidlab.paths import RECORDED_RUN
from covidlab.runs.jobs import EngineName
from covidlab.runs.learning_record import CROSSVALIDATION, FILMS, PROBABILITIES
from covidlab.runs.store import Run, RunStore

CAME_WITH = "came_with_covidlab"

_TABLES = (FILMS, PROBABILITIES, CROSSVALIDATION, "history.csv", "steps.csv", "predictions.csv", "report.json")
_FACTS = ("created", "data", "precision", "device", "versions")


def fits(catalog: Catalog) -> bool:
    """Return whether the recording is of the X-rays of a set."""
    return Run(RECORDED_RUN).load_facts().get("data", {}).get("fingerprint") == catalog.fingerprint


def bring_recorded_run(catalog: Catalog) -> Run:
    """Return the recording as a finished run of this installation on ``catalog``, the same one when it is asked for again.

    Raises RunError where the recording is of other X-rays, and StorageError where it cannot be written.
    """
    if not fits(catalog):
        raise RunError(
            tr(
                "The recording that comes with covidlab is of the curated fifty. Received: {num_films} X-rays in "
                "{name}.",
                num_films=catalog.num_films,
                name=catalog.name,
            )
        )
    shipped, store = Run(RECORDED_RUN), RunStore()
    for run in store.list():
        if run.load_facts().get(CAME_WITH) and Path(run.load_dataset().path) == catalog.root:
            return run
    config = replace(shipped.load_config(), dataset=str(catalog.root))
    run = store.create(config, engine=EngineName.INLINE, fingerprint=catalog.fingerprint, is_numbered=False)
    with run.locked():
        try:
            _copy(shipped, run)
        except CovidLabError:
            # A part of it would wait in the queue for ever.
            shutil.rmtree(run.path, ignore_errors=True)
            raise
    return run


def _copy(shipped: Run, run: Run) -> None:
    with storage_errors(run.path):
        for name in _TABLES:
            shutil.copyfile(shipped.path / name, run.path / name)
        facts = shipped.load_facts()
        run.update_facts(**{name: facts[name] for name in _FACTS if name in facts}, **{CAME_WITH: True})
        run.write_status(shipped.recorded_status())


def make_recording(run: Run, folder: Path = RECORDED_RUN) -> None:
    """Replace the recording by what ``run`` wrote, without the place of its data set, its model and its features."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _TABLES[:-1]:
        shutil.copyfile(run.path / name, folder / name)
    facts, report = run.load_facts(), run.report()
    # There is no model that this would be the checksum of.
    report.pop("model_sha256", None)
    write_json(folder / "report.json", _without_place(report))
    kept = {name: facts[name] for name in ("format", "job", "engine", "config", "dataset", *_FACTS) if name in facts}
    write_json(folder / "run.json", _without_place(kept))
    status = read_json(run.path / "status.json")
    write_json(folder / "status.json", {**status, "owner": {}, "heartbeat": 0.0})


def _without_place(values: dict) -> dict:
    """The same with "dataset" for the folder of the data set, wherever it stands."""
    places = {"config": "dataset", "dataset": "path"}
    return values | {part: {**values[part], name: "dataset"} for part, name in places.items() if part in values}


if __name__ == "__main__":
    make_recording(Run(Path(sys.argv[1])))
