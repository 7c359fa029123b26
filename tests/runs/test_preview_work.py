"""What an idle worker finds for previews: the curves of real runs, in order, within limits."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from covidlab.config import LEARNING_RATES, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.runs import preview_work
from covidlab.runs.execution import Execution
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.preparation import Preparation, want_prepared
from covidlab.runs.preview_work import PreviewWork, tidy, wanted_places
from covidlab.runs.previews import (
    COLUMN,
    FAN,
    describe_previews,
    folder_of,
    load_request,
    load_result,
    request_preview,
    result_path,
)
from covidlab.runs.store import RunStore

# How far a run may be from its preview: a head beside others sums in another order.
TOLERANCE = 1e-5


@pytest.fixture(autouse=True)
def small_work(monkeypatch):
    """Previews on; two passes instead of VGG16's; a grid and a longest column that take little time."""
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")
    shape = BACKBONE.cut_point("head").shape
    weights = np.random.default_rng(0).normal(size=(48, shape[-1])).astype(np.float32)

    def passes(films):
        cells = np.asarray(films, np.float32).reshape(len(films), 4, 56, 4, 56, 3).mean(axis=(2, 4)).reshape(-1, 48)
        return tf.constant(np.broadcast_to((cells / 64 @ weights)[:, None, None], (len(films), *shape)))

    monkeypatch.setattr("covidlab.learning.film_activations.forward", lambda *_: passes)
    monkeypatch.setattr(preview_work, "GRID_BATCH_SIZES", (4,))
    monkeypatch.setattr(preview_work, "LONGEST_COLUMN", 5)
    monkeypatch.setattr(preview_work, "LEARNING_RATES", (0.003, 0.1))


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 6, "normal": 6}))


@pytest.fixture
def config(catalog):
    return TrainingConfig(dataset=str(catalog.root), epochs=4, batch_size=4, views=2, learning_rate=0.003)


def finish(work: PreviewWork) -> int:
    """Work until nothing is left; return the number of steps."""
    steps = 0
    while work.step():
        steps += 1
    return steps


def ranked(request) -> list[str]:
    """Names of what is wanted, the most urgent first."""
    return [place.name for _, place in sorted(wanted_places(request), key=lambda entry: entry[0])]


def test_preview_equals_the_run_with_its_settings(catalog, config):
    """Accuracy of the split, loss, interval of the report, and the cross-validated curve."""
    config = replace(config, weight_decay=0.1, class_weights="balanced", shift=0.1)
    key = request_preview(config, catalog)
    finish(PreviewWork())
    run = RunStore().create(config)
    with run.locked():
        assert Execution(run).execute().state == "finished"
    column, place = load_result(key, "column-b4-e4"), LEARNING_RATES.index(0.003)
    history, report = run.history(), run.report()
    np.testing.assert_allclose(column["accuracy"][place][1:], history["val_accuracy"], atol=TOLERANCE)
    np.testing.assert_allclose(column["loss"][place][1:], history["val_loss"], atol=TOLERANCE)
    interval = [column["low"][place][-1], column["high"][place][-1]]
    np.testing.assert_allclose(interval, [report["accuracy"]["low"], report["accuracy"]["high"]], atol=TOLERANCE)
    fan, crossed = load_result(key, "fan-b4-e4-r0.003"), load_crossed(run)
    for name in crossed:
        np.testing.assert_allclose(fan[name], crossed[name], atol=TOLERANCE)


def test_preview_is_found_in_the_order_of_its_urgency(catalog, config):
    request = load_request(request_preview(config, catalog, range_test=True))
    names = ranked(request)
    assert names[:4] == ["range-b4", "column-b4-e4", "column-b4-e5", "fan-b4-e4-r0.003"]
    assert names[-2:] == ["fan-b4-e4-r0.1", "column-b4-e5"]
    request = replace(request, wanted=[[8, 4, 0.003]])
    assert ranked(request).index("column-b4-e4") < ranked(request).index("fan-b8-e4-r0.1")
    request = replace(request, all_rates=True)
    assert ranked(request).index("column-b4-e4") > ranked(request).index("fan-b8-e4-r0.1")


def test_step_newer_request_goes_first(catalog, config):
    work, first = PreviewWork(), request_preview(config, catalog)
    work.step()
    second = request_preview(replace(config, seed=1), catalog)
    while load_result(second, "column-b4-e4") is None:
        assert load_result(first, "fan-b4-e4-r0.003") is None
        assert work.step()


def test_step_complete_previews_are_kept_and_a_damaged_one_is_found_again(catalog, config):
    key = request_preview(config, catalog)
    finish(PreviewWork())
    assert describe_previews(key)["complete"]
    path = result_path(key, "float32", "column-b4-e4")
    before = path.read_bytes()
    path.write_bytes(before[:-20])
    assert finish(PreviewWork()) > 0
    assert path.read_bytes() == before
    assert finish(PreviewWork()) == 0


def test_step_without_prepared_x_rays_waits_for_those_who_prepare_them(catalog, config):
    request_preview(config, catalog)
    work = PreviewWork()
    assert not work.step(may_prepare=False)
    assert work.step()


def test_preparation_prepares_first_and_then_finds_previews(catalog, config):
    want_prepared(catalog)
    key = request_preview(config, catalog)
    work = Preparation()
    work.step()
    assert "first prepares 24 views" in describe_previews(key)["sentence"]
    while work.step():
        pass
    assert describe_previews(key)["complete"]


def test_step_too_many_views_to_prepare_are_left_to_the_run(catalog, config, monkeypatch):
    monkeypatch.setattr(preview_work, "MAX_PREPARED", 20)
    key = request_preview(config, catalog)
    finish(PreviewWork())
    assert "24 more prepared views" in describe_previews(key)["failure"]


def test_step_changed_x_rays_are_said(catalog, config):
    key = request_preview(config, catalog)
    (catalog.root / "covid" / "film-000.png").unlink()
    assert finish(PreviewWork()) == 0
    assert "have changed" in describe_previews(key)["failure"]


def damage(path: Path) -> None:
    """Change a byte of the pixels; neither size nor time of the file tells."""
    facts, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_preview_leaves_out_damaged_x_rays_as_the_run_does(make_dataset, config):
    films = make_dataset({"covid": 20, "normal": 20}, name="forty")
    catalog, config = load_catalog(films), replace(config, dataset=str(films), views=1)
    for name in ("covid/film-003.png", "normal/film-007.png"):
        damage(films / name)
    key = request_preview(config, catalog)
    finish(PreviewWork())
    assert describe_previews(key)["failure"] == ""
    run = RunStore().create(config)
    with run.locked():
        assert Execution(run).execute().state == "finished"
    fan, crossed = load_result(key, "fan-b4-e4-r0.003"), load_crossed(run)
    assert fan["num_films"] == run.load_facts()["data"]["num_films"] == 38
    np.testing.assert_allclose(fan["accuracy"], crossed["accuracy"], atol=TOLERANCE)


def test_preview_of_more_damaged_x_rays_than_a_run_passes_over_names_them(catalog, config):
    damage(catalog.root / "covid" / "film-000.png")
    key = request_preview(config, catalog)
    finish(PreviewWork())
    assert "1 of 12 pictures cannot be read" in describe_previews(key)["failure"]


def test_step_memory_that_runs_out_is_said_and_ends_the_preview(catalog, config, monkeypatch):
    def too_much(*_):
        raise MemoryError
        yield

    monkeypatch.setattr(preview_work, "_find", too_much)
    key = request_preview(config, catalog)
    finish(PreviewWork())
    assert "Memory ran out" in describe_previews(key)["failure"]


def test_wanted_places_leave_out_what_takes_too_long(catalog, config):
    request = replace(load_request(request_preview(config, catalog)), num_films=1500, wanted=[[1, 100, 0.001]])
    kinds = {(place.kind, place.batch_size) for _, place in wanted_places(request)}
    assert (COLUMN, 1) not in kinds
    assert (FAN, 1) not in kinds
    assert (COLUMN, 4) in kinds


def test_tidy_keeps_the_newest_keys_and_results(catalog, config, monkeypatch):
    monkeypatch.setattr(preview_work, "MAX_KEYS", 2)
    monkeypatch.setattr(preview_work, "MAX_RESULTS", 1)
    keys = [request_preview(replace(config, seed=seed), catalog) for seed in range(4)]
    for name in ("range-b4", "range-b8"):
        path = result_path(keys[-1], "float32", name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"name": name}))
    tidy()
    assert [folder_of(key).exists() for key in keys] == [False, False, True, True]
    assert [path.name for path in folder_of(keys[-1]).glob("*/*.json")] == ["range-b8.json"]


def test_tidy_bounds_the_bytes_but_keeps_what_is_in_use(catalog, config, monkeypatch):
    keys = [request_preview(replace(config, seed=seed), catalog) for seed in range(2)]
    for key in keys:
        path = result_path(key, "float32", "range-b4")
        path.parent.mkdir()
        path.write_bytes(b" " * 100)
    monkeypatch.setattr(preview_work, "MAX_BYTES", 150)
    tidy(keep=keys[0])
    assert folder_of(keys[0]).exists()
    monkeypatch.setattr(preview_work, "MAX_BYTES", 50)
    tidy(keep=keys[1])
    assert not folder_of(keys[0]).exists()
