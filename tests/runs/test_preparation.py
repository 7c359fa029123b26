"""What an idle worker prepares: everything both presets need, in a sensible order, within limits."""

import os
import threading

import pytest
import tensorflow as tf

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import StorageError
from covidlab.files import read_json, write_json
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.device import select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.precision import kept_precision
from covidlab.runs import preparation
from covidlab.runs.estimate import PASSES_OF_AN_AUDIT, audit_seconds, expected_device
from covidlab.runs.execution import Execution
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.preparation import Preparation, describe_preparation, low_priority, want_prepared
from covidlab.runs.speed import pass_seconds
from covidlab.runs.store import RunStore


@pytest.fixture(autouse=True)
def switched_on(monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 3, "normal": 3}))


@pytest.fixture
def quick_passes(monkeypatch):
    """Passes through the frozen layers that take no time, where a test looks at their order only."""

    def passes(films):
        return tf.zeros((len(films), *BACKBONE.cut_point("head").shape))

    monkeypatch.setattr("covidlab.learning.film_activations.forward", lambda *_: passes)


def missing(catalog, preset, view):
    activations = FilmActivations(catalog, BACKBONE, preset=preset, fine_tune="head", device=select_device("cpu"))
    return len(activations.missing_films(view))


def test_step_after_step_prepares_what_runs_of_both_presets_need(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    want_prepared(catalog)
    work = Preparation()
    assert work.step()
    assert describe_preparation() == "Prepared 0 of 24 views"
    while work.step():
        pass
    assert describe_preparation() == ""
    for preset in ("default", "original"):
        config = TrainingConfig(dataset=str(catalog.root), preset=preset, epochs=3)
        run = RunStore().create(config)
        with run.locked():
            assert Execution(run).execute().state == "finished"
        assert run.report()["prepared"]["num_views"] == 0
    assert not work.step()


def test_step_takes_few_films_and_the_plain_view_of_both_presets_first(catalog, quick_passes):
    want_prepared(catalog)
    work = Preparation()
    work.step()
    assert missing(catalog, "default", 0) >= 4
    while missing(catalog, "default", 0) or missing(catalog, "original", 0):
        assert missing(catalog, "default", 1) == 6
        assert work.step()


def test_steps_keep_what_an_xray_takes_so_that_estimates_know_it_before_the_first_run(catalog, quick_passes):
    want_prepared(catalog)
    work = Preparation()
    while work.step():
        pass
    config = TrainingConfig(dataset=str(catalog.root))
    precision = kept_precision(config, BACKBONE, expected_device(config))
    # Passes that take no time, and the reading of an X-ray; 7.0 where nothing was kept.
    measured = pass_seconds(precision=precision, otherwise=7.0)
    assert 0.0 < measured < 1.0
    assert audit_seconds(config, num_films=50) == pytest.approx(50 * PASSES_OF_AN_AUDIT * measured)


def test_step_prepares_the_preset_of_the_lesson_before_the_other(catalog, quick_passes):
    want_prepared(catalog)
    work = Preparation()
    while any(missing(catalog, "default", view) for view in range(3)):
        assert missing(catalog, "original", 1) == 6
        assert work.step()


def test_step_another_data_set_replaces_the_first(catalog, make_dataset, quick_passes):
    want_prepared(catalog)
    work = Preparation()
    work.step()
    other = load_catalog(make_dataset({"covid": 2, "normal": 2}, name="others", size=(80, 96)))
    want_prepared(other)
    work.step()
    assert read_json(preparation.home() / "prepared.json")["total"] in (24, 36)
    assert missing(other, "default", 0) < 4


def test_step_without_a_data_set_or_switched_off_does_nothing(catalog, covidlab_home, monkeypatch):
    assert not Preparation().step()
    monkeypatch.setenv("COVIDLAB_PREPARE", "0")
    want_prepared(catalog)
    assert not (covidlab_home / "wanted.json").exists()
    write_json(covidlab_home / "wanted.json", {"dataset": str(catalog.root)})
    assert not Preparation().step()


def test_step_leaves_the_disk_free(catalog, monkeypatch):
    def full(folder, needed_bytes):
        raise StorageError("The disk is too full.")

    monkeypatch.setattr(preparation, "require_free_space", full)
    want_prepared(catalog)
    assert not Preparation().step()
    assert missing(catalog, "original", 0) == 6


def test_step_stops_at_the_limit_of_views(catalog, monkeypatch, quick_passes):
    monkeypatch.setattr(preparation, "MAX_VIEWS", 6)
    want_prepared(catalog)
    work = Preparation()
    while work.step():
        pass
    assert missing(catalog, "default", 0) == 0
    assert missing(catalog, "original", 0) == 6


@pytest.mark.parametrize("wanted", [{"dataset": "/no/such/folder"}, {"dataset": 7}, {}])
def test_step_unusable_data_set_is_left_to_the_run(covidlab_home, wanted):
    write_json(covidlab_home / "wanted.json", wanted)
    assert not Preparation().step()


def test_step_damaged_film_is_passed_over(catalog, quick_passes):
    (catalog.root / "covid" / "film-000.png").write_bytes(b"not an image")
    write_json(preparation.home() / "wanted.json", {"dataset": str(catalog.root), "positive_class": "covid"})
    work = Preparation()
    while work.step():
        pass
    assert missing(catalog, "original", 0) <= 6


def test_describe_preparation_of_a_worker_that_ended_says_nothing(covidlab_home):
    write_json(covidlab_home / "prepared.json", {"done": 1, "total": 9, "heartbeat": monotonic_seconds() - 60})
    assert describe_preparation() == ""
    write_json(covidlab_home / "prepared.json", {"done": 1, "total": 9000, "heartbeat": monotonic_seconds()})
    assert describe_preparation() == "Prepared 1 of 9,000 views"


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="this system has no SCHED_BATCH")
def test_low_priority_holds_for_every_thread_and_ends():
    seen, go, done = [], threading.Event(), threading.Event()
    other = threading.Thread(target=lambda: (go.wait(10), seen.append(os.sched_getscheduler(0)), done.wait(10)))
    other.start()
    with low_priority():
        go.set()
        while not seen:
            pass
        seen.append(os.sched_getscheduler(0))
    assert seen == [os.SCHED_BATCH, os.SCHED_BATCH]
    assert os.sched_getscheduler(other.native_id) == os.sched_getscheduler(0) == os.SCHED_OTHER
    done.set()
    other.join()
