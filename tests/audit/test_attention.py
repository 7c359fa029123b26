"""Heat against lungs, with activations whose evidence lies in a known half of the X-ray."""

import json

import numpy as np
import pytest
from scipy.stats import spearmanr

from covidlab.audit import attention
from covidlab.audit.attention_phantoms import intersection_over_union, on_phantoms
from covidlab.audit.attention_text import sentences
from covidlab.audit.data import Lungs
from covidlab.audit.phantom_marks import pool_config
from covidlab.errors import DataError
from tests.audit.made_up import MadeUpData, context
from tests.audit.phantoms import QuickMaker

SMALL = pool_config(shortcut="none", contrast=0.5, size=128)


class MappedData(MadeUpData):
    """X-rays whose left half, which is the lungs, holds what tells the classes apart; the right half holds the rest."""

    def __init__(self, root):
        super().__init__(root, signal=6.0)
        self.made_up = np.maximum(self.made_up, 0)
        self.maker = QuickMaker(self.config)
        masks = np.zeros((self.catalog.num_films, 224, 224), bool)
        masks[:, :, :96] = True
        self.made_up_lungs = Lungs(masks=masks, known=np.ones(len(masks), bool), found=np.ones(len(masks), bool))

    @property
    def lungs(self) -> Lungs:
        return self.made_up_lungs

    def activations(self, films) -> np.ndarray:
        cells = np.zeros((len(films), 7, 7, self.made_up.shape[1]), np.float32)
        cells[:, :, :3, 0] = self.made_up[films, None, None, 0] * 7 / 3
        cells[:, :, 3:, 1:] = self.made_up[films, None, None, 1:] * 7 / 4
        return cells


@pytest.fixture
def data(make_dataset, monkeypatch) -> MappedData:
    data = MappedData(make_dataset(films_per_patient=2))
    noise = np.random.default_rng(0).random((len(data.labels), 7, 7, 16)).astype(np.float32)
    monkeypatch.setattr(attention, "random_block_activations", lambda data, films: noise[films])
    small = {"phantoms": SMALL, "num_train": 6, "held_out": range(6, 12)}
    monkeypatch.setattr(attention, "on_phantoms", lambda data: on_phantoms(data, **small))
    return data


def test_heat_lies_inside_the_lungs_where_the_evidence_does(data):
    found = attention.compute(data, context())
    ratio = found["methods"]["grad-cam"]["by_class"][data.catalog.classes[1]]
    # All of the heat in three of seven columns would be 7/3.
    assert 1.5 < ratio["value"] <= 7 / 3 + 0.01
    assert found["methods"]["grad-cam"]["chance"]["value"] == pytest.approx(3 / 7, abs=1e-3)
    assert found["num_films"] == 12 and found["methods"]["grad-cam"]["ratio"]["num_patients"] == 6
    assert json.loads(json.dumps(found, allow_nan=False)) == found and sentences(found)


def test_trained_heads_agree_more_than_random_ones(data):
    found = attention.compute(data, context())["randomisation"]["grad-cam"]
    assert found["repeats"]["value"] > found["random"]["value"] + 0.2


def test_occlusion_is_made_where_it_is_asked_for_and_kept(data, monkeypatch):
    monkeypatch.setattr(data.maker, "features", lambda films: np.zeros((len(films), 16), np.float32))
    monkeypatch.setattr(data.maker.backbone, "num_features", 16)
    assert "occlusion" not in attention.compute(data, context())["methods"]
    asked = attention.compute(data, context({"occlusion": True}))["methods"]
    assert asked["occlusion"]["ratio"]["n"] + asked["occlusion"]["num_empty"] == attention.NUM_OCCLUDED
    assert "occlusion" in attention.compute(data, context())["methods"]


def test_set_without_lungs_is_refused(data):
    data.lungs.found[:] = False
    with pytest.raises(DataError, match=r"needs X-rays with a mask of the lungs.*Received: 0 of 12"):
        attention.compute(data, context())


def test_rank_correlations_are_spearmans():
    first, second = np.random.default_rng(0).random((2, 3, 7, 7)).round(1)
    second[2] = 0
    found = attention.rank_correlations(first, second)
    expected = [spearmanr(first[film].ravel(), second[film].ravel())[0] for film in range(2)]
    np.testing.assert_allclose(found[:2], expected)
    assert np.isnan(found[2])


def test_intersection_over_union_of_a_worked_example():
    first, second = np.zeros((2, 4, 4), bool)
    first[:2], second[1:3] = True, True
    assert intersection_over_union(first, second) == pytest.approx(4 / 12)
    assert intersection_over_union(first & False, second & False) == 0
