"""A document as Markdown."""

import re
from collections.abc import Iterator

from covidlab.runs.documents.content import Document, Rows, Section
from covidlab.text import one_line

_LONGEST = 10_000


def as_markdown(document: Document) -> str:
    """Return a document as Markdown; texts that came from outside are no markup."""
    lines = [f"# {_text(document.title)}", ""]
    for sentence in document.about:
        lines += [_text(sentence), ""]
    for section in document.sections:
        lines += _section(section)
    return "\n".join([*lines, f"*{_text(document.footer)}*", ""])


def _section(section: Section) -> Iterator[str]:
    yield f"## {_text(section.title)}"
    yield ""
    for paragraph in section.paragraphs:
        yield _text(paragraph)
        yield ""
    if section.points:
        yield from (f"- {_text(point)}" for point in section.points)
        yield ""
    if section.rows:
        yield from _rows(section.rows)
        yield ""


def _rows(rows: Rows) -> Iterator[str]:
    yield f"| {' | '.join(map(_text, rows.head))} |"
    yield f"|{'---|' * len(rows.head)}"
    for row in rows.rows:
        yield f"| {' | '.join(map(_text, row))} |"


def _text(text: str) -> str:
    """One line on which nothing is markup; full stops and commas stay as they are, so that the file can be read as it lies."""
    line = re.sub(r"[\\`*_\[\]<>|~$]", r"\\\g<0>", one_line(text, max_length=_LONGEST))
    # What would begin a heading, a quotation or a list.
    return re.sub(r"^(?=[#+-])|^(\d+)(?=[.)])", lambda found: f"{found[1]}\\" if found[1] else "\\", line)
