"""Codes of a header: what is known is shown, what may be a name is not."""

import pytest

from covidlab.errors import OtherPicture
from covidlab.imaging.decode import decode
from covidlab.imaging.readers.dicom_codes import NO_CODE, known_code

KEYWORDS = ("Modality", "BodyPartExamined", "ViewPosition", "PhotometricInterpretation", "BurnedInAnnotation")


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_code_that_looks_like_a_name_is_not_shown(keyword):
    assert known_code(keyword, "ERIKA MUSTER") == NO_CODE
    assert known_code(keyword, "") == ""


@pytest.mark.parametrize(
    ("stated", "shown"), [("CHEST", "CHEST"), ("CHEST_PA 2", "CHEST"), ("THORAX MUSTER", "THORAX"), ("HAND", "HAND")]
)
def test_code_of_a_body_part_keeps_the_known_words(stated, shown):
    assert known_code("BodyPartExamined", stated) == shown


def test_dicom_with_a_name_as_body_part_or_view_does_not_repeat_it(dicom):
    assert decode(dicom(ViewPosition="Muster")).tags.view_position == NO_CODE
    with pytest.raises(OtherPicture, match=NO_CODE):
        decode(dicom(BodyPartExamined="Erika Muster"))
