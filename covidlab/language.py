"""What people read, in their language: messages in English in the code, translations in assets/languages (gettext).

``tr("{n} X-rays", n=3)`` is the translation of the message with its values; numbers have the marks of the language.
The visitor's language is asked for at each call, so a text is translated where it is said, never where a module is loaded:
constants are ``tr_lazy``, which translates when it is drawn. Files, logs and the command line stay English.
What a process that serves nobody says of its work is kept as message and values (``keeping_messages``, ``covidlab.spoken``),
so that whoever looks later reads it in their language.

Babel (BSD-3) extracts messages, reads catalogs and knows the marks of numbers; `make messages` brings the catalogs up to date.
"""

import re
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
# For tests and translators: every message with accents and a third longer; and one written from right to left.
ACCENTED, MIRRORED = "en-XA", "ar-XB"
PSEUDO_LANGUAGES = {ACCENTED: "Åççéñţš", MIRRORED: "Right to left"}
RIGHT_TO_LEFT = (MIRRORED,)

CATALOGS = Path(__file__).with_name("assets") / "languages"

_ACCENTS = str.maketrans("aceinosuyACEINOSUY", "åçéîñöšûýÅÇÉÎÑÖŠÛÝ")
_RIGHT_TO_LEFT_FROM, _TO_HERE = "\u202e", "\u202c"

# German nouns that are counted have one more letter after these words: "50 Röntgenbilder", "von 50 Röntgenbildern".
_GERMAN_DATIVE = re.compile(
    r"\b((?:von|aus|mit|bei|nach|zu|seit|diesen|denselben|allen) (?!1 )\d[\d.,]* )([a-zäöüß]+e )?([A-ZÄÖÜ][\w-]+)\b"
)

_language: ContextVar[str] = ContextVar("language", default="")
_keeps_messages: ContextVar[bool] = ContextVar("keeps_messages", default=False)
_source: Callable[[], str] | None = None


def language() -> str:
    """Return the language of whoever is served now, a key of LANGUAGES or PSEUDO_LANGUAGES; English where nobody is."""
    asked = _language.get() or (_source() if _source else "")
    return asked if asked in LANGUAGES or asked in PSEUDO_LANGUAGES else ENGLISH


def ask_language_of(source: Callable[[], str] | None) -> None:
    """Let ``source`` say the language where no ``speaking`` does; the pages give what a visitor has chosen."""
    global _source  # noqa: PLW0603 - one a process, set when the pages are loaded
    _source = source


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say everything in the language ``code`` meanwhile, in this thread or task."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


@contextmanager
def keeping_messages() -> Iterator[None]:
    """Say everything in English meanwhile, as texts that know their message and values and can still be translated."""
    language_token, token = _language.set(ENGLISH), _keeps_messages.set(True)
    try:
        yield
    finally:
        _keeps_messages.reset(token)
        _language.reset(language_token)


def tr(message: str, **values: Any) -> str:
    """Return the message in the language of now, with its values.

    Parameters
    ----------
    message : English, a literal that `make messages` finds, or what ``tr_lazy`` gave
    values : what stands in its {braces}, as for ``str.format``; numbers are written as the language writes them
    """
    if _keeps_messages.get():
        return message if isinstance(message, LazyText) else LazyText(message, values)
    return message.translated() if isinstance(message, LazyText) else _said(message, values)


def _said(message: str, values: Mapping[str, Any]) -> str:
    code = language()
    if code == ENGLISH:
        return message.format(**values) if values else message
    found = _translated(code, message)
    return _in_case(_Formatter(code).vformat(found, (), values), code) if values else found


def tr_many(one: str, many: str, number: float, **values: Any) -> str:
    """Return one of two messages as the number asks, in the language of now; the number itself is {number}."""
    values = {"number": number, **values}
    return LazyText(one, values, many) if _keeps_messages.get() else _said_many(one, many, number, values)


def _said_many(one: str, many: str, number: float, values: Mapping[str, Any]) -> str:
    code = language()
    if code == ENGLISH:
        return (one if number == 1 else many).format(**values)
    return _in_case(_Formatter(code).vformat(_translated_plural(code, one, many, number), (), values), code)


def tr_many_forms(one: str, many: str) -> list[str]:
    """Return both forms of a message with a number in the language of now, for who chooses elsewhere; values stay {fields}."""
    code = language()
    if code in PSEUDO_LANGUAGES:
        return [pseudo(one, code), pseudo(many, code)]
    return list(_plurals(code)[0].get(one, (one, many))) if code != ENGLISH else [one, many]


def _in_case(text: str, code: str) -> str:
    """A sentence whose counted nouns, which come with their number from another message, have the case of their place."""
    return _GERMAN_DATIVE.sub(_with_dative, text) if code == "de" else text


def _with_dative(found: re.Match) -> str:
    before, adjective, noun = found.groups("")
    adjective = f"{adjective[:-1]}n " if adjective else ""
    return f"{before}{adjective}{noun}{'n' if noun.endswith(('e', 'er')) else ''}"


class LazyText(str):
    """English as a string, translated when it is drawn: by ``tr``, ``str`` and in an f-string. Equal to its English."""

    __slots__ = ("_many", "_message", "_values")

    def __new__(cls, message: str, values: Mapping[str, Any], many: str = "") -> "LazyText":
        """See ``tr_lazy``; ``many``: the other message where the value "number" chooses, as for ``tr_many``."""
        values = {name: _sentence_of(value) for name, value in values.items()}
        # Of values that are lazy too the English, whoever is served now.
        english = {name: str.__str__(value) if isinstance(value, str) else value for name, value in values.items()}
        chosen = many if many and values["number"] != 1 else message
        text = super().__new__(cls, chosen.format(**english) if values else chosen)
        text._message, text._values, text._many = message, values, many
        return text

    @property
    def message(self) -> str:
        """The message in English, its {fields} open."""
        return self._message

    @property
    def many(self) -> str:
        """The message for other numbers than 1, "" where no number chooses."""
        return self._many

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the fields."""
        return dict(self._values)

    def translated(self) -> str:
        """Return it in the language of now."""
        if self._many:
            return _said_many(self._message, self._many, self._values["number"], self._values)
        return _said(self._message, self._values)

    __str__ = translated

    def __format__(self, spec: str) -> str:
        """See ``str``."""
        return format(self.translated(), spec)

    def __add__(self, other: str) -> str:
        """With what follows, to be translated too."""
        return LazyText("{first}{last}", {"first": self, "last": other})

    def __radd__(self, other: str) -> str:
        """With what comes before, to be translated too."""
        return LazyText("{first}{last}", {"first": other, "last": self})

    def __reduce__(self) -> tuple:
        """Copies and pickles are lazy too."""
        return (LazyText, (self._message, self._values, self._many))


def _sentence_of(value: Any) -> Any:
    """A value of a message; of an error its sentence, which may be translated."""
    return said_by(value) if isinstance(value, Exception) else value


def said_by(error: Exception) -> str:
    """Return the sentence of an error as it was made, so that it can still be translated."""
    sentence = error.args[0] if error.args else ""
    return sentence if isinstance(sentence, LazyText) else str(error)


def tr_lazy(message: str, **values: Any) -> LazyText:
    """Return a message for a constant of a module: it is translated where it is drawn."""
    return LazyText(message, values)


def is_right_to_left() -> bool:
    """Whether the language of now is written from right to left."""
    return language() in RIGHT_TO_LEFT


def number_text(value: float, spec: str = ",") -> str:
    """Return a number with the decimal and group marks of the language, e.g. "1.124,5" in German.

    spec : as for ``format``
    """
    if _keeps_messages.get():
        return LazyText(f"{{value:{spec}}}", {"value": value})
    return _Formatter(language()).format_field(value, spec)


def plotly_separators() -> str:
    """Return the decimal and the group mark of the language, as Plotly wants them: two characters."""
    marks = _marks(language())
    return "".join(marks.get(ord(mark), mark) for mark in ".,")


def date_text(moment: datetime, *, with_time: bool = True) -> str:
    """Return a date, and the time of day, as the language writes them, e.g. "26 Nov 2026, 12:40"."""
    from babel.dates import format_date, format_datetime

    locale = _locale(language())
    return (
        format_datetime(moment, "medium", locale=locale) if with_time else format_date(moment, "medium", locale=locale)
    )


class _Formatter(string.Formatter):
    """``str.format`` whose numbers have the marks of a language."""

    def __init__(self, code: str) -> None:
        self._marks = _marks(code)

    def format_field(self, value: Any, format_spec: str) -> str:
        """See ``string.Formatter``; a number without a spec is written as it is, with the language's decimal mark."""
        text = super().format_field(value, format_spec)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return text.translate(self._marks) if is_number else text


@cache
def _marks(code: str) -> dict[int, str]:
    """The decimal and the group mark of English and what the language has in their place."""
    if code == ENGLISH or code in PSEUDO_LANGUAGES:
        return {}
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return str.maketrans({".": get_decimal_symbol(_locale(code)), ",": get_group_symbol(_locale(code))})


def _locale(code: str) -> str:
    # English as the pages write it: day before month.
    return "en_GB" if code == ENGLISH or code in PSEUDO_LANGUAGES else code


def _translated(code: str, message: str) -> str:
    """The template of a message in a language; English where the catalog does not have it."""
    if code in PSEUDO_LANGUAGES:
        return pseudo(message, code)
    return _catalog(code).get(message, message)


def _translated_plural(code: str, one: str, many: str, number: float) -> str:
    if code in PSEUDO_LANGUAGES:
        return pseudo(one if number == 1 else many, code)
    forms, rule = _plurals(code)
    found = forms.get(one)
    return found[rule(number)] if found else (one if number == 1 else many)


def pseudo(message: str, code: str) -> str:
    """Return a message as a pseudo-language says it; what stands in {braces}, `commands` and :directives: stay."""
    if code == MIRRORED:
        return f"{_RIGHT_TO_LEFT_FROM}{message}{_TO_HERE}"
    parts = _kept_parts(message)
    if not any(character.isalpha() for part, kept in parts if not kept for character in part):
        return message
    accented = "".join(part if kept else part.translate(_ACCENTS) for part, kept in parts)
    return f"{accented} {'~' * (len(message) // 3)}" if len(message) > 1 else accented


def _kept_parts(message: str) -> list[tuple[str, bool]]:
    """The parts of a message, and for each whether it must stay: fields, commands, icons, tags, addresses."""
    kept = re.compile(r"(\{[^{}]*\}|`[^`]*`|:[a-z_]+(?:/[a-z_]+)?:|<[^<>]*>|&[a-z]+;|\]\([^)]*\))")
    return [(part, bool(number % 2)) for number, part in enumerate(kept.split(message))]


@cache
def _catalog(code: str) -> dict[str, str]:
    """The translated messages of a language that have one form."""
    return {message.id: message.string for message in _messages(code) if isinstance(message.id, str)}


@cache
def _plurals(code: str) -> tuple[dict[str, tuple[str, ...]], Callable[[float], int]]:
    """The forms of a language's messages with a number, by their first English form, and which form a number takes."""
    forms = {message.id[0]: message.string for message in _messages(code) if not isinstance(message.id, str)}
    # French counts 0 and 1 as one.
    one_until = 2 if code == "fr" else None
    return forms, lambda number: int(number >= one_until) if one_until else int(number != 1)


@cache
def _messages(code: str) -> tuple:
    """What a catalog holds that is translated and not in doubt."""
    from babel.messages.pofile import read_po

    with open(CATALOGS / f"{code}.po", "rb") as file:
        catalog = read_po(file, locale=code)
    return tuple(message for message in catalog if message.id and message.string and not message.fuzzy)
