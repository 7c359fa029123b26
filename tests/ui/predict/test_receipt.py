"""The receipt on the page: what stands in its first line, what is folded, and what is counted."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.imaging.receipt import Check, Verdict
from covidlab.imaging.tag_checks import OTHERS_DROPPED
from covidlab.ui.predict.receipt import about, summary

FILE = Check("file", Verdict.PASS, "DICOM, 2,000 x 2,400 pixels: the whole picture was read.")
TAGS = Check("tags", Verdict.PASS, f"Read: modality. {OTHERS_DROPPED}")
UNKNOWN = [
    Check("view", Verdict.WARN, "The view is not stated by the file.", False),
    Check("age", Verdict.PASS, "The age is not stated by the file.", False),
]
BLURRED = Check("blur", Verdict.WARN, "The X-ray is blurred.")
UNLIKE = Check("chest", Verdict.REFUSE, "A page of text.")


def draw(lines: list[Check]) -> AppTest:
    def script(lines):
        from covidlab.ui.predict.receipt import draw_permission, draw_receipt

        draw_receipt(lines, (), key="x")
        draw_permission(lines)

    app = AppTest.from_function(script, kwargs={"lines": lines}, default_timeout=30).run()
    assert not app.exception
    return app


def test_about_a_dicom_file_says_that_other_tags_were_dropped_and_what_is_not_known():
    said = about([FILE, TAGS, *UNKNOWN]).replace("\\", "")
    assert said == f"{FILE.sentence} A few tags were read. {OTHERS_DROPPED} **The file does not say:** view and age."


def test_about_another_file_says_nothing_of_tags():
    no_tags = Check("tags", Verdict.PASS, "No tags were kept: of Exif data only the orientation is read.")
    assert "tags" not in about([FILE, no_tags])


def test_summary_counts_every_property_that_nobody_knows():
    assert summary([FILE, TAGS, *UNKNOWN, BLURRED]) == "2 checks passed, 2 could not be made"


@pytest.mark.parametrize(
    ("lines", "word"), [([FILE], "No check speaks against it."), ([FILE, BLURRED], "With care:"), ([UNLIKE], "No.")]
)
def test_receipt_and_permission_have_headings_for_a_screen_reader(lines, word):
    app = draw(lines)
    assert [(heading.value, heading.tag) for heading in app.subheader] == [
        ("What this X-ray is", "h3"),
        ("May it be read?", "h3"),
    ]
    assert any(f"**{word}**" in text.value for text in [*app.markdown, *app.error])
