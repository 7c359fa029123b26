"""What a header states and what the pixels show are one line for each property."""

import pytest

from covidlab.imaging.checks import check_image
from covidlab.imaging.readers.base import DecodedImage, Tags
from covidlab.imaging.receipt import Verdict
from tests.imaging.pictures import phantom


def check_text(burned_in: str):
    tags = Tags(modality="DX", bits_stored=12, bits_allocated=16, burned_in=burned_in)
    checks = check_image(DecodedImage(phantom(), "DICOM", "MONOCHROME2", tags=tags))
    assert len({check.name for check in checks}) == len(checks)
    return next(check for check in checks if check.name == "text")


def test_text_that_the_file_states_and_nobody_sees_is_one_line_to_note():
    found = check_text("YES")
    assert found.verdict is Verdict.WARN
    assert found.sentence.startswith("The file states that text is part of the picture (burned-in annotation). ")
    assert "found in the pixels" in found.sentence


@pytest.mark.parametrize("burned_in", ["NO", ""])
def test_text_that_the_file_does_not_state_is_what_the_pixels_show(burned_in):
    found = check_text(burned_in)
    assert found.verdict is Verdict.PASS
    assert "states" not in found.sentence
