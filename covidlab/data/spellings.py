"""Names of classes that differ in case, spaces, hyphens and composed letters only: one class."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache


def one_spelling(
    classes: Mapping[str, str], counts: Mapping[str, int] | None = None
) -> tuple[dict[str, str], list[str]]:
    """Classes with the spelling of most pictures where several mean one class, and a sentence for each such class.

    Parameters
    ----------
    classes : picture or folder -> class
    counts : number of pictures of each key, 1 where it is None
    """
    numbers: Counter = Counter()
    for key, name in classes.items():
        numbers[name] += 1 if counts is None else counts[key]
    alike: dict[str, list[str]] = defaultdict(list)
    for name in numbers:
        alike[folded_name(name)].append(name)
    chosen, sentences = {}, []
    for names in (alike[key] for key in sorted(alike)):
        best = _tidy(min(names, key=lambda name: (-numbers[name], name)))
        chosen |= dict.fromkeys(names, best)
        if len(shown := sorted({_tidy(name) for name in names})) > 1:
            sentences.append(
                f"{' and '.join(shown)} differ in {_difference(names)} only, so they are one class, {best}."
            )
    return {key: chosen[name] for key, name in classes.items()}, sentences


@lru_cache(maxsize=20_000)
def folded_name(name: str) -> str:
    """A name without case; a space for a hyphen or underscore between letters. COVID+ and COVID- stay apart."""
    folded = " ".join(_tidy(name).casefold().replace("_", " ").split())
    return "".join(
        " " if c == "-" and folded[at - 1 : at].isalnum() and folded[at + 1 : at + 2].isalnum() else c
        for at, c in enumerate(folded)
    )


def _tidy(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _difference(names: Iterable[str]) -> str:
    is_case = len({_tidy(name).casefold() for name in names}) == 1
    return "upper and lower case" if is_case else "case, spaces and hyphens"
