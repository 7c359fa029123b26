"""What a model says of one X-ray, on one page to print: first what the X-ray is, then what limits the number, then the number.

Everything fits the page, whatever the lengths: sentences are shortened and pictures made smaller. Needs no TensorFlow.
"""

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer

from covidlab.imaging.receipt import NAMES, Check, Verdict, in_order
from covidlab.language import language, number_text, tr, tr_lazy
from covidlab.prediction.answer import NO_FOLDS, models_text, probability_text
from covidlab.prediction.report_parts import (
    GRAVE,
    INK,
    MUTED,
    NOT_PRINTABLE,
    SMALL_SIZE,
    boxed,
    caption,
    load_fonts,
    paragraph,
    pixels_alone,
    shortened,
    table,
    typed,
)
from covidlab.prediction.report_pictures import Room, Shown, pictures
from covidlab.prediction.xray_report import MAX_REFERENCE, Interval, Nearest, XrayReport

__all__ = ["Interval", "Nearest", "XrayReport", "report_pdf"]

TITLE = tr_lazy("What this model says of one X-ray")
NOT_FOR_DIAGNOSIS = tr_lazy("Not for diagnosis")

_WHY_NOT = tr_lazy(
    "This page is made for learning and teaching. The findings on an X-ray are not specific, and a "
    "viral test is required (American College of Radiology, March 2020)."
)
_NOT_PRINTED = tr_lazy(
    "Characters that this page cannot print are shown as {not_printable}.", not_printable=NOT_PRINTABLE
)
_NO_INTERVAL = tr_lazy("That is how far the models differ; it is no confidence interval.")

_MARGIN = 15 * mm
_WIDTH, _HEIGHT = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN
_FOOTER = 9 * mm
# What limits the number is not cut where other sentences are.
_LIMIT = 320
_MOST_CHECKS, _MOST_SENTENCES, _MOST_FIGURES = 20, 6, 6


_VERDICTS = {Verdict.PASS: tr_lazy("pass"), Verdict.WARN: tr_lazy("warn"), Verdict.REFUSE: tr_lazy("refuse")}

# The first that fits on the page is taken.
_ROOMS = (
    Room(400, 500, 88 * mm, is_wide=True),
    Room(400, 500, 70 * mm, is_wide=True),
    Room(400, 500, 60 * mm),
    Room(220, 320, 60 * mm),
    Room(160, 240, 56 * mm),
    Room(110, 170, 52 * mm),
    Room(80, 120, 46 * mm),
)


def report_pdf(report: XrayReport) -> bytes:
    """Return the page as PDF, A4; the same report gives the same bytes."""
    load_fonts()
    made = io.BytesIO()
    # Invariant: no time of this machine and no random id in the file.
    canvas = Canvas(made, pagesize=A4, invariant=1, lang=language(), pageCompression=1)
    canvas.setTitle(tr(TITLE))
    canvas.setAuthor("")
    canvas.setSubject(f"{NOT_FOR_DIAGNOSIS}.")
    canvas.setCreator("covidlab")
    canvas.setProducer(tr("covidlab {shortened}", shortened=shortened(report.version, 20)))
    _draw(canvas, _fitting(report))
    _draw_below(canvas, _footer(report))
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _fitting(report: XrayReport) -> list[Flowable]:
    """The content with the longest sentences and the largest pictures that fit."""
    over = pixels_alone(report.picture, over=report.heatmap) if report.heatmap else b""
    shown = Shown(pixels_alone(report.picture), over)
    for room in _ROOMS:
        content = _content(report, shown, room)
        if _height_of(content) <= _HEIGHT - _FOOTER:
            break
    return content


def _height_of(content: Sequence[Flowable]) -> float:
    return sum(part.wrap(_WIDTH, _HEIGHT)[1] for part in content)


def _draw(canvas: Canvas, content: Sequence[Flowable]) -> None:
    """Draw one part below the other; where even the shortest sentences do not fit, all is made smaller alike."""
    scale = min(1.0, (_HEIGHT - _FOOTER) / _height_of(content))
    canvas.saveState()
    canvas.translate(_MARGIN, A4[1] - _MARGIN)
    canvas.scale(scale, scale)
    top = 0.0
    for part in content:
        top -= part.wrapOn(canvas, _WIDTH, _HEIGHT)[1]
        part.drawOn(canvas, 0, top)
    canvas.restoreState()


def _content(report: XrayReport, shown: Shown, room: Room) -> list[Flowable]:
    return [
        *_heading(report),
        _section(tr("What this X-ray is")),
        _receipt(report.checks, room),
        _section(tr("What it resembles")),
        *_result(report, room),
        Spacer(0, 2 * mm),
        *pictures(report, shown, room, width=_WIDTH),
        _section(tr("The model")),
        *_model(report),
    ]


def _section(text: str) -> Flowable:
    heading = paragraph(text, size=10, bold=True)
    return table([[[Spacer(0, 2.5 * mm), heading]]], [_WIDTH], lines=False, padding=2)


def _heading(report: XrayReport) -> list[Flowable]:
    """Title, what the page is not for, and the reference with the date."""
    warning = [paragraph(NOT_FOR_DIAGNOSIS, size=14, bold=True, colour=GRAVE), Spacer(0, 4), paragraph(_WHY_NOT)]
    reference = typed(report.reference, most=MAX_REFERENCE) if report.reference.strip() else paragraph(tr("not given"))
    named = [paragraph(tr("Reference"), colour=MUTED), reference, paragraph(tr("Date"), colour=MUTED)]
    row = [*named, paragraph(shortened(report.made_on, 20))]
    is_whole = NOT_PRINTABLE not in shortened(report.reference, MAX_REFERENCE)
    return [
        paragraph(TITLE, size=15, bold=True),
        Spacer(0, 3 * mm),
        boxed(warning, _WIDTH, colour=GRAVE),
        Spacer(0, 2 * mm),
        table([row], [20 * mm, _WIDTH - 55 * mm, 11 * mm, 24 * mm], lines=False),
        *([] if is_whole else [caption(_NOT_PRINTED)]),
    ]


def _receipt(checks: Sequence[Check], room: Room) -> Flowable:
    """What was looked at before any number; the gravest where there are more than fit."""
    gravest = sorted(checks, key=lambda check: list(Verdict).index(check.verdict), reverse=True)[:_MOST_CHECKS]
    if not gravest:
        return paragraph(tr("Nothing was checked."))
    rows = [[_verdict(check), *_named(check, room)] for check in in_order(gravest)]
    return table(rows, [15 * mm, 34 * mm, _WIDTH - 49 * mm])


def _verdict(check: Check) -> Flowable:
    colour = {Verdict.PASS: MUTED, Verdict.WARN: INK, Verdict.REFUSE: GRAVE}[check.verdict]
    is_unknown = check.verdict is Verdict.PASS and not check.is_known
    return paragraph(
        tr("not known") if is_unknown else tr(_VERDICTS[check.verdict]),
        size=SMALL_SIZE,
        bold=check.verdict is not Verdict.PASS,
        colour=colour,
    )


def _named(check: Check, room: Room) -> list[Flowable]:
    # What the distance does not mean limits the number.
    most = max(room.check, _LIMIT) if check.name == "distance" else room.check
    texts = NAMES[check.name], shortened(check.sentence, most)
    return [paragraph(text, size=SMALL_SIZE) for text in texts]


def _result(report: XrayReport, room: Room) -> list[Flowable]:
    """What limits the number, then the number, all in one size."""
    foreign = [report.refusal, *report.limits[:_MOST_SENTENCES]]
    further = report.further[:_MOST_SENTENCES] if report.probability else ()
    sentences = [
        *(shortened(sentence, max(room.sentence, _LIMIT)) for sentence in foreign if sentence),
        _distance(report),
        _number(report),
        *(shortened(sentence, room.sentence) for sentence in further),
    ]
    return [part for sentence in sentences if sentence for part in (paragraph(sentence), Spacer(0, 1.5))]


def _number(report: XrayReport) -> str:
    """The sentence with the number, which is never shortened; that there is none, where nothing else says so."""
    probability = report.probability
    if probability is None:
        return "" if report.refusal else tr("No number is given for this X-ray.")
    said = tr("No clear answer: not all models of the folds lie on this model's side of the operating point")
    if report.label:
        said = tr(
            "To this model, the X-ray resembles the {shortened} X-rays of the set",
            shortened=shortened(report.label, 40),
        )
    number = tr(
        "{shortened}: {probability_text} of 1",
        shortened=shortened(report.positive_label, 40),
        probability_text=probability_text(probability.value),
    )
    return f"{said} ({number}). {_spread(probability, shortened(report.probability_source, 40))}"


def _spread(number: Interval, models: str) -> str:
    """How far the models of the folds differ."""
    if number.low is None or number.high is None:
        return NO_FOLDS
    return f"{models_text(number.low, number.high, num_models=number.n, models=models)}. {_NO_INTERVAL}"


def _interval(number: Interval) -> str:
    # Non-breaking spaces: a line never ends inside "n = 50".
    return tr(
        "95 % interval {low:.2f} to {high:.2f}, {n}",
        low=number.low,
        high=number.high,
        n=f"n\u00a0=\u00a0{number_text(number.n)}",
    )


def _distance(report: XrayReport) -> str:
    if report.distance is None or report.distance_limit is None:
        return tr("The distance to the set was not measured.")
    measured = {"distance": report.distance, "limit": report.distance_limit}
    if report.distance <= report.distance_limit:
        return tr("Distance to the set: {distance:.2f}, within the limit of {limit:.2f}.", **measured)
    return tr("Distance to the set: {distance:.2f}, beyond the limit of {limit:.2f}.", **measured)


def _model(report: XrayReport) -> list[Flowable]:
    """Which model, what it learned from, and how well it tells the classes of its set apart."""
    patients = (
        tr(" (patients not known)")
        if report.num_patients is None
        else tr(" ({num_patients:,} patients)", num_patients=report.num_patients)
    )
    patients = "" if report.num_patients == 0 else patients
    learned = tr(
        "{shortened} learned from {num_films:,} X-rays{patients} of {shortened_2}.",
        shortened=shortened(report.model, 60),
        num_films=report.num_films,
        patients=patients,
        shortened_2=shortened(report.dataset, 60),
    )
    figures = "; ".join(
        f"{shortened(name, 20)} {number_text(figure.value, '.2f')} ({_interval(figure)})"
        for name, figure in report.figures[:_MOST_FIGURES]
    )
    said = tr("Cross-validated: {figures}.", figures=figures) if figures else tr("It was not cross-validated.")
    limit = tr("The figures say how well the classes of the set are told apart, not how well a disease is seen.")
    sentences = [
        f"{learned[:1].upper()}{learned[1:]} {said} {limit}",
        *(shortened(line, _LIMIT) for line in report.audit),
    ]
    return [paragraph(sentence, size=SMALL_SIZE) for sentence in sentences]


def _footer(report: XrayReport) -> Flowable:
    text = tr(
        "{not_for_diagnosis}. covidlab {shortened}, {shortened_2}",
        not_for_diagnosis=NOT_FOR_DIAGNOSIS,
        shortened=shortened(report.version, 20),
        shortened_2=shortened(report.made_on, 20),
    )
    return paragraph(text, size=SMALL_SIZE, colour=MUTED, centred=True)


def _draw_below(canvas: Canvas, footer: Flowable) -> None:
    footer.wrapOn(canvas, _WIDTH, _FOOTER)
    footer.drawOn(canvas, _MARGIN, _MARGIN)
