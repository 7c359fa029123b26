"""What keeps the server's memory small: garbage collected now and then, and a C library that gives back what is freed."""

import asyncio
import ctypes
import gc
import sys
from contextlib import suppress

# Python's own collector counts objects, not bytes: a few cycles that hold pictures would wait for it for long.
COLLECT_SECONDS = 10.0

# Of malloc.h: from which size on a block gets pages of its own, and how many arenas threads may share (mallopt(3)).
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
# The value glibc starts with.
OWN_PAGES_BYTES = 128 * 1024
ARENAS = 2


def limit_malloc() -> None:
    """Let threads share two arenas, and large blocks have pages of their own; where the C library is not glibc, nothing.

    Streamlit runs each visitor's script in a thread of its own, and glibc gives threads up to eight arenas a core, which keep
    what is freed: with 200 visitors the server took 720 MB, with two arenas 390 (bench_viewers.py).

    Pages of its own go back to the system as soon as a block is freed. glibc raises the size from which a block gets them
    whenever a larger one is freed, up to 32 MB: pictures then lie among small blocks that stay, and the space between them is
    kept. A size that is set is not raised: with 50 visitors the server took 480 to 515 MB before and 300 since (soak.py).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.mallopt(_M_MMAP_THRESHOLD, OWN_PAGES_BYTES)
            library.mallopt(_M_ARENA_MAX, ARENAS)


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
