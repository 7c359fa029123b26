"""Cycles that scripts leave are collected though Python's own collector sees no reason to."""

import asyncio
import gc
import weakref
from contextlib import suppress

from covidlab.services import garbage


class Cycle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self):
        self.own = self


def test_cycle_is_freed_within_the_interval(monkeypatch):
    monkeypatch.setattr(garbage, "COLLECT_SECONDS", 0.01)
    gc.disable()
    try:
        left = weakref.ref(Cycle())
        assert left() is not None
        with suppress(TimeoutError):
            asyncio.run(asyncio.wait_for(garbage.collect_now_and_then(), 0.5))
        assert left() is None
    finally:
        gc.enable()
