"""How often one caller may ask: a count over the last minute, kept in memory."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from covidlab.services.v1.problems import Problem

WINDOW_SECONDS = 60.0
# Callers that are counted; beyond these the one that asked longest ago is forgotten.
MOST_CALLERS = 10_000


class Rate:
    """Lets each caller ask ``most`` times in any minute.

    Parameters
    ----------
    most : how often
    clock : seconds that only grow
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, caller: str) -> None:
        """Count a question; raises Problem 429, with the seconds to wait, where it is one too many."""
        if (seconds := self._seconds_to_wait(caller)) > 0:
            raise Problem(
                429,
                f"Up to {self._most} requests a minute are answered here. Wait {math.ceil(seconds)} s.",
                {"Retry-After": str(math.ceil(seconds))},
            )

    def _seconds_to_wait(self, caller: str) -> float:
        now = self._clock()
        with self._lock:
            asked = self._asked.setdefault(caller, deque())
            self._asked.move_to_end(caller)
            if len(self._asked) > MOST_CALLERS:
                self._asked.popitem(last=False)
            while asked and asked[0] <= now - WINDOW_SECONDS:
                asked.popleft()
            if len(asked) >= self._most:
                return asked[0] + WINDOW_SECONDS - now
            asked.append(now)
            return 0.0
