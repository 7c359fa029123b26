"""X-rays left out of a run since they are damaged; tests/faults damages some for real."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import DataError
from covidlab.runs.damaged import changed_since_listed, record_damaged, usable_films, without_damaged
from covidlab.runs.store import RunStore
from tests.conftest import write_table

NAMES = ["covid/film-000.png", "normal/film-001.png", "normal/film-002.png"]


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 20, "normal": 20}))


def test_damaged_xrays_are_left_out_and_listed_among_what_is_not_used(catalog):
    smaller = without_damaged(catalog, dict.fromkeys(NAMES[:2], "It is torn."))
    assert smaller.num_films == 38
    assert smaller.fingerprint != catalog.fingerprint
    (left,) = (left for left in smaller.left_out if left.reason == "cannot be read")
    assert left.files == tuple(NAMES[:2])


def test_more_than_five_percent_are_refused_by_name(catalog):
    with pytest.raises(DataError, match=r"^3 of 40 pictures cannot be read.*torn 0.*torn 1.*torn 2"):
        without_damaged(catalog, {name: f"torn {place}" for place, name in enumerate(NAMES)})


def test_what_a_run_found_damaged_is_left_out_when_it_is_resumed(catalog):
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root)))
    record_damaged(run, {NAMES[0]: "It is torn."})
    record_damaged(run, {NAMES[1]: "It is torn too."})
    assert usable_films(run, catalog).num_films == 38
    assert "It is torn too." in (run.path / "log.txt").read_text()


def test_checksum_that_the_table_does_not_state_is_no_damage(catalog):
    sha256s = dict(zip(catalog.films["file"], catalog.films["sha256"], strict=True))
    sha256s |= {NAMES[0]: "", NAMES[1]: "not a checksum", NAMES[2]: "f" * 64}
    write_table(catalog.root / "metadata.csv", [{"file": file, "sha256": sha256} for file, sha256 in sha256s.items()])
    assert list(changed_since_listed(load_catalog(catalog.root))) == [NAMES[2]]
