"""Reading many X-rays in steps, so that others who wait are answered in between. Needs no TensorFlow.

A step is given the numbers of the steps before, reads a few X-rays more and ends. So whoever asks keeps all that there is to
keep, and a step that comes to nothing costs little.
"""

from collections.abc import Sequence

import numpy as np

from covidlab.language import tr
from covidlab.prediction.occlusion import LogOddsOf

# More at once are hardly faster, and whoever waits for a number waits for all of them.
MOST_FILMS = 4


class MoreToRead(Exception):
    """A step has read all that it may, and the work needs more."""


class OneStep:
    """Reads films for one step of a work that asks for the same films in the same order at every step.

    Parameters
    ----------
    read : (n, side, side, 3) uint8 -> (n,) log odds
    known : log odds that earlier steps have read, in the order in which they are asked for

    Attributes
    ----------
    numbers : all log odds that are known now, list of float
    """

    def __init__(self, read: LogOddsOf, known: Sequence[float] = ()) -> None:
        self.numbers = [float(number) for number in known]
        self._read = read
        self._num_asked = 0
        self._has_read = False

    def __call__(self, films: np.ndarray) -> np.ndarray:
        """Return the log odds of films, (n, side, side, 3) uint8 -> (n,); raises MoreToRead for more than a step may read."""
        first, self._num_asked = self._num_asked, self._num_asked + len(films)
        unread = films[max(0, len(self.numbers) - first) :]
        if len(unread) and not self._has_read:
            read, unread = unread[:MOST_FILMS], unread[MOST_FILMS:]
            self.numbers += [float(number) for number in self._read(read)]
            self._has_read = True
        if len(unread):
            raise MoreToRead(tr("the next step reads on"))
        return np.array(self.numbers[first : self._num_asked], np.float32)
