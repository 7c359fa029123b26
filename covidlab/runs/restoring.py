"""Runs brought back from the archive: compared with their checksums first, and never in place of one that is here."""

import hashlib
import os
from pathlib import Path

from filelock import FileLock

from covidlab.errors import CovidLabError, RunError
from covidlab.files import require_free_space, storage_errors
from covidlab.learning.modelcard import require_sha256
from covidlab.runs.archive import COPIED_STATES, Archive, Manifest, StoredFile, is_run_id, mark_as_copied, stamp_of
from covidlab.runs.models import model_file
from covidlab.runs.store import Run, RunStore, replacing_folder

_ROOM_BYTES = 4_000_000


def restore(archive: Archive, run_id: str, store: RunStore) -> Manifest:
    """Bring a run back into ``store``, whole or not at all, and return what it holds.

    Raises
    ------
    RunError
        The run is here already, is not in the archive, or is not what its manifest and its run.json say.
    StorageError
        The archive cannot be read, or the disk is too small.
    """
    if not is_run_id(run_id):
        raise RunError(f"The name of a run's folder is expected, such as 0012-ab34. Received: {run_id!a:.100}.")
    if (store.folder / run_id).exists():
        raise RunError(f"This run is here already; nothing was changed. Received: {run_id}.")
    manifest = archive.manifest(run_id)
    if manifest is None:
        raise RunError(f"There is no run of this name in {archive.shown}. Received: {run_id}.")
    require_free_space(store.folder, manifest.num_bytes + _ROOM_BYTES)
    with replacing_folder(store.folder) as temporary:
        for name, file in manifest.files.items():
            _fetch(archive, f"{run_id}/{name}", file, temporary / name)
        _require_run(Run(temporary), run_id)
        mark_as_copied(Run(temporary), archive.shown, stamp_of(Run(temporary)))
        _put_in_place(temporary, store.folder / run_id)
    return manifest


def _fetch(archive: Archive, name: str, file: StoredFile, path: Path) -> None:
    """Write one file, and compare it with its size and checksum; never more than its size is written."""
    found, num_bytes = hashlib.sha256(), 0
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as here:
            for chunk in archive.store.chunks(name) if file.num_bytes else ():
                num_bytes += len(chunk)
                if num_bytes > file.num_bytes:
                    break
                found.update(chunk)
                here.write(chunk)
    if num_bytes != file.num_bytes or found.hexdigest() != file.sha256:
        raise RunError(
            f"{name} in {archive.shown} is not what was copied there: its checksum is another. The run was not restored. "
            "Remove its copy; where the run is whole, `python -m covidlab runs archive` then copies it again."
        )


def _require_run(run: Run, run_id: str) -> None:
    """Raise RunError for what is no run that has ended, or a model that is not the one its run saved."""
    state = run.recorded_status().state
    if state not in COPIED_STATES:
        raise RunError(f"The copy of {run_id} is no run that has ended, so it was not restored. Received: {state}.")
    if not run.model_path.exists():
        return
    try:
        model = model_file(run)
        require_sha256(model.path, model.sha256, name=run_id)
        if model.reference is not None:
            require_sha256(model.reference, model.reference_sha256, name=run_id)
    except (CovidLabError, OSError) as error:
        raise RunError(
            f"The model in the copy of {run_id} is not used, so the run was not restored. {error}"
        ) from error


def _put_in_place(temporary: Path, path: Path) -> None:
    with storage_errors(path), FileLock(path.parent / ".lock"):
        if path.exists():
            raise RunError(f"This run is here already; nothing was changed. Received: {path.name}.")
        os.rename(temporary, path)
