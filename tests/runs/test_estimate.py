"""Estimates from what the parts of runs have cost on this machine."""

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
from covidlab.runs.estimate import estimate
from covidlab.runs.speed import keep_costs, keep_pass_seconds

HERE = {"device": cpu_device_name(), "precision": "float32"}


@pytest.fixture
def catalog(make_dataset):
    """Twelve X-rays: ten to learn from, two to validate on."""
    return load_catalog(make_dataset())


def test_estimate_counts_the_passes_that_are_not_cached(catalog):
    expected = estimate(TrainingConfig(dataset="", views=3), catalog)
    assert expected.num_passes == 36
    assert not expected.measured
    assert expected.device == cpu_device_name()


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


def test_estimate_takes_the_measured_pass_of_its_precision(catalog):
    keep_pass_seconds(2.0, precision="bfloat16")
    config = TrainingConfig(dataset="", views=1, precision="bfloat16")
    assert estimate(config, catalog).activations == pytest.approx(24)
    assert estimate(replace(config, precision="float32"), catalog).activations != pytest.approx(24)


def test_estimate_of_other_views_counts_their_passes(catalog):
    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head", precision="float32")
    keys = [(sha256, view) for sha256 in catalog.films["sha256"] for view in range(3)]
    pack.add(keys, np.zeros((len(keys), 7, 7, 512), np.float16))
    config = TrainingConfig(dataset="", views=3)
    assert estimate(config, catalog).num_passes == 0
    assert estimate(replace(config, flip=True), catalog).num_passes > 0


def test_estimate_fewer_epochs_than_views_needs_fewer_passes(catalog):
    assert estimate(TrainingConfig(dataset="", views=5, epochs=2), catalog).num_passes == 24


def test_estimate_deeper_than_the_head_leaves_out_copies_of_validation_x_rays(catalog):
    # Twelve X-rays as they are, ten of them in two more views.
    assert estimate(TrainingConfig(dataset="", fine_tune="block5", views=3), catalog).num_passes == 12 + 10 * 2


def test_estimate_every_layer_learning_needs_no_pass_and_has_no_cross_validation(catalog):
    expected = estimate(TrainingConfig(dataset="", fine_tune="all"), catalog)
    assert (expected.num_passes, expected.activations, expected.cross_validation) == (0, 0, 0)


def test_estimate_adds_up_what_the_parts_have_cost(catalog):
    keep_costs("block5", **HERE, steps={"8": 3.0}, look=0.5, epoch=0.25, rest=4.0)
    expected = estimate(TrainingConfig(dataset="", fine_tune="block5", epochs=2, batch_size=8), catalog)
    # An epoch: two steps and a look at two X-rays; before, between and after them a look at all.
    assert expected.training == pytest.approx(2 * (2 * 3.0 + 2 * 0.5 + 0.25) + 3 * 12 * 0.5)
    assert expected.evaluation == pytest.approx(4.0 + 14 * 0.5)
    assert expected.measured
    assert expected.total == pytest.approx(expected.activations + expected.training + expected.evaluation)


def test_estimate_of_another_depth_device_or_precision_is_a_guess(catalog):
    keep_costs("block5", **HERE, steps={"8": 3.0})
    config = TrainingConfig(dataset="", fine_tune="block5")
    assert estimate(config, catalog).measured
    assert not estimate(replace(config, fine_tune="block4"), catalog).measured
    assert not estimate(replace(config, precision="bfloat16"), catalog).measured


def test_estimate_of_a_head_includes_its_cross_validation(catalog):
    keep_costs("head", **HERE, steps={"8": 0.01}, crossed={"8": 0.1})
    config = TrainingConfig(dataset="", epochs=5)
    assert estimate(config, catalog).cross_validation == pytest.approx(5 * 2 * 0.1)
    assert estimate(replace(config, start_from="a model"), catalog).cross_validation == 0.0
