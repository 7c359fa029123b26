"""What keeps the server's memory small: garbage collected now and then, and few arenas of the C library."""

import asyncio
import ctypes
import gc
import sys
from contextlib import suppress

# Python's own collector counts objects, not bytes: a few cycles that hold pictures would wait for it for long.
COLLECT_SECONDS = 10.0

# Of malloc.h: how many arenas threads may share (mallopt(3)).
_M_ARENA_MAX = -8
ARENAS = 2


def limit_arenas() -> None:
    """Let all threads take memory from two arenas; where the C library is another one than glibc, nothing.

    Streamlit runs each visitor's script in a thread of its own, and glibc gives threads up to eight arenas a core, which keep
    what is freed: with 200 visitors the server took 720 MB, with two arenas 390 (bench_viewers.py).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def collect() -> None:
    """Collect all generations, and give the system back what the C library keeps of it (malloc_trim(3))."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


async def collect_now_and_then() -> None:
    """Collect all generations again and again, beside the event loop, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        await loop.run_in_executor(None, collect)
