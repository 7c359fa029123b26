"""The page about one X-ray: what stands on it, that it is one page, and what never reaches it."""

import io
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from covidlab.imaging.receipt import NAMES, Check, Verdict
from covidlab.prediction.overlay import overlay_png
from covidlab.prediction.report_pdf import Interval, Nearest, XrayReport, report_pdf

CANARY = "Kanarienvogel"
ENDLESS = "Wort & <b>Ärger</b> 李 " * 80


def encoded(kind: str, **options) -> bytes:
    """A small grey gradient."""
    made = io.BytesIO()
    pixels = np.tile(np.linspace(0, 255, 90).astype(np.uint8), (60, 1))
    Image.fromarray(pixels).save(made, kind, **options)
    return made.getvalue()


@pytest.fixture(scope="module")
def report():
    return XrayReport(
        made_on="2026-11-26",
        version="0.2.0",
        picture=encoded("JPEG"),
        heatmap=overlay_png(np.eye(7, dtype=np.float32), (90, 60)),
        heatmap_label="COVID-19",
        map_method="Grad-CAM",
        about_map=("Trial of the map: did not pass.", "The brightest place lies at a marker.", "Lungs: 0.9 of chance."),
        model="run 12",
        dataset="the curated fifty",
        num_films=50,
        num_patients=37,
        reference="Teaching case 12",
        checks=(
            Check("view", Verdict.WARN, "The view is not known."),
            Check("file", Verdict.PASS, "JPEG, read whole."),
        ),
        label="COVID-19",
        positive_label="COVID-19",
        probability=Interval(value=0.83, low=0.41, high=0.97, n=50),
        probability_source="models of repeated folds",
        limits=("This X-ray is not of the set.",),
        further=("5 of 7 saved models agree.",),
        distance=12.3,
        distance_limit=14.2,
        nearest=(Nearest(label="non-COVID", view="AP", age_group="child", distance=12.9),),
        figures=(("accuracy", Interval(value=0.91, low=0.8, high=0.96, n=50)),),
    )


def page_of(data: bytes):
    """The one page of a PDF."""
    (page,) = PdfReader(io.BytesIO(data)).pages
    return page


def text_of(data: bytes) -> str:
    return " ".join(page_of(data).extract_text().split())


def width_of_x_ray(data: bytes) -> float:
    """Width of the first picture on the page, in points."""
    widths = []

    def note(operator, operands, matrix, text_matrix):
        if operator == b"Do":
            widths.append(matrix[0])

    page_of(data).extract_text(visitor_operand_before=note)
    return widths[0]


def endless(report: XrayReport) -> XrayReport:
    """The longest report: every text without end, every list long."""
    interval = Interval(value=0.5, low=0.1, high=0.9, n=1_000_000)
    texts = {field.name: ENDLESS for field in fields(report) if isinstance(getattr(report, field.name), str)}
    return replace(
        report,
        **texts,
        checks=tuple(Check(name, Verdict.REFUSE, ENDLESS) for name in NAMES) * 3,
        probability=interval,
        limits=(ENDLESS,) * 30,
        further=(ENDLESS,) * 30,
        about_map=(ENDLESS,) * 30,
        nearest=(Nearest(label="W" * 99, view=ENDLESS, age_group=ENDLESS, distance=123_456.7),) * 30,
        figures=((ENDLESS, interval),) * 30,
    )


def test_report_pdf_says_what_it_must_in_this_order(report):
    said, at = text_of(report_pdf(report)), 0
    for words in (
        "What this model says of one X-ray",
        "Not for diagnosis",
        "a viral test is required",
        "Teaching case 12",
        "2026-11-26",
        "pass File JPEG, read whole.",
        "warn View The view is not known.",
        "This X-ray is not of the set.",
        "Distance to the set: 12.30, within the limit of 14.20.",
        "resembles the COVID-19 X-rays of the set (COVID-19: 0.83 of 1). "
        "95 % of 50 models of repeated folds lie between 0.41 and 0.97. "
        "That is how far the models differ; it is no confidence interval.",
        "5 of 7 saved models agree.",
        "Grad-CAM: what speaks for COVID-19",
        "Bright = much, dark = little, relative to this X-ray.",
        "illustrative",
        "Trial of the map: did not pass.",
        "The brightest place lies at a marker.",
        "Lungs: 0.9 of chance.",
        "non-COVID AP child 12.90",
        "Run 12 learned from 50 X-rays (37 patients) of the curated fifty.",
        "accuracy 0.91 (95 % interval 0.80 to 0.96, n = 50)",
        "Not for diagnosis. covidlab 0.2.0",
    ):
        assert words in said[at:]
        at = said.index(words, at)


def test_report_pdf_has_the_verdict_of_an_audit_after_the_figures_of_the_model(report):
    lines = ("Audit: With the lungs black the model still reaches 0.94.", "What it does not establish: what it uses.")
    text = " ".join(page_of(report_pdf(replace(report, audit=lines))).extract_text().split())
    assert text.index("accuracy 0.91") < text.index(lines[0]) < text.index(lines[1])


def test_report_pdf_without_a_number_shows_none(report):
    refused = replace(report, probability=None, refusal="The X-ray is too far from the set.", figures=(), heatmap=b"")
    said = text_of(report_pdf(refused))
    assert "The X-ray is too far from the set." in said
    assert "interval" not in said
    assert "saved models" not in said
    assert "illustrative" not in said


def test_report_pdf_says_where_the_models_disagree_and_where_there_is_no_interval(report):
    number = Interval(value=0.55, low=None, high=None, n=0)
    said = text_of(report_pdf(replace(report, label="", probability=number, num_patients=0)))
    assert "No clear answer" in said
    assert "(COVID-19: 0.55 of 1). How far models of other folds differ is not known" in said
    assert "50 X-rays of the curated fifty" in said


def test_report_pdf_says_no_interval_without_width_and_no_certainty(report):
    said = text_of(report_pdf(replace(report, probability=Interval(value=1.0, low=0.9999, high=1.0, n=50))))
    assert "(COVID-19: over 0.99 of 1). 95 % of 50 models of repeated folds lie over 0.99." in said
    assert "1.00" not in said


def test_report_pdf_without_a_map_prints_the_x_ray_larger_and_says_that_none_was_asked_for(report):
    said = text_of(report_pdf(replace(report, heatmap=b"", about_map=())))
    assert "No map was asked for" in said
    assert "illustrative" not in said and "Bright =" not in said
    with_map, alone = (width_of_x_ray(report_pdf(each)) for each in (report, replace(report, heatmap=b"")))
    assert alone > 1.15 * with_map


def test_report_pdf_says_why_there_is_no_map_where_it_is_empty(report):
    nothing = "Nothing on this X-ray speaks for COVID-19, so there is no map."
    said = text_of(report_pdf(replace(report, heatmap=b"", about_map=(nothing,))))
    assert nothing in said and "No map was asked for" not in said


def test_report_pdf_does_not_say_that_what_is_not_known_has_passed(report):
    unknown = Check("age", Verdict.PASS, "The age is unknown: a JPEG file does not state it.", False)
    said = text_of(report_pdf(replace(report, checks=(unknown,), about_map=())))
    assert "not known" in said and "pass" not in said


def test_report_pdf_of_the_longest_report_is_one_page_and_keeps_the_number(report):
    page = page_of(report_pdf(endless(report)))
    said = " ".join(page.extract_text().split())
    assert "0.50 of 1). 95 % of 1,000,000 " in said and "lie between 0.10 and 0.90." in said
    assert "The figures say how well the classes of the set are told apart" in said
    assert "…" in said


def test_report_pdf_cuts_what_limits_the_number_only_where_it_is_endless(report):
    limit = "Models of this kind called X-rays of other hospitals so. " * 5
    checks = tuple(Check(name, Verdict.PASS, f"{limit[:200]} end of {name}.") for name in NAMES)
    said = " ".join(page_of(report_pdf(replace(report, checks=checks, limits=(limit,)))).extract_text().split())
    assert limit.strip() in said and "end of distance." in said
    assert "end of crop." not in said


def test_report_pdf_prints_the_number_no_larger_than_what_limits_it(report):
    sizes = {}

    def note(text, matrix, text_matrix, font, size):
        for words in ("not of the set", "0.83", "Not for diagnosis"):
            if words in text:
                sizes.setdefault(words, size)

    page_of(report_pdf(report)).extract_text(visitor_text=note)
    assert sizes["0.83"] <= sizes["not of the set"] < sizes["Not for diagnosis"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Пример 7, Ä & <i>", "Пример 7, Ä & <i>"),
        ("病例 7", "□□ 7"),
        ("x" * 90, "x" * 59 + "…"),
        ("", "not given"),
    ],
)
def test_report_pdf_prints_the_reference_as_it_was_typed(report, typed, printed):
    said = text_of(report_pdf(replace(report, reference=typed)))
    assert printed in said
    assert ("cannot print" in said) == ("□" in printed)


def test_report_pdf_sets_a_reference_from_right_to_left_as_a_picture(report):
    plain, hebrew = (page_of(report_pdf(replace(report, reference=text))) for text in ("7", "מקרה 7"))
    assert len(hebrew.images) == len(plain.images) + 1
    assert "□" not in hebrew.extract_text()


def test_report_pdf_of_the_same_report_is_the_same_and_names_no_machine(report):
    made = report_pdf(report)
    assert made == report_pdf(report)
    said = PdfReader(io.BytesIO(made)).metadata
    assert (said.title, said.producer, said.creator) == (
        "What this model says of one X-ray",
        "covidlab 0.2.0",
        "covidlab",
    )
    assert not said.author
    assert (said.creation_date.year, b"/home" in made, b"/root" in made) == (2000, False, False)


def test_report_pdf_keeps_nothing_of_a_picture_but_its_pixels(report):
    exif = Image.Exif()
    exif[0x010E] = CANARY
    photograph = encoded("JPEG", exif=exif, comment=CANARY.encode())
    assert CANARY.encode() in photograph
    made = report_pdf(replace(report, picture=photograph, heatmap=photograph))
    streams = [made, *(image.data for image in page_of(made).images)]
    assert not any(CANARY.encode() in stream for stream in streams)


def test_xray_report_has_no_place_for_what_names_a_file_or_a_patient():
    names = {field.name for field in fields(XrayReport)}
    assert not {name for name in names if any(word in name for word in ("file", "sha", "tag", "patient_", "path"))}


@pytest.mark.parametrize(("num_patients", "said"), [(37, True), (0, True), (None, False)])
def test_report_says_of_other_patients_only_where_patients_are_known(report, num_patients, said):
    text = text_of(report_pdf(replace(report, num_patients=num_patients)))
    assert ("of other patients" in text) is said
