"""Cycles that scripts leave are collected though Python's own collector sees no reason to."""

import asyncio
import gc
import weakref
from contextlib import suppress

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
    memory.limit_arenas()
    memory.collect()


def test_arenas_are_limited_and_memory_is_given_back(monkeypatch):
    calls = []

    class Library:
        def mallopt(self, *values):
            calls.append(("mallopt", *values))

        def malloc_trim(self, *values):
            calls.append(("malloc_trim", *values))

    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    memory.limit_arenas()
    memory.collect()
    assert calls == [("mallopt", -8, memory.ARENAS), ("malloc_trim", 0)]
