"""Runs that have ended, kept in an object store as well: what COVIDLAB_ARCHIVE names.

<run>/<file>            the files of a run directory, without locks, leases and what asks for a stop
<run>/manifest.json     written last: size and SHA-256 of each file, and what tells runs of one name apart

A run without a manifest is not there. So a copy is whole or absent, though a store has no rename that replaces many files at once.
Whoever can write to the archive can write models, which are believed because their run names their checksum: it has to be
trusted as COVIDLAB_HOME is.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import covidlab
from covidlab.errors import RunError, UsageError
from covidlab.files import load_dataclass, newer_format, read_json, write_json
from covidlab.object_store import NothingThere, ObjectStore, StoreError, is_address
from covidlab.runs.status import State
from covidlab.runs.store import Run
from covidlab.text import pluralize

MANIFEST, MANIFEST_FORMAT = "manifest.json", 1
# In the run's folder: where its copy is, and of which files.
COPIED = "archived.json"
COPIED_STATES = (State.FINISHED, State.STOPPED, State.FAILED)

_MAX_MANIFEST_BYTES = 20_000_000
_RUN_ID = re.compile(r"\d{4,12}-[0-9a-f]{4}")
_SHA256 = re.compile("[0-9a-f]{64}")
_NOT_COPIED = frozenset(("lock", "lease.json", "stop", COPIED, MANIFEST))


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """Size and checksum of a file of a copy."""

    num_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a copy holds: files by name. created: when the run was made, which tells runs of one name apart."""

    run: str
    created: str
    files: Mapping[str, StoredFile] = field(repr=False)
    state: str = ""
    copied: str = ""
    version: str = ""
    format: int = MANIFEST_FORMAT

    @property
    def num_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.num_bytes for file in self.files.values())

    @property
    def size_text(self) -> str:
        """How much it is, in words."""
        return f"{pluralize(len(self.files), 'file')}, {self.num_bytes / 1e6:.1f} MB"


def archive_address() -> str:
    """Return the address of the archive, "" where there is none."""
    return os.environ.get("COVIDLAB_ARCHIVE", "").strip()


def open_archive() -> "Archive":
    """Return the archive that COVIDLAB_ARCHIVE names; raises UsageError where it names none or none that can be opened."""
    address = archive_address()
    if not is_address(address):
        raise UsageError(
            "COVIDLAB_ARCHIVE should name the object store for runs that have ended, such as s3://bucket/runs. "
            f"Received: {address or 'nothing'}."
        )
    return Archive(ObjectStore(address))


class Archive:
    """The copies of runs in an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    @property
    def shown(self) -> str:
        """Its address, for people."""
        return self.store.shown

    def run_ids(self) -> list[str]:
        """Return the names of the runs that are there, sorted."""
        paths = [PurePosixPath(one.name) for one in self.store.objects()]
        return sorted(
            path.parts[0]
            for path in paths
            if len(path.parts) == 2 and path.name == MANIFEST and is_run_id(path.parts[0])
        )

    def manifest(self, run_id: str) -> Manifest | None:
        """Return what the copy of a run holds, None where there is none; raises RunError where it cannot be understood."""
        try:
            text = self.store.read(f"{run_id}/{MANIFEST}", most=_MAX_MANIFEST_BYTES)
        except NothingThere:
            return None
        return _parsed(text, run_id, shown=self.shown)

    def copy(self, run: Run) -> Manifest | None:
        """Copy a run that has ended, whole, and return what was copied; None where the same was there already.

        A copy of the run as it was before is replaced.

        Raises
        ------
        RunError
            The run has not ended or changes meanwhile, or the archive has another run of this name.
        StoreError
            The archive cannot be written; what was written of the copy is removed as far as possible.
        """
        state = run.status().state
        if state not in COPIED_STATES:
            raise RunError(f"Only a run that has ended can be copied to the archive. Received: {run.id}, {state}.")
        try:
            return self._copied(run)
        except (OSError, StoreError) as error:
            if run.path.exists():
                raise
            raise RunError(f"{run.name.capitalize()} was deleted while it was copied.") from error

    def _copied(self, run: Run) -> Manifest | None:
        stamp, created = stamp_of(run), run.load_facts().get("created", "")
        before = self.manifest(run.id)
        if before and before.created != created:
            raise RunError(f"The archive has another run of this name. Nothing was copied. Received: {run.id}.")
        manifest = Manifest(
            run=run.id,
            created=created,
            files={name: _facts_of(path) for name, path in run_files(run).items()},
            state=run.recorded_status().state,
            copied=datetime.now(UTC).isoformat(timespec="seconds"),
            version=covidlab.__version__,
        )
        is_there = before is not None and before.files == manifest.files
        if not is_there:
            self._write(run, manifest, before, stamp)
        mark_as_copied(run, self.shown, stamp)
        return None if is_there else manifest

    def _write(self, run: Run, manifest: Manifest, before: Manifest | None, stamp: str) -> None:
        written = []
        try:
            # From here on there is no copy until the new one is whole.
            self._remove(run, [MANIFEST] if before else [])
            for name in manifest.files:
                written.append(name)
                self.store.put(f"{run.id}/{name}", run.path / name)
            if stamp_of(run) != stamp or run.recorded_status().state not in COPIED_STATES:
                raise RunError(f"{run.name.capitalize()} changed while it was copied, so it is not in the archive.")
            self.store.write(f"{run.id}/{MANIFEST}", json.dumps(asdict(manifest), indent=1).encode())
        except BaseException:
            with suppress(StoreError):
                self._remove(run, written)
            raise
        with suppress(StoreError):
            self._remove(run, set(before.files) - set(manifest.files) if before else ())

    def _remove(self, run: Run, names: Iterable[str]) -> None:
        self.store.remove(f"{run.id}/{name}" for name in names)


def is_run_id(name: str) -> bool:
    """Return whether a name can be that of a run's folder."""
    return _RUN_ID.fullmatch(name) is not None


def belongs_there(run: Run) -> bool:
    """Return whether a run is one to copy: it has ended by itself or was stopped, and did not come with covidlab."""
    is_kept = run.number > 0 and is_run_id(run.id) and run.status().state in COPIED_STATES
    # Who executes it may still tidy up.
    return is_kept and not run.is_locked()


def is_copied(run: Run, shown: str) -> bool:
    """Return whether the run, as its files are now, was copied to the archive of this address."""
    copied = read_json(run.path / COPIED) or {}
    return copied.get("archive") == shown and copied.get("files") == stamp_of(run)


def has_copy(run: Run) -> bool:
    """Return whether a copy of the run was ever made."""
    return (run.path / COPIED).exists()


def run_files(run: Run) -> dict[str, Path]:
    """Return the files of a run directory that are copied, by name; links and hidden files are not."""
    found = {}
    for folder, folders, names in os.walk(run.path):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(run.path).as_posix()
            if name[0] != "." and relative not in _NOT_COPIED and path.is_file() and not path.is_symlink():
                found[relative] = path
    return found


def stamp_of(run: Run) -> str:
    """Return what changes with any file that is copied, without reading them; the log apart, which says that a run was copied."""
    facts = [
        (name, path.stat().st_size, path.stat().st_mtime_ns)
        for name, path in run_files(run).items()
        if name != "log.txt"
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def mark_as_copied(run: Run, shown: str, stamp: str) -> None:
    """Write down that the archive of this address has the run with the files of ``stamp``."""
    write_json(run.path / COPIED, {"archive": shown, "files": stamp}, durable=False)


def _facts_of(path: Path) -> StoredFile:
    with open(path, "rb") as file:
        return StoredFile(num_bytes=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _parsed(text: bytes, run_id: str, *, shown: str) -> Manifest:
    """The manifest in a text that a stranger may have written; raises RunError where it is none of this run."""
    try:
        values = json.loads(text)
        if isinstance(values, dict) and (newer := newer_format(values, known=MANIFEST_FORMAT)):
            raise RunError(f"The copy of {run_id} in {shown} cannot be used. {newer}")
        manifest = load_dataclass(Manifest, values)
        files = {name: load_dataclass(StoredFile, file) for name, file in manifest.files.items()}
        if manifest.run != run_id or not all(_is_file(name, file) for name, file in files.items()):
            raise ValueError("files of this run are expected")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(
            f"The copy of {run_id} in {shown} has no list of files that can be used. Remove its copy; where the run is whole, "
            "`python -m covidlab runs archive` then copies it again."
        ) from error
    return Manifest(**{**asdict(manifest), "files": files})


def _is_file(name: str, file: StoredFile) -> bool:
    """Whether a name stays inside the folder of a run, and what is said of its content can be."""
    parts = name.split("/")
    is_inside = name.isprintable() and "\\" not in name and all(part and part[0] != "." for part in parts)
    is_known = isinstance(file.num_bytes, int) and file.num_bytes >= 0 and bool(_SHA256.fullmatch(file.sha256))
    return is_inside and is_known and name not in _NOT_COPIED and len(name) <= 200
