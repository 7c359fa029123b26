"""X-rays of another hospital are read once: what is of the set, twice, not readable or not frontal is left out and counted."""

import hashlib
import shutil

import pytest

from covidlab.errors import DataError
from covidlab.intake.sources import from_zip
from covidlab.intake.visit_files import write_visit
from covidlab.intake.visit_sources import FROM_TABLES, UNKNOWN, bring, understood
from covidlab.intake.visiting import KnownXrays, Visit, read_visit
from tests.intake.test_dicom_folders import dicom
from tests.other_hospital import class_names, write_patterns


def visit(path, *, known=None, **options) -> Visit:
    brought, layout = bring(path)
    return read_visit(brought, layout, name=path.name, resize="area", known=known or KnownXrays(), **options)


def test_visit_holds_what_a_network_takes_and_what_the_files_are(tmp_path):
    found = visit(write_patterns(tmp_path / "other", class_names(covid=2, no_finding=3)))
    assert found.num_films == 5 and found.films.shape == (5, 224, 224, 3)
    assert found.classes == ("covid",) * 2 + ("no_finding",) * 3 and found.num_given == {"covid": 2, "no_finding": 3}
    assert (found.facts[0].format, found.facts[0].width, found.facts[0].height) == ("PNG", 96, 80)
    assert found.patients_from == UNKNOWN and len(set(found.patients)) == 5 and found.left_out == {}


def test_copies_of_the_set_doubles_and_damaged_files_are_left_out_and_counted(tmp_path):
    root = write_patterns(tmp_path / "other", class_names(covid=3, no_finding=3))
    of_set = hashlib.sha256((root / "covid/xray-0.png").read_bytes()).hexdigest()
    shutil.copy(root / "covid/xray-1.png", root / "covid/xray-9.png")
    (root / "no_finding/xray-2.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    found = visit(root, known=KnownXrays(sha256s={of_set}))
    assert found.left_out == {"in the set": 1, "twice": 1, "unreadable": 1}
    assert [name.rpartition("/")[2] for name in found.files] == ["xray-1.png", "xray-2.png", "xray-0.png", "xray-1.png"]


def test_xrays_of_patients_of_the_set_and_lateral_views_are_left_out(tmp_path):
    names = class_names(covid=2, no_finding=2)
    rows = {name: {"patient_id": f"p{place}", "view": "PA"} for place, name in enumerate(names)}
    rows["no_finding/xray-1.png"]["view"] = "lateral"
    found = visit(write_patterns(tmp_path / "other", names, rows), known=KnownXrays(patients={"p0"}))
    assert found.left_out == {"of patients of the set": 1, "not frontal": 1}
    assert found.patients_from == FROM_TABLES and found.views == ("PA", "PA")


def test_view_age_and_sex_are_taken_from_tables(tmp_path):
    rows = {"covid/xray-0.png": {"projection": "AP", "Age": "7", "Gender": "F"}}
    found = visit(write_patterns(tmp_path / "other", class_names(covid=2, no_finding=1), rows))
    assert found.views == ("AP", "not stated", "not stated")
    assert found.ages == ("child", "not stated", "not stated") and found.sexes == ("female", "not stated", "not stated")


def test_dicom_files_have_view_and_hashed_patient_and_leave_nothing_of_it_behind(tmp_path, covidlab_home, words_in):
    tags = {"a": {"ViewPosition": "AP"}, "b": {"PatientID": "MRN-1"}, "c": {"ViewPosition": "LL"}, "d": {}}
    (tmp_path / "covid").mkdir()
    for seed, (name, own) in enumerate(tags.items(), start=1):
        (tmp_path / f"covid/{name}.dcm").write_bytes(dicom(seed, **own))
    found = visit(tmp_path / "covid")
    assert found.views == ("AP", "PA", "PA") and found.left_out == {"not frontal": 1}
    assert found.patients.tolist()[0] == found.patients.tolist()[1] != found.patients.tolist()[2]
    write_visit(found)
    assert words_in(covidlab_home, ["MRN-1", "Doe", "Jane", "20200316"]) == []


def test_no_more_are_read_than_are_wanted(tmp_path):
    found = visit(write_patterns(tmp_path / "other", class_names(covid=2, no_finding=6)), most=5)
    assert found.num_films == 5 and found.left_out == {"not drawn": 3}


def test_zip_file_is_read_without_being_unpacked(tmp_path):
    root = write_patterns(tmp_path / "other", class_names(covid=1, no_finding=1))
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", root)
    before = set(tmp_path.rglob("*"))
    with open(archive, "rb") as file:
        brought = from_zip(file.read(), name="packed.zip")
    found = read_visit(brought, understood(brought), name="", resize="area", known=KnownXrays())
    assert found.num_films == 2 and set(tmp_path.rglob("*")) == before


def test_visit_with_nothing_left_says_why(tmp_path):
    root = write_patterns(tmp_path / "other", class_names(covid=1, no_finding=1))
    known = KnownXrays(sha256s={hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*.png")})
    with pytest.raises(
        DataError, match=r"At least one frontal X-ray that is not of the set is expected. Received: 2 in the set"
    ):
        visit(root, known=known)
