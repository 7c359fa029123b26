"""The messages of the program and their catalogs: `make messages` brings assets/languages up to date.

A message is the first argument of ``tr`` and ``tr_lazy``, the first two of ``tr_many``, the nouns of ``pluralize`` in Python;
``tr`` and ``trMany`` in the components' JavaScript, and the words of their HTML.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from covidlab.language import CATALOGS, ENGLISH, LANGUAGES  # noqa: E402 - of this checkout
from covidlab.text import nouns_with_number  # noqa: E402
from covidlab.ui.shared.components.words import component_messages  # noqa: E402

Message = str | tuple[str, str]

# One and many, as covidlab.language chooses; Babel would give Spanish and French a third form, for whole millions.
TWO_FORMS = "nplurals=2; plural=(n != 1);"


def messages() -> Iterator[tuple[Message, str]]:
    """Every message with the file it stands in, a pair where a number chooses."""
    for path in sorted([*ROOT.glob("covidlab/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (message := _message_of(node)):
                yield message, place
    for path in sorted(ROOT.glob("covidlab/ui/shared/components/*")):
        if path.suffix in (".js", ".html"):
            for message in component_messages(path):
                yield message, path.relative_to(ROOT).as_posix()


def _message_of(call: ast.Call) -> Message | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
    if name in ("tr", "tr_lazy") and texts and isinstance(texts[0], str):
        return texts[0]
    if name == "tr_many" and isinstance(texts[0], str) and isinstance(texts[1], str):
        return texts[0], texts[1]
    if name == "pluralize" and len(texts) > 1 and isinstance(texts[1], str):
        return nouns_with_number(texts[1], texts[2] if len(texts) > 2 else None)
    return None


def template() -> Catalog:
    """All messages with the files they stand in, without translations."""
    catalog = Catalog(project="covidlab", charset="utf-8", fuzzy=False)
    for message, place in messages():
        catalog.add(message, locations=[(place, None)])
    return catalog


def update(code: str) -> Catalog:
    """Return a language's catalog with all messages of now: known translations stay, messages that are gone leave."""
    path = CATALOGS / f"{code}.po"
    catalog = Catalog(locale=code, project="covidlab", charset="utf-8", fuzzy=False)
    catalog.mime_headers = [("Plural-Forms", TWO_FORMS)]
    if path.exists():
        with open(path, "rb") as file:
            catalog = read_po(file, locale=code)
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def main() -> None:
    """Write the catalogs and say what is left to translate."""
    CATALOGS.mkdir(parents=True, exist_ok=True)
    for code in LANGUAGES:
        if code != ENGLISH:
            catalog = update(code)
            with open(CATALOGS / f"{code}.po", "wb") as file:
                write_po(file, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
            missing = sum(
                not (message.string if isinstance(message.id, str) else all(message.string))
                for message in catalog
                if message.id
            )
            print(f"{code}: {len(catalog)} messages, {missing} not translated")


if __name__ == "__main__":
    main()
