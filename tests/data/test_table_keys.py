"""Tables that name X-rays by a patient, a study or an image number."""

import pytest

from covidlab.data.table_keys import Keys
from covidlab.data.tables import find_roles, parse_table

MIMIC = tuple(f"files/p10/p1000000{at}/s5000000{at}{scan}/{scan}{at}aa.jpg" for at in range(3) for scan in range(2))


def find(pictures, *lines):
    table = parse_table("\n".join(lines).encode(), name="labels.csv")
    return Keys(pictures).find(table, find_roles(table))


def test_keys_of_studies_mean_all_x_rays_below_their_folder():
    lines = [f"1000000{at},5000000{at}{scan},{scan}" for at in range(3) for scan in range(2)]
    found = find(MIMIC, "subject_id,study_id,Pneumonia", *lines)
    assert found.column == "study_id"
    assert [found.rows[picture][0]["Pneumonia"] for picture in MIMIC] == ["0", "1"] * 3


@pytest.mark.parametrize("end", ["", ".png", "_image"])
def test_keys_of_images_mean_the_file_of_that_name(end):
    found = find(["x/COVID-01.png", "x/COVID-02.png"], "patientid,finding", f"COVID-01{end},a", f"COVID-02{end},b")
    assert [rows[0]["finding"] for rows in found.rows.values()] == ["a", "b"]


def test_keys_that_are_short_numbers_mean_nothing():
    assert find(["1.png", "2.png"], "patient,age", "1,50", "2,60") is None


def test_keys_of_names_that_several_files_share_mean_none_of_them():
    assert find(["x/COVID-01.png", "y/COVID-01.png"], "patientid,finding", "COVID-01,a") is None


def test_keys_of_other_x_rays_are_none():
    assert find(["x/COVID-01.png"], "patientid,finding", "other,a", "another,b") is None
