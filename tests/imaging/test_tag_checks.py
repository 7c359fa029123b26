"""The lines of the receipt that a header tells."""

import io

import pytest
from PIL import Image
from pydicom.dataset import Dataset

from covidlab.imaging.checks import check_image
from covidlab.imaging.decode import decode
from covidlab.imaging.receipt import NAMES, Verdict
from covidlab.imaging.tag_checks import check_tags


def receipt(data: bytes) -> dict[str, tuple[Verdict, str]]:
    return {check.name: (check.verdict, check.sentence) for check in check_tags(decode(data))}


@pytest.mark.parametrize(
    ("tags", "name", "verdict", "sentence"),
    [
        ({}, "file", "pass", "DICOM, 96 x 80 pixels"),
        ({"Modality": "CR"}, "modality", "pass", "The kind of picture is CR, as the file states."),
        ({"Modality": None}, "modality", "warn", "not stated"),
        ({"Modality": ""}, "modality", "warn", "not stated"),
        ({"BodyPartExamined": "chest"}, "body part", "pass", "The body part is CHEST"),
        ({"BodyPartExamined": None}, "body part", "warn", "not stated"),
        ({"ViewPosition": "PA"}, "view", "pass", "PA"),
        ({"ViewPosition": "AP"}, "view", "warn", "AP"),
        ({"ViewPosition": "LATERAL"}, "view", "refuse", "trained on frontal X-rays"),
        ({"ViewPosition": "LL"}, "view", "refuse", "trained on frontal X-rays"),
        ({"ViewPosition": "LLO"}, "view", "warn", "The view is LLO"),
        ({"ViewPosition": None}, "view", "warn", "not stated"),
        ({}, "depth", "pass", "12 of 16 bits a value are in use"),
        ({"PatientAge": "017Y"}, "age", "warn", "child"),
        ({"PatientAge": "018M"}, "age", "warn", "child"),
        ({"PatientAge": "018Y"}, "age", "pass", "Adult"),
        ({"PatientAge": "adult?"}, "age", "pass", "not stated"),
        ({}, "age", "pass", "not stated"),
        ({"BurnedInAnnotation": "YES"}, "text", "warn", "burned-in"),
        ({}, "tags", "pass", "All other tags, names and dates among them, were dropped."),
    ],
)
def test_receipt_says_what_the_tag_states(dicom, tags, name, verdict, sentence):
    found, said = receipt(dicom(**tags))[name]
    assert found == verdict
    assert sentence in said


def test_receipt_has_no_line_of_text_where_none_is_burned_in(dicom):
    assert "text" not in receipt(dicom(BurnedInAnnotation="NO"))


@pytest.mark.parametrize(
    ("meaning", "view"),
    [("postero-anterior", "PA"), ("Antero-posterior", "AP"), ("left lateral", "LATERAL"), ("x", "")],
)
def test_view_is_taken_from_its_code_where_no_position_is_stated(dicom, meaning, view):
    item = Dataset()
    item.CodeMeaning = meaning
    assert decode(dicom(ViewPosition=None, ViewCodeSequence=[item])).tags.view_position == view


def test_tags_hold_nothing_of_the_patient(dicom):
    image = decode(dicom(PatientAge="070Y", InstitutionName="St. Mary", PixelSpacing=[0.14, 0.15]))
    kept = f"{image.tags} {image.notes} {check_tags(image)}"
    assert not any(word in kept for word in ("Doe", "Jane", "P-17", "1950", "Mary", "070"))
    assert image.tags.pixel_spacing == (0.14, 0.15)


def test_overlays_and_private_tags_are_dropped_and_said(dicom):
    private = [(0x00110010, "LO", "MAKER"), (0x00111001, "LO", "Doe^Jane")]
    overlay = [(0x60000010, "US", 80), (0x60003000, "OW", bytes(960))]
    image = decode(dicom(elements=[*private, *overlay]))
    assert image.notes[-1] == "Dropped with the header: 1 overlay and 2 private tags."
    assert decode(dicom()).notes[-1] != image.notes[-1]


@pytest.mark.parametrize(
    ("format", "mode", "depth"), [("JPEG", "L", "8 bits"), ("PNG", "I;16", "16 bits"), ("PNG", "1", "1 bit")]
)
def test_receipt_of_a_plain_picture_says_that_nothing_is_stated(ramp, format, mode, depth):
    file = io.BytesIO()
    pixels = ramp(bits=16) if mode == "I;16" else ramp()
    (Image.fromarray(pixels).convert("1") if mode == "1" else Image.fromarray(pixels)).save(file, format)
    lines = receipt(file.getvalue())
    assert all("unknown" in lines[name][1] for name in ("modality", "body part", "view", "age"))
    assert lines["depth"][1].startswith(depth)
    assert lines["file"][1] == f"{format}, 96 x 80 pixels: the whole picture was read."


def test_receipt_names_are_known(dicom):
    checks = check_image(decode(dicom()))
    assert [check.name for check in checks] == [name for name in NAMES if name in {check.name for check in checks}]
