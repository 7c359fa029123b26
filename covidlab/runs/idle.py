"""What the work of an idle worker shares: whether it is wanted, how it gives way to everything else, what it passes over."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from covidlab.errors import CovidLabError, StorageError
from covidlab.runs.jobs import EngineName
from covidlab.runs.owner import monotonic_seconds

# What a run that comes may wait for the work under way.
SLICE_SECONDS = 0.15

Result = TypeVar("Result")


def is_switched_on() -> bool:
    """Return whether preparing is wanted at all (COVIDLAB_PREPARE, by default 1); the nodes of a cluster are never idle workers."""
    return os.environ.get("COVIDLAB_PREPARE", "1") != "0" and os.environ.get("COVIDLAB_ENGINE") != EngineName.RAY


def in_slices(work: Generator[None, None, Result]) -> Generator[None, None, Result]:
    """Do work of many short steps, and yield only when a slice of time is over; returns what the work returns."""
    started = monotonic_seconds()
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
        if monotonic_seconds() - started >= SLICE_SECONDS:
            yield
            started = monotonic_seconds()


@contextmanager
def suppress_unreadable() -> Iterator[None]:
    """Pass over what cannot be read of a data set, but not a disk that is full."""
    try:
        yield
    except StorageError:
        raise
    except CovidLabError:
        pass


@contextmanager
def low_priority() -> Iterator[None]:
    """Let the server's threads go first: SCHED_BATCH, from which an unprivileged process may return (sched(7))."""
    _schedule_threads("SCHED_BATCH")
    try:
        yield
    finally:
        _schedule_threads("SCHED_OTHER")


def _schedule_threads(policy: str) -> None:
    """Give every thread of this process the policy; nothing where the system has none of that name."""
    if (number := getattr(os, policy, None)) is None:
        return
    with suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with suppress(OSError):
                os.sched_setscheduler(int(thread), number, os.sched_param(0))
