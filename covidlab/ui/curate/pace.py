"""How far something is that is done X-ray by X-ray, and how long it will still take."""

import time

from covidlab.language import tr
from covidlab.text import about_seconds

# An estimate is worth reading for what takes longer, and true after a moment.
_FROM_SECONDS, _AFTER_SECONDS = 10, 1.0


class Pace:
    """Time since now, and words for a progress bar; ``doing``: what is done, e.g. "Adding the X-rays"."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self._started = time.monotonic()

    def describe(self, done: int, total: int) -> str:
        """Return how far it is, with an estimate for what takes more than ten seconds."""
        text = tr("{doing}: {done:,} of {total:,}", doing=self.doing, done=done, total=total)
        seconds = time.monotonic() - self._started
        if not done or seconds < _AFTER_SECONDS or seconds / done * total < _FROM_SECONDS:
            return text
        return tr(
            "{text} · {about_seconds} left", text=text, about_seconds=about_seconds(seconds / done * (total - done))
        )
