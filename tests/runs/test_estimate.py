"""Estimates learned from this machine's own runs."""

from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.files import write_json
from covidlab.learning.activations import open_pack
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.precision import decision_key
from covidlab.learning.processor import cpu_device_name
from covidlab.runs.estimate import estimate, expected_epoch_seconds, record_speed


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset())


def test_estimate_counts_the_passes_that_are_not_cached(catalog):
    expected = estimate(TrainingConfig(dataset="", views=3), catalog)
    assert expected.num_passes == 36
    assert not expected.measured
    assert expected.total == pytest.approx(expected.activations + expected.training + expected.cross_validation)


def test_estimate_looks_up_the_activations_of_the_precision_that_was_decided(catalog, covidlab_home):
    config = TrainingConfig(dataset="", views=1)
    key = decision_key(cpu_device_name(), BACKBONE, "head")
    kept = {"precision": "bfloat16", "film_seconds": {"float32": 0.2, "bfloat16": 0.05}}
    write_json(covidlab_home / "precision.json", {key: kept})
    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head", precision="bfloat16")
    pack.add([(catalog.films["sha256"].iloc[0], 0)], np.zeros((1, 7, 7, 512), np.float16))
    expected = estimate(config, catalog)
    assert expected.num_passes == 11
    assert expected.activations == pytest.approx(11 * 0.05)
    assert estimate(replace(config, precision="float32"), catalog).num_passes == 12


def test_record_speed_of_each_precision_is_kept_apart(catalog):
    config = TrainingConfig(dataset="", views=1, precision="bfloat16")
    seconds = {"activation_seconds": 20, "num_passes": 10, "epoch_seconds": 0.5, "num_films": 10, "device": "CPU"}
    record_speed(config, **seconds, precision="bfloat16")
    assert estimate(config, catalog).activations == pytest.approx(24)
    assert not estimate(replace(config, precision="float32"), catalog).measured


def test_estimate_fewer_epochs_than_views_needs_fewer_passes(catalog):
    assert estimate(TrainingConfig(dataset="", views=5, epochs=2), catalog).num_passes == 24


def test_estimate_every_layer_learning_needs_no_pass_and_has_no_cross_validation(catalog):
    expected = estimate(TrainingConfig(dataset="", fine_tune="all"), catalog)
    assert (expected.num_passes, expected.activations, expected.cross_validation) == (0, 0, 0)


def test_record_speed_changes_the_estimate(catalog):
    config = TrainingConfig(dataset="", views=1, epochs=10)
    record_speed(config, activation_seconds=20, num_passes=10, epoch_seconds=0.5, num_films=10, device="CPU")
    expected = estimate(config, catalog)
    assert expected.measured
    assert expected.activations == pytest.approx(24)
    assert expected_epoch_seconds(config, 10) == pytest.approx(0.5)


def test_record_speed_of_a_single_epoch_leaves_the_expected_seconds_of_one(catalog):
    config = TrainingConfig(dataset="", epochs=1)
    before = expected_epoch_seconds(config, 10)
    record_speed(config, activation_seconds=0, num_passes=0, epoch_seconds=None, num_films=10, device="CPU")
    assert expected_epoch_seconds(config, 10) == before
