"""Who executes a run: a process named so that neither a reused pid nor a reboot can be taken for it."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


def monotonic_seconds() -> float:
    """Seconds on a clock all processes of this boot share and nobody sets (CLOCK_MONOTONIC)."""
    return time.monotonic()


def boot_id() -> str:
    """Name of the present boot; where the system has none, the time of the boot."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return str(int(psutil.boot_time()))


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
