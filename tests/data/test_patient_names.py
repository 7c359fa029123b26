"""Which part of a name may be the patient."""

import pytest

from covidlab.data.patient_names import find_patient_pattern


@pytest.mark.parametrize(
    ("pictures", "example", "num_patients"),
    [
        (("a/00001362_004.jpg", "b/00001362_005.jpg", "b/00001370_000.jpg"), "00001362", 2),
        (("person12_virus_34.jpeg", "person12_bacteria_1.jpeg", "person3_virus_1.jpeg"), "person12", 2),
        (("NORMAL2-IM-0115-0001.jpeg", "NORMAL2-IM-0115-0002.jpeg"), "NORMAL2-IM-0115", 1),
        (("train/patient00001/study1/view1.jpg", "train/patient00001/study2/view1.jpg"), "patient00001", 1),
        (("files/p10/p10000032/s50414267/a.jpg", "files/p10/p10000032/s53189527/b.jpg"), "p10000032", 1),
        (("sub-S03000/ses-E06000/a.png", "sub-S03000/ses-E06001/a.png"), "sub-S03000", 1),
        (("smith_day1.png", "smith_day3.png", "jones_day1.png"), "smith", 2),
    ],
)
def test_find_patient_pattern_finds_how_sets_name_patients(pictures, example, num_patients):
    found = find_patient_pattern(pictures)
    assert found.patient == example
    assert len(set(found.patients.values())) == num_patients


@pytest.mark.parametrize(
    "pictures", [(), ("a.png", "b.png"), ("00000001_000.png", "00000002_000.png"), ("covid/1.png", "covid/2.png")]
)
def test_find_patient_pattern_where_no_patient_has_several_is_none(pictures):
    assert find_patient_pattern(pictures) is None


def test_find_patient_pattern_that_fits_a_few_only_is_none():
    assert find_patient_pattern(["00000001_000.png", "00000001_001.png", *(f"x{n}y.png" for n in range(9))]) is None
