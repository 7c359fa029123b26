"""Who comes next: a few requests are worked on at once, some more wait, and one beyond these is told when to try again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from covidlab.services.v1.problems import busy


class Turns:
    """Turns of requests, in the order in which they came. Used in one event loop.

    Parameters
    ----------
    at_once : how many are worked on
    waiting : how many more may wait
    wait_seconds : how long one waits at most
    """

    def __init__(self, *, at_once: int, waiting: int, wait_seconds: float) -> None:
        self._at_once, self._most, self._wait_seconds = at_once, at_once + waiting, wait_seconds
        self._num_here = 0
        self._free: asyncio.Semaphore | None = None

    @property
    def num_here(self) -> int:
        """How many are worked on or wait."""
        return self._num_here

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it; raises Problem 503 where too many are here, or it takes too long."""
        if self._num_here >= self._most:
            raise busy(f"The server is busy: {self._num_here} requests are here already. Try again in a moment.")
        # Made here, since it belongs to the loop in which it is first used.
        free = self._free = self._free or asyncio.Semaphore(self._at_once)
        self._num_here += 1
        try:
            await self._acquire(free)
            try:
                yield
            finally:
                free.release()
        finally:
            self._num_here -= 1

    async def _acquire(self, free: asyncio.Semaphore) -> None:
        try:
            await asyncio.wait_for(free.acquire(), self._wait_seconds)
        except TimeoutError:
            raise busy("The server is busy: the requests before this one take long. Try again in a moment.") from None
