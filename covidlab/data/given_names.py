"""Names that people give to selections and data sets, and which of them may name a file."""

import unicodedata

from covidlab.errors import UsageError
from covidlab.language import tr, tr_lazy

MAX_NAME_LETTERS = 60
_MAX_NAME_BYTES = 180
# Letters that join or part others in Persian, Hindi and more; all else of category Cf only deceives the eye.
_JOINERS = ("\u200c", "\u200d")


def checked_name(name: str, *, what: str = tr_lazy("selection")) -> str:
    """A name fit to be the name of a file, without spaces around it and in Unicode's composed form.

    Raises UsageError for an empty or too long one, one that begins with a dot, or one with slashes or unseen letters.
    """
    clean = unicodedata.normalize("NFC", name).strip()
    unseen = [c for c in clean if unicodedata.category(c)[0] == "C" and c not in _JOINERS]
    fits = 0 < len(clean) <= MAX_NAME_LETTERS
    if not fits or unseen or clean.startswith(".") or set("/\\") & set(clean):
        raise UsageError(
            tr(
                "The name of a {what} must have 1 to {max_name_letters} letters, no slash and no dot at its "
                "beginning. Received: {clean!r}.",
                what=what,
                max_name_letters=MAX_NAME_LETTERS,
                clean=clean,
            )
        )
    if len(clean.encode()) > _MAX_NAME_BYTES:
        raise UsageError(
            tr(
                "The name of a {what} must be shorter, since it names a file. Received: {clean!r}.",
                what=what,
                clean=clean,
            )
        )
    return clean
