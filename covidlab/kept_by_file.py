"""What was made of files and is asked for again and again: one result a file, forgotten once the file is gone."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")

# With fewer nobody looks which files are gone.
_FEW = 64


class KeptByFile(Generic[Value]):
    """A cache by file. ``functools.lru_cache`` with a stamp in its key would hold what was made of every earlier content, too.

    Any thread may ask. Of two that ask for the same new content at once both make it.

    Parameters
    ----------
    most : results that are kept; beyond, the quarter that was asked for longest ago is dropped
    """

    def __init__(self, most: int):
        self._most = most
        self._kept: OrderedDict[tuple[str, Hashable], tuple[Hashable, Value]] = OrderedDict()
        self._lock = threading.Lock()
        self._look_at = _FEW

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, path: Path | str, stamp: Hashable, make: Callable[[], Value], *, variant: Hashable = None) -> Value:
        """Return what ``make`` gives for a file; what is kept, where ``stamp`` is that of its last call.

        Parameters
        ----------
        path : a file, or a folder
        stamp : differs once the content does
        variant : of several results for one file, as in several languages
        """
        key = (os.fspath(path), variant)
        with self._lock:
            if (known := self._kept.get(key)) is not None and known[0] == stamp:
                self._kept.move_to_end(key)
                return known[1]
        value = make()
        with self._lock:
            self._kept[key] = stamp, value
            self._kept.move_to_end(key)
            if len(self._kept) > self._look_at:
                self._forget_gone()
        return value

    def _forget_gone(self) -> None:
        for key in [key for key in self._kept if not os.path.exists(key[0])]:
            del self._kept[key]
        if len(self._kept) > self._most:
            while len(self._kept) > 3 * self._most // 4:
                self._kept.popitem(last=False)
        # Not at each new result: a look costs as much as there are results.
        self._look_at = min(self._most, max(_FEW, 2 * len(self._kept)))
