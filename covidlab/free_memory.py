"""How much memory this process may still take: that of the machine, within the limit of a container."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

# Limit, use and statistics of the control group of a process, of the second version and of the first.
_GROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory.stat")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.stat"),
    ),
)
_FILES_TO_DROP = ("inactive_file", "total_inactive_file")


class Memory(NamedTuple):
    """Bytes in all, and bytes that are free."""

    total: int
    free: int


def machine_memory() -> Memory:
    """Return what there is and what is free, within the limit of a container where there is one."""
    whole = psutil.virtual_memory()
    for limit, used, statistics in _GROUPS:
        # No limit is "max", which is no number, or a number above any machine's memory.
        with suppress(OSError, ValueError):
            total = int(limit.read_text())
            if total < whole.total:
                free = total - int(used.read_text()) + _files_to_drop(statistics)
                return Memory(total, max(0, min(free, whole.available)))
    return Memory(whole.total, whole.available)


def _files_to_drop(statistics: Path) -> int:
    """Bytes of files that were read some time ago: they count as used, and are dropped as soon as somebody wants the memory."""
    with suppress(OSError, ValueError):
        known = dict(line.split() for line in statistics.read_text().splitlines())
        return max(int(known.get(name, 0)) for name in _FILES_TO_DROP)
    return 0
