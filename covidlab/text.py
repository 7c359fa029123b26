"""Plain words: names of classes, numbers with nouns, durations, and foreign text made harmless."""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from covidlab.language import language, number_text, tr, tr_lazy, tr_many

# "normal" of the curated set holds X-rays without finding and X-rays with pneumonia (FACTS of the data): not healthy.
_CLASS_NAMES = {"covid": tr_lazy("COVID-19"), "normal": tr_lazy("non-COVID")}
# A hyphen within a word means nothing to Markdown, and labels are read out as they are written.
_TO_ESCAPE = re.compile(rf"(?<![^\W_])-|-(?![^\W_])|[{re.escape(string.punctuation.replace('-', ''))}]")
_PROCESSOR = re.compile(r"CPU \((.*), (\d+) cores\)")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
# With one of these first, a spreadsheet computes the cell instead of showing it.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def class_name(folder: str, *, with_folder: bool = False) -> str:
    """Name of a class for people, e.g. "non-COVID" for the folder ``normal``; ``with_folder`` adds the folder's name.

    The text may come from a folder of the user: pass it through ``markdown_escaped`` or ``html.escape`` as the place demands.
    """
    name = tr(_CLASS_NAMES[folder]) if folder in _CLASS_NAMES else folder.replace("_", " ")
    return (
        tr("{name} (folder {folder})", name=name, folder=folder)
        if with_folder and name.lower() != folder.lower()
        else name
    )


def one_line(text: object, *, max_length: int = 80) -> str:
    """Foreign text without control and direction characters, on one line, shortened in its middle."""
    visible = str(text)
    # Most text is: nothing of what is left out or made a blank is printable.
    if not visible.isprintable():
        visible = "".join(
            " " if c.isspace() else c for c in visible if c.isspace() or unicodedata.category(c) not in _UNSEEN
        )
    line = re.sub(r" +", " ", visible).strip()
    if len(line) <= max_length:
        return line
    tail = max_length // 3
    return f"{line[: max_length - tail - 1]}…{line[-tail:]}"


def markdown_escaped(text: object, *, max_length: int = 80) -> str:
    """``one_line`` with every character escaped that Markdown or one of Streamlit's directives would take for itself."""
    return _escaped(one_line(text, max_length=max_length))


def sentence_escaped(text: object) -> str:
    """The sentence of an error for Markdown: its `commands` stay commands, all else is escaped."""
    parts = one_line(text, max_length=1000).split("`")
    if len(parts) % 2 == 0:
        return markdown_escaped(text, max_length=1000)
    return "".join(f"`{part}`" if place % 2 else _escaped(part) for place, part in enumerate(parts))


def _escaped(line: str) -> str:
    return _TO_ESCAPE.sub(r"\\\g<0>", line)


def cell_text(value: object) -> object:
    """A value for a cell of a CSV file: a text that a spreadsheet would take for a formula has an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_SIGNS) else value


def pluralize(number: int, one: str, many: str | None = None) -> str:
    """Number and noun in the language of now, e.g. "1 X-ray", "1,124 X-rays"."""
    return tr_many(*nouns_with_number(one, many), number)


def nouns_with_number(one: str, many: str | None = None) -> tuple[str, str]:
    """The two messages of ``pluralize``: the noun with its number."""
    return f"{{number:,}} {one}", f"{{number:,}} {many or one + 's'}"


def device_text(name: str) -> str:
    """The name of a device, which files hold in English, for people, e.g. "CPU (AMD EPYC, 2 cores)"."""
    found = _PROCESSOR.fullmatch(name)
    if found is None:
        return name
    processor, cores = found.groups()
    return tr("CPU ({processor}, {cores})", processor=processor, cores=pluralize(int(cores), "core"))


def decimal_text(value: float) -> str:
    """A number without an exponent, e.g. "0.00001"; whole numbers exactly, others to six significant digits."""
    return str(value) if isinstance(value, int) else format(Decimal(f"{value:.6g}"), "f")


def plain_number(value: float) -> str:
    """``decimal_text`` with the decimal mark of the language, for people; files, commands and addresses have ``decimal_text``."""
    return number_text(value, f".{len(decimal_text(value).partition('.')[2])}f")


def in_sentence(label: str) -> str:
    """A label within a sentence: in small letters, save in German, whose nouns keep their capitals."""
    said = str(label)
    return said if language() == "de" else said.lower()


def listed(words: Sequence[str]) -> str:
    """Words as a list in the language of now, e.g. "age, view and source"."""
    if len(words) < 2:
        return "".join(words)
    return tr("{words} and {last}", words=", ".join(words[:-1]), last=words[-1])


def about_seconds(seconds: float) -> str:
    """An expected duration in words, e.g. "less than a second", "about 12 s"."""
    words = seconds_in_words(seconds)
    return words if seconds < 1 else tr("about {words}", words=words)


def seconds_in_words(seconds: float) -> str:
    """Return "less than a second", "12 s", "3 min" or "2.5 h"."""
    if seconds < 1:
        return tr("less than a second")
    if seconds < 100:
        return tr("{seconds:.0f} s", seconds=seconds)
    return (
        tr("{seconds:.0f} min", seconds=seconds / 60) if seconds < 5400 else tr("{hours:.1f} h", hours=seconds / 3600)
    )


def some_of(names: list[str], *, most: int = 3) -> str:
    """The first names of a list and how many more there are, for a sentence."""
    more = len(names) - most
    return ", ".join(names[:most]) + (tr(" and {more} more", more=more) if more > 0 else "")


def metric_text(figure: Mapping[str, Any] | None) -> str:
    """Return "0.90 (95 % interval 0.60 to 0.98, n = 10)" from a metric's dict."""
    if not figure or figure.get("value") is None:
        return tr("not defined (no X-ray to compute it on)")
    values = {name: figure[name] for name in ("value", "low", "high", "n")}
    return tr("{value:.2f} (95 % interval {low:.2f} to {high:.2f}, n = {n:,})", **values)


def short_metric_text(figure: Mapping[str, Any] | None, *, missing: str = "") -> str:
    """Return "0.90 (0.60 to 0.98, n = 10)" from a metric's dict, for columns of a table; ``missing`` where it is undefined."""
    if not figure or figure.get("value") is None:
        return missing
    values = {name: figure[name] for name in ("value", "low", "high", "n")}
    return tr("{value:.2f} ({low:.2f} to {high:.2f}, n = {n})", **values)
