"""Cycles that scripts leave are collected though Python's own collector sees no reason to, and freed memory is given back."""

import asyncio
import ctypes
import gc
import subprocess
import sys
import weakref
from contextlib import suppress

import pytest

from covidlab.paths import PROJECT_ROOT
from covidlab.services import memory


class Cycle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self):
        self.own = self


async def collect_until(holds):
    """Collect now and then until a condition holds, for half a minute at most: a machine may be busy."""
    task = asyncio.create_task(memory.collect_now_and_then())
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.sleep(0.01)
    task.cancel()


def test_cycle_is_freed_within_the_interval(monkeypatch):
    monkeypatch.setattr(memory, "COLLECT_SECONDS", 0.01)
    gc.disable()
    try:
        left = weakref.ref(Cycle())
        assert left() is not None
        asyncio.run(collect_until(lambda: left() is None))
        assert left() is None
    finally:
        gc.enable()


def test_memory_calls_do_nothing_where_the_c_library_lacks_them(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    memory.limit_malloc()
    memory.collect()


LARGE_BLOCKS_AFTER_A_LARGER_ONE = """
import ctypes, sys
from covidlab.services import memory

class Held(ctypes.Structure):
    # mallinfo2(3)
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Held
if sys.argv[1] == "limited":
    memory.limit_malloc()
# What glibc takes as a reason to keep blocks of up to 16 MB among the small ones.
larger = bytearray(16 * 2**20)
del larger
before = library.mallinfo2().hblks
pictures = [bytearray(2**20) for _ in range(8)]
print(library.mallinfo2().hblks - before)
"""


def pictures_with_pages_of_their_own(mode):
    """Count them in a new process, since nothing sets the C library back."""
    command = [sys.executable, "-c", LARGE_BLOCKS_AFTER_A_LARGER_ONE, mode]
    return int(subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True, timeout=60).stdout)


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="needs a glibc that tells what it holds",
)
def test_large_blocks_go_back_to_the_system_even_after_a_larger_one_was_freed():
    assert pictures_with_pages_of_their_own("as it is") == 0
    assert pictures_with_pages_of_their_own("limited") == 8


def test_malloc_is_limited_and_memory_is_given_back(monkeypatch):
    calls = []

    class Library:
        def mallopt(self, *values):
            calls.append(("mallopt", *values))

        def malloc_trim(self, *values):
            calls.append(("malloc_trim", *values))

    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    memory.limit_malloc()
    memory.collect()
    assert calls == [("mallopt", -3, memory.OWN_PAGES_BYTES), ("mallopt", -8, memory.ARENAS), ("malloc_trim", 0)]
