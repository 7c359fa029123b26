"""Text that stands in the picture: panel letters of journals, lines of text and side markers."""

from covidlab.imaging.glyphs import ELLIPSE, Glyph, find_glyphs
from covidlab.imaging.receipt import Check, Verdict
from covidlab.imaging.small_picture import SmallPicture
from covidlab.language import tr_lazy
from covidlab.spoken import listed

# What journals call the parts of a figure. "e" is left out: the filled ellipses of X-ray markers resemble it.
PANEL_LETTERS = set("ABCDEFGH") | set("abcdfgh")
SIDE_MARKERS = ("R", "L")
# Correlation with the letter. The letters of the fifty X-rays reach 0.73 to 0.95.
PANEL_LIKENESS, MARKER_LIKENESS, NEIGHBOUR_LIKENESS = 0.72, 0.68, 0.3
# Printed letters differ from their ground by 139 grey levels and more; letters of lead on an X-ray often by less.
PANEL_CONTRAST = 90
PANEL_HEIGHT = 9
PANEL_FILLED = 0.85
# A panel letter stands in a corner (shares of the sides) and alone: its neighbours are further away than this share of its height.
CORNER, ALONE = 0.2, 0.5
# So many marks of like height, side by side, are a line of text; a side marker with initials has three.
LINE_LENGTH, LINE_HEIGHT = 4, 30


def check_text(picture: SmallPicture) -> Check:
    """Say which letters stand in the picture."""
    glyphs = find_glyphs(picture.grey)
    letters = sorted({glyph.letter for glyph in glyphs if is_panel_letter(glyph, glyphs, picture.grey.shape)})
    found = [tr_lazy('the letter "{letter}" in a corner', letter=letter) for letter in letters]
    found += [tr_lazy("a line of text")] * (longest_line(glyphs) >= LINE_LENGTH)
    if found:
        sentence = tr_lazy(
            "There seems to be printed text in the picture: {found}. A model can react to it.",
            found=listed(found),
        )
        return Check("text", Verdict.WARN, sentence)
    sides = [glyph for glyph in glyphs if is_side_marker(glyph)]
    if sides:
        marker = max(sides, key=lambda glyph: glyph.likeness).letter
        return Check(
            "text", Verdict.PASS, tr_lazy("There seems to be a side marker ({marker}), which is usual.", marker=marker)
        )
    sentence = tr_lazy(
        "No panel letter and no line of text was found in the pixels. Small or faint letters can be missed."
    )
    return Check("text", Verdict.PASS, sentence)


def is_side_marker(glyph: Glyph) -> bool:
    """Whether a mark looks like R or L."""
    return glyph.letter in SIDE_MARKERS and glyph.likeness >= MARKER_LIKENESS


def is_panel_letter(glyph: Glyph, glyphs: list[Glyph], shape: tuple[int, ...]) -> bool:
    """Whether a mark looks like the letter of a figure's part in a picture of ``shape``."""
    across = (glyph.x + glyph.width / 2) / shape[1]
    down = (glyph.y + glyph.height / 2) / shape[0]
    return (
        glyph.letter in PANEL_LETTERS
        and glyph.likeness >= PANEL_LIKENESS
        and glyph.contrast >= PANEL_CONTRAST
        and glyph.height >= PANEL_HEIGHT
        and glyph.filled < PANEL_FILLED
        and min(across, 1 - across) < CORNER
        and min(down, 1 - down) < CORNER
        and not any(_crowds(other, glyph) for other in glyphs)
    )


def _crowds(other: Glyph, glyph: Glyph) -> bool:
    """Whether ``other`` is a letter of like height beside ``glyph``, so that both belong to a word or a marker."""
    is_letter = other.likeness >= NEIGHBOUR_LIKENESS and other.letter != ELLIPSE and other.width >= 0.45 * other.height
    if other is glyph or other.bright != glyph.bright or not is_letter or other.height_ratio(glyph) > 1.5:
        return False
    return max(glyph.gap(other)) <= ALONE * max(other.height, glyph.height)


def longest_line(glyphs: list[Glyph]) -> int:
    """How many marks of like height and brightness stand side by side at most."""
    longest = 0
    for bright in (True, False):
        marks = sorted((g for g in glyphs if g.bright == bright and g.height <= LINE_HEIGHT), key=lambda glyph: glyph.x)
        for index, first in enumerate(marks):
            longest = max(longest, _length_from(first, marks[index + 1 :]))
    return longest


def _length_from(first: Glyph, others: list[Glyph]) -> int:
    """How many marks the line that begins with ``first`` has; ``others`` from left to right."""
    last, length = first, 1
    for other in others:
        across, down = last.gap(other)
        is_level = -down >= 0.5 * min(last.height, other.height) and last.height_ratio(other) <= 1.7
        if is_level and -2 <= across <= 1.2 * max(last.height, other.height):
            last, length = other, length + 1
    return length
