"""What a visitor brings for one audit waits in a file without names, and is deleted."""

import os
import time

import numpy as np
import pytest

from covidlab.errors import DataError
from covidlab.intake.visit_files import clear_visits, forget_visit, is_visit, read_brought_visit, write_visit
from covidlab.intake.visit_sources import bring
from covidlab.intake.visiting import KnownXrays, Visit, read_visit
from tests.other_hospital import write_patterns

NAMES = {"covid/Mustermann_Erika.png": 1, "no_finding/Mustermann_Max.png": 2}


@pytest.fixture
def visit(tmp_path) -> Visit:
    rows = {name: {"patient_id": f"case-{place}-geheim", "sex": "F"} for place, name in enumerate(NAMES)}
    brought, layout = bring(write_patterns(tmp_path / "other", NAMES, rows))
    return read_visit(brought, layout, name="geheim.zip", resize="area", known=KnownXrays())


def test_visit_comes_back_without_names_and_hashes(visit):
    found = read_brought_visit(write_visit(visit))
    assert (found.films == visit.films).all() and found.classes == visit.classes and found.facts == visit.facts
    assert found.files == ("X-ray 1", "X-ray 2") and found.name == "" and found.sha256s == ("", "")
    assert found.sexes == ("female", "female") and found.patients.tolist() == [0, 1]


def test_no_name_no_patient_and_no_hash_is_written(visit, covidlab_home, words_in):
    write_visit(visit)
    assert words_in(covidlab_home, ["Mustermann", "geheim", visit.sha256s[0]]) == []


def test_visit_is_deleted_and_then_gone_with_a_sentence(visit, tmp_path):
    path = write_visit(visit)
    assert is_visit(path) and path.parent.stat().st_mode & 0o077 == 0
    forget_visit(path)
    with pytest.raises(DataError, match=r"The X-rays of the other hospital are gone.*Give them again"):
        read_brought_visit(path)


def test_forget_leaves_alone_what_no_visitor_brought(tmp_path):
    own = tmp_path / "mine.npz"
    own.write_bytes(b"mine")
    forget_visit(own)
    assert own.exists() and not is_visit(own)


def test_clear_deletes_what_nobody_has_fetched(visit):
    old, new = write_visit(visit), write_visit(visit)
    os.utime(old, (time.time() - 100_000,) * 2)
    clear_visits(older_than_seconds=3600)
    assert not old.exists() and new.exists()


def test_damaged_visit_is_a_sentence(visit):
    path = write_visit(visit)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="are gone"):
        read_brought_visit(path)
    np.savez(path, films=np.zeros(1))
    with pytest.raises(DataError, match="are gone"):
        read_brought_visit(path)
