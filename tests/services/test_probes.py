"""A data set is probed once, in another process, and what was found is kept for all who look later."""

import time
from pathlib import Path

import pytest

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.services.probes import Prober, ProbeState, kept_probe

QUICK = (str(Path(__file__).with_name("quick_probe_process.py")),)
TIMEOUT_SECONDS = 60


@pytest.fixture
def prober(monkeypatch):
    monkeypatch.setattr("covidlab.services.probes._LOOK_SECONDS", 0.02)
    prober = Prober(program=QUICK)
    yield prober
    prober.close()


def state_of(prober: Prober, catalog: Catalog, *, holds=lambda state: state.is_over) -> ProbeState:
    until = time.monotonic() + TIMEOUT_SECONDS
    while not holds(state := prober.state(catalog)):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
    return state


def test_prober_finds_and_keeps_what_was_found(prober, make_dataset, covidlab_home):
    catalog = load_catalog(make_dataset())
    assert not prober.state(catalog).is_over
    prober.start(catalog)
    assert state_of(prober, catalog).probe.is_alarm
    assert kept_probe(catalog.fingerprint) == prober.state(catalog).probe
    (file,) = (covidlab_home / "probes").iterdir()
    assert catalog.fingerprint in file.name


def test_prober_of_a_kept_set_starts_no_process(prober, make_dataset):
    catalog = load_catalog(make_dataset())
    prober.start(catalog)
    state_of(prober, catalog)
    later = Prober(program=("-c", "raise SystemExit('nobody asked')"))
    later.start(catalog)
    assert later.state(catalog).probe is not None
    assert later._thread is None


def test_prober_says_how_far_it_is(prober, make_dataset):
    catalog = load_catalog(make_dataset(name="endless"))
    prober.start(catalog)
    state = state_of(prober, catalog, holds=lambda state: state.num_done)
    assert (state.num_done, state.num_films, state.is_over) == (3, 12, False)


def test_prober_takes_one_set_after_another(prober, make_dataset):
    first, second = (
        load_catalog(make_dataset({"covid": 3, "normal": number}, name=f"set {number}")) for number in (3, 4)
    )
    for catalog in (first, second, first):
        prober.start(catalog)
    assert state_of(prober, second).probe.fingerprint == second.fingerprint
    assert prober.state(first).probe.fingerprint == first.fingerprint
    assert prober._waiting.empty()


def test_prober_that_was_refused_says_why_and_tries_again_when_asked(prober, make_dataset):
    catalog = load_catalog(make_dataset(name="refused"))
    prober.start(catalog)
    assert state_of(prober, catalog).failure == "The X-rays of the class covid cannot be read."
    prober.start(catalog)
    assert prober.state(catalog).failure
    prober.start(catalog, again=True)
    assert state_of(prober, catalog).failure


def test_prober_whose_process_dies_says_so_and_serves_the_next_set(prober, make_dataset):
    deadly = load_catalog(make_dataset(name="deadly"))
    prober.start(deadly)
    assert "ended unexpectedly. Try again." in state_of(prober, deadly).failure
    other = load_catalog(make_dataset({"covid": 2, "normal": 3}, name="other"))
    prober.start(other)
    assert state_of(prober, other).probe is not None


def test_kept_probe_that_is_damaged_is_not_used(covidlab_home):
    (covidlab_home / "probes").mkdir()
    (covidlab_home / "probes" / "abc-1.json").write_text('{"header": 3}')
    assert kept_probe("abc") is None


def test_prober_process_probes_a_real_folder(make_dataset):
    catalog, prober = load_catalog(make_dataset()), Prober()
    prober.start(catalog)
    found = state_of(prober, catalog).probe
    assert (found.num_films, found.fingerprint) == (12, catalog.fingerprint)
    assert not found.is_alarm
    prober.close()
