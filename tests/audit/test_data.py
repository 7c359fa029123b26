"""The X-rays of an audit: altered, with their lungs, as features that are kept, read by heads that have not seen them."""

import cv2
import numpy as np
import pytest

from covidlab.audit.data import AuditData
from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.evaluation.alterations import LUNGS_BLACK, MIRRORED, WHOLE
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device
from covidlab.learning.film_activations import forward

pytestmark = pytest.mark.usefixtures("warm_home")


@pytest.fixture
def data(make_dataset) -> AuditData:
    """Six X-rays, of which the first has a mask: its left half."""
    root = make_dataset({"covid": 3, "normal": 3})
    catalog = load_catalog(root)
    mask = np.zeros((100, 120), np.uint8)
    mask[:, :60] = 255
    catalog.films.loc[0, "mask"] = "mask.png"
    cv2.imwrite(str(root / "mask.png"), mask)
    return audit_data(catalog)


def audit_data(catalog) -> AuditData:
    config = TrainingConfig(dataset=str(catalog.root), epochs=2, views=2)
    return AuditData(catalog, config, find_backbone("vgg16"), select_device("cpu"), num_repeats=2)


def test_lungs_come_from_the_mask_of_the_set_where_there_is_one(data):
    assert data.lungs.known.tolist() == [True] + [False] * 5
    assert data.lungs.masks[0, :, :112].all() and not data.lungs.masks[0, :, 112:].any()


def test_alteration_that_needs_lungs_leaves_an_xray_without_any_as_it_is(data):
    black = data.altered(LUNGS_BLACK)
    assert not black[0, :, :112].any() and (black[0, :, 112:] == data.prepared[0, :, 112:]).all()
    without = np.flatnonzero(~data.lungs.found)
    assert (black[without] == data.prepared[without]).all()


def test_features_of_altered_xrays_are_computed_once(data, monkeypatch):
    first = data.features(MIRRORED)
    assert first.shape == (6, 512) and not np.allclose(first, data.features(WHOLE))
    again = audit_data(data.catalog)
    monkeypatch.setattr(again.maker, "features", lambda films: pytest.fail("computed again"))
    assert (again.features(MIRRORED) == first).all()


def test_features_follow_the_mask_that_an_alteration_used(data):
    before = data.features(LUNGS_BLACK)
    other = audit_data(data.catalog)
    other.lungs.masks[0] = ~other.lungs.masks[0]
    after = other.features(LUNGS_BLACK)
    assert not np.allclose(after[0], before[0]) and np.allclose(after[1:], before[1:])


def test_features_are_the_mean_of_what_the_last_frozen_layer_gives(data):
    frozen = forward(data.maker.preset, data.backbone, "head", "float32")(data.altered(MIRRORED, [3])).numpy()
    assert data.features(MIRRORED)[3] == pytest.approx(frozen[0].mean(axis=(0, 1)), abs=1e-4)


def test_held_out_answers_come_from_heads_that_have_not_seen_the_patient(data):
    features = np.zeros((6, 512), np.float32)
    stack = data.train(features, data.splits)
    said = data.held_out(stack, features)
    assert said.shape == (2, 6, 2) and np.isfinite(said).all()
    assert np.allclose(said.sum(axis=-1), 1, atol=1e-5)
    for split in data.splits:
        assert not set(data.patient_ids[split.train]) & set(data.patient_ids[split.validation])


def test_figures_of_some_xrays_have_their_n(data):
    probabilities = np.eye(2, dtype=np.float32)[data.labels]
    figures = data.figures(probabilities, films=np.arange(6) < 5)
    assert figures["accuracy"].n == 5 and figures["accuracy"].value == 1.0
    assert figures["accuracy"].low < 0.9
