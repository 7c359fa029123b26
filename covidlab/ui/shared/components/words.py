"""The words of the parts with JavaScript, in the visitor's language: found in their files, handed over with their data."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from covidlab.language import ENGLISH, language, tr, tr_many_forms

# tr("…" or trMany(number, "…", "…": literals with double quotes, as the house writes them.
_SAID = re.compile(r'\btr\(\s*("(?:[^"\\\n]|\\.)*")')
_COUNTED = re.compile(r'\btrMany\([^"\n]*?,\s*("(?:[^"\\\n]|\\.)*"),\s*("(?:[^"\\\n]|\\.)*")')
_SPOKEN_ATTRIBUTES = ("aria-label", "aria-roledescription", "title", "placeholder", "alt")
_WORD = re.compile(r"[A-Za-z]{2,}")

Message = str | tuple[str, str]


@cache
def component_messages(path: Path) -> tuple[Message, ...]:
    """The messages of a JavaScript or HTML file of a component, a pair where a number chooses."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return _of_html(text)
    said = (_unquoted(found) for found in _SAID.findall(text))
    counted = ((_unquoted(one), _unquoted(many)) for one, many in _COUNTED.findall(text))
    return tuple(dict.fromkeys([*said, *counted]))


def words_of(paths: tuple[Path, ...]) -> dict[str, str | list[str]]:
    """What the messages of these files are in the language of now; nothing in English, which the files hold."""
    if language() == ENGLISH:
        return {}
    found = (message for path in paths for message in component_messages(path))
    return {
        message if isinstance(message, str) else message[0]: tr(message)
        if isinstance(message, str)
        else tr_many_forms(*message)
        for message in found
    }


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def _of_html(text: str) -> tuple[str, ...]:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return tuple(dict.fromkeys(reader.found))


class _Words(HTMLParser):
    """Collects the texts of an HTML file as the browser has them, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """A text between tags, its spaces as one."""
        self._keep(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """The attributes of a tag that people hear or read."""
        for name, value in attrs:
            if name in _SPOKEN_ATTRIBUTES and value:
                self._keep(value)

    def _keep(self, text: str) -> None:
        said = " ".join(text.split())
        if _WORD.search(said):
            self.found.append(said)
