"""Sentences that travel: made in English in a process that decodes, said in the language of whoever looks at them.

A process that a harmful file has taken over may send anything, so only plain fields are filled in here.
"""

import string
from collections.abc import Sequence
from typing import Any

from covidlab.language import LazyText, tr_lazy

# How numbers are written in the sentences; any other way is refused, for a width could take all memory.
_SPECS = ("", ",", ".0f", ".1f", ".2f")
_MOST_LEVELS = 4


def packed(text: str) -> Any:
    """Return a sentence as JSON knows it: its English, or message and values where it can be translated."""
    if not isinstance(text, LazyText):
        return str(text)
    return [text.message, {name: _packed_value(value) for name, value in text.values.items()}]


def unpacked(given: Any, *, levels: int = _MOST_LEVELS) -> str:
    """Return the sentence that ``packed`` gave; raises ValueError, TypeError or KeyError for anything else."""
    if isinstance(given, str):
        return given
    message, values = given
    if levels == 0 or not (isinstance(message, str) and isinstance(values, dict) and _is_plain(message)):
        raise ValueError(f"a message with plain fields is expected, received {given!r:.80}")
    return LazyText(message, {name: _unpacked_value(value, levels) for name, value in values.items()})


def said_by(error: Exception) -> str:
    """Return the sentence of an error as it was made, so that it can still be translated."""
    sentence = error.args[0] if error.args else ""
    return sentence if isinstance(sentence, str) else str(sentence)


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: "one and another"."""
    first, *others = words
    for other in others:
        first = tr_lazy("{first} and {last}", first=first, last=other)
    return first


def joined(sentences: list[str]) -> str:
    """Return sentences one after another, in the language of now wherever they are said."""
    first, *others = sentences
    for other in others:
        first = LazyText("{first} {other}", {"first": first, "other": other})
    return first


def _packed_value(value: Any) -> Any:
    if isinstance(value, str):
        return packed(value)
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


def _unpacked_value(value: Any, levels: int) -> Any:
    if isinstance(value, int | float):
        return value
    return unpacked(value, levels=levels - 1)


def _is_plain(message: str) -> bool:
    return all(
        field is None or (field.isidentifier() and spec in _SPECS and conversion is None)
        for _, field, spec, conversion in string.Formatter().parse(message)
    )
