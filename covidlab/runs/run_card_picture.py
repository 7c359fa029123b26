"""The card of a run as a PNG: drawn with Pillow, which the server has loaded anyway (Matplotlib would take 31 MB more).

Everything is drawn at twice its size and made smaller at the end, so that lines are smooth.
"""

import io
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from covidlab.language import tr, tr_lazy
from covidlab.metrics import Metric
from covidlab.runs.run_card import RunCard
from covidlab.text import pluralize

WIDTH, HEIGHT = 1200, 900
NOT_FOR_DIAGNOSIS = tr_lazy("Not for diagnosis")

_SCALE = 2
_MARGIN = 48
_INK, _MUTED, _GRID, _BACKGROUND = "#1d2b30", "#55646a", "#d5dcde", "#ffffff"
# As in the charts of the pages: validation is orange, training blue.
_VALIDATION, _TRAINING, _BAND = "#D55E00", "#0072B2", "#f8e3d6"
# Left, top, right and bottom of the chart; the bottom with the verdict of an audit below it.
_CHART = (96, 432, WIDTH - _MARGIN, 768)
_BOTTOM_WITH_VERDICT = 700

Point = tuple[float, float]


def card_png(card: RunCard) -> bytes:
    """Return the card as a PNG of ``WIDTH`` x ``HEIGHT`` pixels."""
    picture = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), _BACKGROUND)
    pen = _Pen(ImageDraw.Draw(picture))
    _draw_head(pen, card)
    _draw_figures(pen, card)
    _draw_chart(pen, card)
    _draw_verdict(pen, card)
    _draw_foot(pen)
    content = io.BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(content, "PNG", optimize=True)
    return content.getvalue()


class _Pen:
    """Draws in the coordinates of the finished card."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def text(
        self, place: Point, text: str, size: int, *, bold: bool = False, colour: str = _INK, anchor: str = "la"
    ) -> None:
        self._draw.text(_scaled(place), text, font=_font(size, bold), fill=colour, anchor=anchor)

    def lines(self, place: Point, text: str, size: int, *, width: int, most: int, colour: str = _INK) -> None:
        """Text over at most so many lines, the last one cut where there is more."""
        x, y = place
        for line in _wrapped(text, _font(size, False), width * _SCALE, most):
            self.text((x, y), line, size, colour=colour)
            y += 1.35 * size

    def line(self, points: Sequence[Point], colour: str, width: int) -> None:
        if len(points) > 1:
            self._draw.line([_scaled(point) for point in points], fill=colour, width=width * _SCALE, joint="curve")
        elif points:
            x, y = _scaled(points[0])
            reach = (width + 2) * _SCALE
            self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)

    def area(self, points: Sequence[Point], colour: str) -> None:
        if len(points) > 2:
            self._draw.polygon([_scaled(point) for point in points], fill=colour)


def _draw_head(pen: _Pen, card: RunCard) -> None:
    pen.lines((_MARGIN, 40), card.name, 34, width=WIDTH - 2 * _MARGIN, most=1)
    who = [tr("handed in by {alias}", alias=card.alias)] * bool(card.alias) + [
        tr("best of {best_of} runs", best_of=card.best_of)
    ] * (card.best_of > 1)
    data = tr("Data set {data_name}: {x_rays}", data_name=card.data_name, x_rays=pluralize(card.num_xrays, "X-ray")) + (
        tr(" of {patients}", patients=pluralize(card.num_patients, "patient")) if card.num_patients else ""
    )
    pen.lines((_MARGIN, 96), f"{', '.join([data, *who])}.", 20, width=WIDTH - 2 * _MARGIN, most=1, colour=_MUTED)
    settings = f"{card.settings_text[:1].upper()}{card.settings_text[1:]}."
    pen.lines((_MARGIN, 132), settings, 20, width=WIDTH - 2 * _MARGIN, most=2, colour=_MUTED)


def _draw_figures(pen: _Pen, card: RunCard) -> None:
    over = (
        tr("Accuracy over {num_splits} splits, {repeats}", num_splits=card.num_splits, repeats=card.repeats)
        if card.num_splits
        else tr("Accuracy by cross-validation")
    )
    _draw_figure(pen, _MARGIN, over, card.crossed, 64, tr("not cross-validated"))
    _draw_figure(
        pen, WIDTH // 2 + 60, tr("Accuracy on the one split of the run"), card.single, 40, tr("no validation X-rays")
    )


def _draw_figure(pen: _Pen, left: int, title: str, figure: Metric | None, size: int, missing: str) -> None:
    pen.text((left, 212), title, 20, bold=True)
    if figure is None:
        pen.text((left, 262), missing, 26, colour=_MUTED)
        return
    pen.text((left, 310), f"{figure.value:.2f}", size, bold=True, anchor="ls")
    pen.text(
        (left, 330), f"95 % interval {figure.low:.2f} to {figure.high:.2f}, n = {pluralize(figure.n, 'X-ray')}", 20
    )


def _draw_chart(pen: _Pen, card: RunCard) -> None:
    left, top, right, bottom = _CHART
    bottom = _BOTTOM_WITH_VERDICT if card.verdict else bottom
    epochs = [epoch for curve in (card.split, card.honest) for epoch in curve.get("epoch", ()) if epoch is not None]
    if not epochs:
        return
    first, last = min(epochs), max(epochs)
    for level in (0, 0.5, 1):
        y = bottom - (bottom - top) * level
        pen.line([(left, y), (right, y)], _GRID, 1)
        pen.text((left - 12, y), str(level), 18, colour=_MUTED, anchor="rm")
    pen.text((left, bottom + 10), tr("epoch {first:.0f}", first=first), 18, colour=_MUTED)
    pen.text((right, bottom + 10), tr("epoch {last:.0f}", last=last), 18, colour=_MUTED, anchor="ra")

    def placed(curve: Mapping, column: str) -> list[Point]:
        known = zip(curve.get("epoch", ()), curve.get(column, ()), strict=False)
        return [
            (left + (right - left) * (epoch - first) / max(last - first, 1), bottom - (bottom - top) * value)
            for epoch, value in known
            if epoch is not None and value is not None
        ]

    pen.area([*placed(card.honest, "high"), *reversed(placed(card.honest, "low"))], _BAND)
    pen.line(placed(card.split, "accuracy"), _TRAINING, 2)
    pen.line(placed(card.split, "val_accuracy"), _VALIDATION, 2)
    pen.line(placed(card.honest, "accuracy"), _VALIDATION, 6)
    _draw_legend(pen, card)


def _draw_legend(pen: _Pen, card: RunCard) -> None:
    n = f" (n = {card.single.n})" if card.single else ""
    entries = [(tr("accuracy on training X-rays"), _TRAINING, 2), (tr("on the one split{n}", n=n), _VALIDATION, 2)]
    if card.honest:
        entries.append(
            (tr("over {num_splits} splits, with its 95 % interval", num_splits=card.num_splits), _VALIDATION, 6)
        )
    x, y = _CHART[0], _CHART[1] - 34
    for name, colour, width in entries:
        pen.line([(x, y), (x + 36, y)], colour, width)
        pen.text((x + 46, y), name, 18, anchor="lm")
        x += 46 + _font(18, False).getlength(name) / _SCALE + 36


def _draw_verdict(pen: _Pen, card: RunCard) -> None:
    """What an audit says, and below it what that does not establish."""
    for place, line in enumerate(card.verdict):
        y = _BOTTOM_WITH_VERDICT + 42 + place * 45
        pen.lines((_MARGIN, y), line, 16, width=WIDTH - 2 * _MARGIN, most=2, colour=_MUTED if place else _INK)


def _draw_foot(pen: _Pen) -> None:
    y = HEIGHT - 62
    pen.line([(_MARGIN, y), (WIDTH - _MARGIN, y)], _GRID, 1)
    pen.text((_MARGIN, y + 14), NOT_FOR_DIAGNOSIS, 22, bold=True)
    said = tr("Made with covidlab, to learn what a model can and cannot learn from few X-rays.")
    pen.text((WIDTH - _MARGIN, y + 16), said, 18, colour=_MUTED, anchor="ra")


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> list[str]:
    """Lines of at most this width; where the text goes on, the last one ends with an ellipsis."""
    lines, words = [""], text.split(" ")
    for place, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = " ".join([lines[-1], *words[place:]]).strip()
            break
    return [_cut(line, font, width) for line in lines]


def _cut(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # DejaVu Sans comes with Matplotlib; it is found without importing that.
    (folder,) = find_spec("matplotlib").submodule_search_locations
    name = "DejaVuSans-Bold" if bold else "DejaVuSans"
    return ImageFont.truetype(Path(folder, "mpl-data", "fonts", "ttf", f"{name}.ttf"), size * _SCALE)


def _scaled(point: Point) -> Point:
    return point[0] * _SCALE, point[1] * _SCALE
