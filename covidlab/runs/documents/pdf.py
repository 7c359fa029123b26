"""A document as PDF, A4, as many pages as it needs; fonts and styles are those of the page about one X-ray. Needs no TensorFlow."""

import io
import re
from collections.abc import Iterator
from functools import partial

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, SimpleDocTemplate, Spacer

import covidlab
from covidlab.prediction.report_parts import (
    INK,
    MUTED,
    REGULAR,
    SMALL_SIZE,
    load_fonts,
    paragraph,
    shortened,
    table,
)
from covidlab.runs.documents.content import Document, Rows, Section, State

_MARGIN = 15 * mm
# Of reportlab's frame on each side.
_PADDING = 6
_WIDTH = A4[0] - 2 * (_MARGIN + _PADDING)
_LONGEST = 4_000
# A row of a table is not divided: of a cell as wide as the page, what fits on it; of a narrower one less.
_LONGEST_CELL = 6_000
_OPEN = tuple(state.capitalize() for state in (State.NOT_KNOWN, State.NOT_APPLICABLE))


def document_pdf(document: Document) -> bytes:
    """Return the document as PDF; the same document gives the same bytes."""
    load_fonts()
    made = io.BytesIO()
    template = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 6 * mm,
        title=_text(document.title),
        author="",
        subject="Not for diagnosis.",
        creator="covidlab",
        producer=f"covidlab {covidlab.__version__}",
        lang="en",
        # No time of this machine and no random id in the file.
        invariant=1,
        pageCompression=1,
    )
    footer = partial(_draw_footer, document)
    template.build(list(_content(document)), onFirstPage=footer, onLaterPages=footer)
    return made.getvalue()


def _content(document: Document) -> Iterator[Flowable]:
    yield paragraph(_text(document.title), size=15, bold=True)
    yield Spacer(0, 3 * mm)
    for sentence in document.about:
        yield paragraph(_text(sentence))
        yield Spacer(0, 1.5 * mm)
    for section in document.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[Flowable]:
    heading = [Spacer(0, 3 * mm), paragraph(_text(section.title), size=11, bold=True), Spacer(0, 1 * mm)]
    blocks = [block for text in section.paragraphs for block in (paragraph(_text(text)), Spacer(0, 1 * mm))]
    blocks += [_point(text) for text in section.points]
    if section.rows:
        blocks.append(_rows(section.rows))
    # A heading is not the last line of a page.
    if blocks and not (section.rows and len(blocks) == 1):
        yield KeepTogether([*heading, blocks[0]])
        yield from blocks[1:]
    else:
        yield from (*heading, *blocks)


def _point(text: str) -> Flowable:
    return table([[paragraph("•"), paragraph(_text(text))]], [4 * mm, _WIDTH - 4 * mm], lines=False)


def _rows(rows: Rows) -> Flowable:
    head = [[paragraph(_text(text), size=SMALL_SIZE, colour=MUTED) for text in rows.head]] * any(rows.head)
    cells = [[_cell(text, share) for text, share in zip(row, rows.shares, strict=True)] for row in rows.rows]
    return table([*head, *cells], [share * _WIDTH for share in rows.shares], padding=2, gap=8, num_head=len(head))


def _cell(text: str, share: float) -> Flowable:
    said = _text(text, most=int(share * _LONGEST_CELL))
    return paragraph(said, size=SMALL_SIZE + 0.5, colour=_colour(text))


def _colour(text: str):
    """What is open is seen at a glance, and said as well."""
    return MUTED if text.startswith(_OPEN) else INK


def _draw_footer(document: Document, canvas: Canvas, template: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, SMALL_SIZE)
    canvas.setFillColor(MUTED)
    canvas.drawString(_MARGIN + _PADDING, _MARGIN, _text(document.footer))
    canvas.drawRightString(A4[0] - _MARGIN - _PADDING, _MARGIN, f"Page {template.page}")
    canvas.restoreState()


def _text(text: str, *, most: int = _LONGEST) -> str:
    """What the fonts can print of a text, on one line; a line never ends inside "n = 50" or "95 %"."""
    said = shortened(text, most)
    return re.sub(r"\bn = (?=\d)", "n\u00a0=\u00a0", re.sub(r"(?<=\d) %", "\u00a0%", said))
