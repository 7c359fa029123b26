"""The parts of the page about one X-ray: fonts, texts that cannot break the page, tables, pictures. Needs no TensorFlow."""

import io
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Image, Paragraph, Table

from covidlab.text import one_line

# reportlab's own fonts know Western European letters only; these come with Matplotlib.
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
BODY_SIZE, SMALL_SIZE = 8.5, 7.0

INK, MUTED, LINE, GRAVE = HexColor("#1a1a1a"), HexColor("#595959"), HexColor("#bfbfbf"), HexColor("#9b1c1c")
NOT_PRINTABLE = "□"
_PICTURE_SIDE = 640
_PICTURE_QUALITY = 88
_RIGHT_TO_LEFT = ("R", "AL")


@cache
def load_fonts() -> None:
    """Make the two fonts known; they are read once a process."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, _font_file(name)))
    # Bold inside a paragraph.
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def _font_file(name: str) -> Path:
    # Found without importing Matplotlib, which takes a fifth of a second.
    (folder,) = find_spec("matplotlib").submodule_search_locations
    return Path(folder, "mpl-data", "fonts", "ttf", f"{name}.ttf")


def shortened(text: object, most: int) -> str:
    """Foreign text on one line of at most ``most`` characters, an ellipsis at its end where there was more.

    Characters that the font lacks become □.
    """
    line = one_line(text, max_length=10_000)
    line = line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(character if ord(character) in known else NOT_PRINTABLE for character in line)


def paragraph(
    text: str, *, size: float = BODY_SIZE, bold: bool = False, colour: Color = INK, centred: bool = False
) -> Paragraph:
    """Text as a paragraph; what stands in it is no markup."""
    style = ParagraphStyle(
        "text",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=1.3 * size,
        textColor=colour,
        alignment=1 if centred else 0,
        # A long word is broken instead of running off the page.
        splitLongWords=True,
    )
    return Paragraph(escape(str(text)), style)


def caption(text: str) -> Paragraph:
    """Small grey text."""
    return paragraph(text, size=SMALL_SIZE, colour=MUTED)


def colour_bar(colours: Sequence[str], *, width: float, height: float = 4) -> Table:
    """A bar of colours, "#rrggbb", from left to right."""
    commands = [("BACKGROUND", (place, 0), (place, 0), HexColor(colour)) for place, colour in enumerate(colours)]
    size = {"colWidths": [width / len(colours)] * len(colours), "rowHeights": [height]}
    return Table([[""] * len(colours)], **size, style=commands, hAlign="LEFT", spaceBefore=2, spaceAfter=1)


def table(
    rows: Sequence[Sequence[Flowable | str]],
    widths: Sequence[float],
    *,
    lines: bool = True,
    padding: float = 1.2,
    gap: float = 4,
    num_head: int = 0,
) -> Table:
    """Rows of flowables in columns of ``widths`` points, with a thin line below each row.

    ``gap``: between columns. ``num_head``: rows that stand again on each page the table goes on to.
    """
    commands = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), gap),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
    ]
    if lines:
        commands.append(("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE))
    size = {"colWidths": list(widths), "repeatRows": num_head}
    return Table([list(row) for row in rows], style=commands, hAlign="LEFT", **size)


def boxed(content: Sequence[Flowable], width: float, *, colour: Color) -> Table:
    """Paragraphs in a frame of ``width`` points."""
    commands = [("BOX", (0, 0), (-1, -1), 1.2, colour)]
    commands += [(f"{side}PADDING", (0, 0), (-1, -1), 5) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table([[list(content)]], colWidths=[width], style=commands, hAlign="LEFT")


def pixels_alone(encoded: bytes, *, over: bytes = b"") -> bytes:
    """A picture encoded again as JPEG, so that nothing but its pixels reaches the page.

    ``over`` is laid over it: a picture of its own, or colours that are partly clear.
    """
    pixels = _opened(encoded).convert("RGB")
    if over:
        colours = _opened(over).convert("RGBA").resize(pixels.size, Picture.Resampling.BICUBIC)
        pixels = Picture.alpha_composite(pixels.convert("RGBA"), colours).convert("RGB")
    pixels.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    made = io.BytesIO()
    # Built anew from its pixels: Pillow would save the comment of the file it opened.
    Picture.frombytes("RGB", pixels.size, pixels.tobytes()).save(made, "JPEG", quality=_PICTURE_QUALITY)
    return made.getvalue()


def picture(jpeg: bytes, *, width: float, height: float) -> Image:
    """What ``pixels_alone`` gives, at most ``width`` by ``height`` points, its shape kept."""
    across, down = Picture.open(io.BytesIO(jpeg)).size
    scale = min(width / across, height / down)
    return Image(io.BytesIO(jpeg), width=scale * across, height=scale * down, hAlign="LEFT")


def _opened(encoded: bytes) -> Picture.Image:
    opened = Picture.open(io.BytesIO(encoded))
    opened.load()
    return opened


def typed(text: str, *, most: int, size: float = BODY_SIZE) -> Flowable:
    """Text that somebody typed, bold on one line; where it runs from right to left, set by Pillow, which knows how."""
    line = shortened(text, most)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return _set_by_pillow(line, size)
    return paragraph(line, size=size, bold=True)


def _set_by_pillow(line: str, size: float) -> Image:
    """A line as a picture, eight pixels a point: reportlab would set its letters unjoined and in the wrong order."""
    scale = 8
    font = ImageFont.truetype(_font_file(BOLD), round(scale * size))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(line))
    grey = Picture.new("L", (right - left + 2, bottom - top + 2), 255)
    ImageDraw.Draw(grey).text((1 - left, 1 - top), line, font=font, fill=26)
    made = io.BytesIO()
    grey.save(made, "PNG")
    return Image(made, grey.width / scale, grey.height / scale, hAlign="LEFT")
