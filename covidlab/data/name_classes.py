"""Classes that the names of the files may state, as in covid_12.png or CHNCXR_0327_1.png: a question, never taken by itself."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from covidlab.data.endings import without_suffix
from covidlab.data.folder_names import is_place
from covidlab.data.names import simple

_MOST_CLASSES = 8
_FITTING_SHARE = 0.9
_FEWEST_EACH = 2
# Letters before a number, and a word or digit after one.
_BEFORE = re.compile(r"([^\W\d_][^\d]*?)[ _.-]*\(?\d[\w ().-]*")
_AFTER = re.compile(r".*\d[_-](\d|[^\W\d_]{2,})")


def classes_from_names(pictures: Iterable[str]) -> dict[str, str]:
    """Class by picture, as the pattern of names states it that fits nearly all and tells a few kinds apart; else empty."""
    names = {picture: without_suffix(picture.rpartition("/")[2]) for picture in pictures}
    for read in (_reader(_AFTER), _reader(_BEFORE)):
        found = {picture: kind for picture, name in names.items() if (kind := read(name))}
        kinds = Counter(map(simple, found.values()))
        # Views are no classes: view1_frontal, view2_lateral; nor are numbers of X-rays: a_1, a_2.
        if all(map(is_place, kinds)) or (all(map(str.isdigit, kinds)) and "0" not in kinds):
            continue
        is_few = 2 <= len(kinds) <= _MOST_CLASSES and min(kinds.values()) >= _FEWEST_EACH
        if is_few and len(found) >= _FITTING_SHARE * len(names):
            return found
    return {}


def _reader(pattern: re.Pattern) -> Callable[[str], str]:
    def read(name: str) -> str:
        found = pattern.fullmatch(name)
        return found.group(1).strip(" _.-") if found else ""

    return read
