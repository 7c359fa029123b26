"""Who executes a run: a process named so that neither a reused pid nor a reboot can be taken for it.

A pid and a monotonic clock mean something on the boot they come from, and nowhere else: both are compared only where the boot
is the same. What another machine wrote is watched for changes instead (``SilenceWatch``).
"""

import os
import platform
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


def monotonic_seconds() -> float:
    """Seconds on a clock all processes of this boot share and nobody sets (CLOCK_MONOTONIC)."""
    return time.monotonic()


def boot_id() -> str:
    """Name of the present boot; where the system has none, the time of the boot."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{platform.node()}-{int(psutil.boot_time())}"


@dataclass(frozen=True)
class Owner:
    """A process by pid, start time and boot."""

    pid: int
    started: float
    boot: str

    @classmethod
    def this_process(cls) -> "Owner":
        """Return the owner that is the calling process."""
        return cls(pid=os.getpid(), started=psutil.Process().create_time(), boot=boot_id())

    def process(self) -> psutil.Process | None:
        """Return the living process, or None where it has ended."""
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if self.boot == boot_id() and abs(process.create_time() - self.started) < 0.01:
                return process
        return None


class SilenceWatch:
    """Tells for how long who executes a run has been silent, without comparing clocks of two machines.

    A heartbeat of this boot was measured on the clock that this process reads. One of another boot is a value that changes or
    does not: the silence counts from when this process first saw it.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def silent_seconds(self, path: Path, *, owner: Mapping[str, Any] | None, heartbeat: float) -> float:
        """Return the seconds since the last heartbeat of the run in ``path``."""
        now = monotonic_seconds()
        if not owner or owner.get("boot") == boot_id():
            return now - heartbeat
        with self._lock:
            known, since = self._seen.get(path, (None, now))
            if known != heartbeat:
                self._seen[path] = heartbeat, (since := now)
        return now - since
