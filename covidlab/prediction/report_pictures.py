"""The pictures of the page about one X-ray: the X-ray, the map that was asked for with all that was said of it, the nearest X-rays."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.overlay import colour_steps
from covidlab.prediction.report_parts import SMALL_SIZE, caption, colour_bar, paragraph, picture, shortened, table
from covidlab.prediction.xray_report import Nearest, XrayReport

NO_MAP = tr_lazy("No map was asked for when this page was made.")
ILLUSTRATIVE = tr_lazy("The map is illustrative: it shows roughly what the model used, never where disease is.")
MEANING_OF_COLOURS = tr_lazy("Bright = much, dark = little, relative to this X-ray.")

_MOST_SENTENCES, _MOST_NEAREST = 7, 5
# Of the width of the page, where there is no map beside the X-ray; and how much higher it may be than beside one.
_SHARE_ALONE, _HIGHER_ALONE = 0.6, 1.2
_BETWEEN = 4 * mm


@dataclass(frozen=True)
class Room:
    """How long a sentence and how high a picture may be, and whether the nearest X-rays stand below the pictures."""

    check: int
    sentence: int
    picture: float
    is_wide: bool = False


@dataclass(frozen=True)
class Shown:
    """The pictures of the page as JPEG; ``heatmap`` is empty where there is none."""

    xray: bytes
    heatmap: bytes


def pictures(report: XrayReport, shown: Shown, room: Room, *, width: float) -> list[Flowable]:
    """Return the X-ray and the map with what is said of it, else the X-ray alone and larger; and the nearest X-rays."""
    if not shown.heatmap:
        return _alone(report, shown, room, width)
    column = width / (2 if room.is_wide else 3)
    size = {"width": column - _BETWEEN, "height": room.picture}
    cells = [
        [picture(shown.xray, **size), Spacer(0, 2), caption(tr("X-ray"))],
        [picture(shown.heatmap, **size), Spacer(0, 2), *_legend(report, column - _BETWEEN)],
    ]
    if room.is_wide:
        below = [Spacer(0, 2 * mm), *_nearest(report, width)]
        return [table([cells], [column] * 2, lines=False), *_about_map(report, room), *below]
    nearest = _nearest(report, column - 4)
    return [table([[*cells, nearest]], [column] * 3, lines=False), *_about_map(report, room)]


def _alone(report: XrayReport, shown: Shown, room: Room, width: float) -> list[Flowable]:
    """The X-ray without a map, the nearest ones beside it."""
    column = _SHARE_ALONE * width
    said = [caption(shortened(sentence, room.sentence)) for sentence in report.about_map[:_MOST_SENTENCES] or (NO_MAP,)]
    xray = picture(shown.xray, width=column - _BETWEEN, height=_HIGHER_ALONE * room.picture)
    cells = [xray, Spacer(0, 2), caption(tr("X-ray")), *said]
    return [table([[cells, _nearest(report, width - column - 4)]], [column, width - column], lines=False)]


def _legend(report: XrayReport, width: float) -> list[Flowable]:
    """What the map explains, and what its colours mean."""
    label = (
        tr(": what speaks for {shortened}", shortened=shortened(report.heatmap_label, 40))
        if report.heatmap_label
        else ""
    )
    name = caption(f"{shortened(report.map_method, 20) or tr('Heat map')}{label}")
    return [name, colour_bar(colour_steps(), width=width), caption(MEANING_OF_COLOURS)]


def _about_map(report: XrayReport, room: Room) -> list[Flowable]:
    """That the map is an illustration, then what the page said of it: how its trial went, where its heat lies."""
    said = (shortened(sentence, room.sentence) for sentence in report.about_map[:_MOST_SENTENCES])
    return [paragraph(sentence, size=SMALL_SIZE) for sentence in (ILLUSTRATIVE, *said)]


def _nearest(report: XrayReport, width: float) -> list[Flowable]:
    """The X-rays of the set that are nearest, as a small table."""
    nearest, others = report.nearest, "" if report.num_patients is None else tr(", of other patients")
    if not nearest:
        return [caption(tr("The nearest X-rays of the set were not looked for."))]
    head = [caption(text) for text in (tr("Class"), tr("View"), tr("Age"), tr("Distance"))]
    shares = (0.33, 0.2, 0.23, 0.24)
    return [
        caption(tr("Nearest X-rays of the set{others}", others=others)),
        table([head, *_rows(nearest[:_MOST_NEAREST])], [width * share for share in shares]),
    ]


def _rows(nearest: Sequence[Nearest]) -> list[list[Flowable]]:
    # Each text with the characters it may have.
    texts = [
        (
            shortened(each.label, 28),
            shortened(each.view, 12),
            shortened(each.age_group, 12),
            number_text(each.distance, ".2f"),
        )
        for each in nearest
    ]
    return [[paragraph(text, size=SMALL_SIZE) for text in row] for row in texts]
