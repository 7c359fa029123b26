"""The folder of runs and caches: whether it can be written and locked, on which file system, how much is free."""

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from covidlab.doctor.findings import Finding, fails, limited, works
from covidlab.errors import StorageError
from covidlab.files import free_bytes, replacing
from covidlab.paths import home

# Below the first a run does not fit; below the second, activations of larger sets are not kept.
LEAST_FREE_BYTES, COMFORTABLE_FREE_BYTES = 200_000_000, 2_000_000_000
SLOW_WRITE_SECONDS = 0.5

_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "ceph",
    "lustre",
    "gpfs",
    "beegfs",
    "glusterfs",
    "fuse.sshfs",
    "fuse.s3fs",
    "afs",
)
_IN_MEMORY = ("tmpfs", "ramfs")
_MOUNTS = Path("/proc/self/mounts")
_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
_ELSEWHERE = "Name another folder with COVIDLAB_HOME."


def look_at_home() -> Finding:
    """Write, replace and lock a file where runs will lie; nothing of it stays."""
    folder, system = home(), file_system(home())
    facts = {"folder": str(folder), "file_system": system, "inotify": _WATCHES.is_file()}
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=_existing(folder)) as trial:
            facts["write_seconds"] = _write(Path(trial) / "trial.json")
            is_locked = _lock_holds(Path(trial) / "trial.lock")
    except (OSError, StorageError) as error:
        reason = getattr(error, "strerror", None) or error
        return fails(f"{folder} cannot be written. Received: {reason}.", _ELSEWHERE, **facts)
    if not is_locked:
        sentence = f"Locks do not hold in {folder} ({system}), so two trainers could take the same run."
        return fails(sentence, f"{_ELSEWHERE} It should be on a disk of this machine.", **facts)
    return _judge(folder, system, facts)


def look_at_disk() -> Finding:
    """Free space for runs and caches."""
    free = free_bytes(home())
    sentence, facts = f"{free / 1e9:.1f} GB are free in {home()}.", {"free_bytes": free}
    if free < LEAST_FREE_BYTES:
        return fails(
            f"{sentence} A run needs up to {LEAST_FREE_BYTES / 1e6:.0f} MB.", f"Delete runs. {_ELSEWHERE}", **facts
        )
    if free < COMFORTABLE_FREE_BYTES:
        return limited(sentence, "What a run prepares may not be kept for the next one. Delete runs.", **facts)
    return works(sentence, **facts)


def look_at_temporary_files() -> Finding:
    """Whether an upload that is larger than 1 MB passes through a disk."""
    folder = Path(tempfile.gettempdir())
    system = file_system(folder)
    facts = {"folder": str(folder), "file_system": system}
    if system in _IN_MEMORY:
        return works(f"Temporary files lie in memory ({folder}), so no uploaded X-ray touches a disk.", **facts)
    advice = "Where X-rays of patients are uploaded, start with TMPDIR in memory: TMPDIR=/dev/shm make app."
    return limited(f"Uploads above 1 MB pass through {folder}, which is not known to lie in memory.", advice, **facts)


def file_system(folder: Path) -> str:
    """Return the kind of file system a folder lies on, "" where nothing tells."""
    with suppress(OSError):
        mounts = [line.split()[1:3] for line in _MOUNTS.read_text().splitlines()]
        place = Path(os.path.realpath(_existing(folder)))
        above = [(len(at), kind) for at, kind in mounts if place.is_relative_to(at.replace("\\040", " "))]
        # Of two mounts at one place the later one counts.
        return max(reversed(above), key=lambda mount: mount[0], default=(0, ""))[1]
    return ""


def _judge(folder: Path, system: str, facts: dict) -> Finding:
    """What is said of a folder that can be written and locked."""
    where = f"{folder} ({system})" if system else str(folder)
    if system in _IN_MEMORY:
        return limited(f"{where} lies in memory, so runs are gone after a restart.", _ELSEWHERE, **facts)
    if system.startswith(_NETWORK):
        return limited(
            f"{where} lies on a network. It can be written and locked.", "A disk of this machine is faster.", **facts
        )
    if facts["write_seconds"] > SLOW_WRITE_SECONDS:
        sentence = f"{where} can be written and locked, but a small file takes {facts['write_seconds']:.1f} s."
        return limited(sentence, "Another program may be busy with the disk, or a faster disk would help.", **facts)
    return works(f"{where} can be written and locked.", **facts)


def _write(path: Path) -> float:
    """Seconds of the two safe writes every run makes again and again: a new file and its replacement."""
    started = time.monotonic()
    for text in ("first", "second"):
        with replacing(path) as temporary:
            temporary.write_text(text)
    if path.read_text() != "second":
        raise StorageError(f"{path} does not hold what was written to it.")
    return (time.monotonic() - started) / 2


def _lock_holds(path: Path) -> bool:
    """Whether a lock that is held keeps a second one off."""
    from filelock import FileLock, Timeout

    with FileLock(path):
        try:
            with FileLock(path, is_singleton=False).acquire(blocking=False):
                return False
        except Timeout:
            return True


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    whole = Path(folder).absolute()
    return next(place for place in (whole, *whole.parents) if place.exists())
