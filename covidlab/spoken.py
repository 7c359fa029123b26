"""Sentences that travel: made in English in another process, or kept in a file, said in the language of whoever looks at them.

A process that a harmful file has taken over may send anything, so only plain fields are filled in here.
"""

import string
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from covidlab.language import LazyText, tr_lazy

# How numbers are written in the sentences; any other way is refused, for a width could take all memory.
_SPECS = ("", ",", ".0f", ".1f", ".2f", ".3f", ",.0f", ",.1f", "+.1f", ".0%")
# Beside a sentence in a file stands, under its name and this, what it can be translated from.
_SAID = "_said"
_MOST_LEVELS = 4


def packed(text: str) -> Any:
    """Return a sentence as JSON knows it: its English, or message and values where it can be translated."""
    if not isinstance(text, LazyText):
        return str(text)
    values = {name: _packed_value(value) for name, value in text.values.items()}
    return [text.message, values, text.many] if text.many else [text.message, values]


def unpacked(given: Any, *, levels: int = _MOST_LEVELS) -> str:
    """Return the sentence that ``packed`` gave; raises ValueError, TypeError or KeyError for anything else."""
    if isinstance(given, str):
        return given
    message, values, many = (*given, "") if len(given) == 2 else given
    is_whole = isinstance(values, dict) and all(isinstance(each, str) and _is_plain(each) for each in (message, many))
    if levels == 0 or not is_whole:
        raise ValueError(f"a message with plain fields is expected, received {given!r:.80}")
    return LazyText(message, {name: _unpacked_value(value, levels) for name, value in values.items()}, many)


def with_messages(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a file with, beside each sentence that can be translated, what it is translated from."""
    said = {f"{name}{_SAID}": packed(value) for name, value in values.items() if _has_values(value)}
    return {**values, **said}


def kept_sentence(values: Mapping[str, Any], name: str) -> str:
    """Return a sentence of a file that ``with_messages`` wrote; what an earlier version wrote is translated where it has no values."""
    text = str(values.get(name) or "")
    try:
        found = unpacked(values[f"{name}{_SAID}"])
    except (LookupError, TypeError, ValueError):
        found = text
    # A file that somebody has changed by hand says what stands there.
    return found if isinstance(found, LazyText) and found == text else LazyText(text, {})


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


def _has_values(text: Any) -> bool:
    return isinstance(text, LazyText) and bool(text.values)


def _packed_value(value: Any) -> Any:
    if isinstance(value, str):
        return packed(value)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def _unpacked_value(value: Any, levels: int) -> Any:
    if isinstance(value, int | float):
        return value
    return unpacked(value, levels=levels - 1)


def _is_plain(message: str) -> bool:
    return all(
        field is None or (field.isidentifier() and spec in _SPECS and conversion is None)
        for _, field, spec, conversion in string.Formatter().parse(message)
    )
