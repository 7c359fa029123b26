"""The ladder: which rungs there are, which X-rays each counts, and what is kept of each."""

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.audit import ladder
from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.ladder_text import INPUTS, sentences
from covidlab.audit.settings import AuditConfig
from covidlab.audit.verdict import rung_of, verdict_of
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.evaluation import subjects
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device

# A head on what is left of an X-ray as 4 x 4 grey values learns as one on features of VGG16, in no time.
SIDE, EPOCHS = 4, 3


@pytest.fixture(autouse=True)
def small_features(monkeypatch, warm_home):
    """Stand in for the frozen layers of VGG16, and for the estimate of lungs, which finds none."""

    def features(data, alteration=ladder.WHOLE):
        small = [cv2.resize(film, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for film in data.altered(alteration)]
        return np.stack(small)[..., 0].reshape(len(small), -1).astype(np.float32) / 255

    monkeypatch.setattr(AuditData, "features", features)
    monkeypatch.setattr(AuditData, "view_features", lambda data: np.stack([features(data)] * 2, axis=1))
    monkeypatch.setattr(subjects, "estimated_lungs", lambda film: None)


@pytest.fixture
def catalog(make_dataset) -> Catalog:
    """Sixteen grey JPEGs; all but the last have a mask: the middle of the X-ray."""
    root = make_dataset({"covid": 8, "normal": 8}, suffix=".jpg")
    found = load_catalog(root)
    mask = np.zeros((80, 96), np.uint8)
    mask[20:60, 24:72] = 255
    cv2.imwrite(str(root / "mask.png"), mask)
    found.films["mask"] = ["mask.png"] * 15 + [""]
    return found


def climbed(catalog: Catalog) -> dict:
    config = TrainingConfig(dataset=str(catalog.root), epochs=EPOCHS, views=2)
    data = AuditData(catalog, config, find_backbone("vgg16"), select_device("cpu"), num_repeats=2)
    shares = []
    found = ladder.compute(data, PartContext(config=AuditConfig(), on_share=shares.append))
    assert shares[-1] == 1.0
    return found


def test_ladder_counts_the_xrays_that_a_rung_can_be_made_of(catalog):
    found = climbed(catalog)
    assert [rung["name"] for rung in found["rungs"]] == list(INPUTS)
    assert found["lungs"] == {"known": 15, "estimated": 0, "missing": 1} and found["lungs_of"][15] == "missing"
    for rung in found["rungs"]:
        needs_lungs = rung["name"] in ("outline-only", "margins-only", "lungs-only", "lungs-black")
        assert rung["accuracy"]["n"] == 16 - needs_lungs
        assert (rung["probabilities"][15] is None) == needs_lungs
    assert "No lungs were found in 1 X-ray; where lungs are needed, these are left out." in sentences(found)


def test_ladder_keeps_how_four_models_learn(catalog):
    found = climbed(catalog)
    models = found["epochs"]["models"]
    assert list(models) == ["whole", "lungs-black", "lungs-only", "margins-only"]
    for course in models.values():
        assert len(course["accuracy"]) == EPOCHS + 1
        assert [len(film) for film in course["probabilities"]] == [EPOCHS + 1] * 16
    assert models["lungs-only"]["probabilities"][15] == [None] * (EPOCHS + 1)
    # They end where the rung stands.
    ends = [film[-1] for film in models["whole"]["probabilities"]]
    assert ends == pytest.approx(rung_of(found, "whole")["probabilities"], abs=1e-3)
    accuracy = rung_of(found, "whole")["accuracy"]
    assert models["whole"]["accuracy"][-1] == pytest.approx(
        [accuracy[end] for end in ("value", "low", "high")], abs=1e-3
    )


def test_only_some_xrays_of_a_large_set_are_followed(catalog, monkeypatch):
    monkeypatch.setattr(ladder, "MOST_FOLLOWED", 4)
    epochs = climbed(catalog)["epochs"]
    assert epochs["xrays"] == [0, 5, 10, 15]
    assert len(epochs["models"]["whole"]["probabilities"]) == 4


def test_one_bit_tells_classes_that_are_stored_differently(catalog):
    same = rung_of(climbed(catalog), "one-bit")
    assert same["title"] == "one bit: colour or grey JPEG" and same["auc"]["value"] == 0.5
    for file in catalog.films["file"][:8]:
        Image.open(catalog.film_path(file)).convert("RGB").save(catalog.film_path(file))
    colourful = load_catalog(catalog.root)
    colourful.films["mask"] = catalog.films["mask"]
    assert rung_of(climbed(colourful), "one-bit")["accuracy"]["value"] == 1.0


def test_too_few_lungs_leave_a_rung_out_and_the_verdict_says_so(catalog):
    catalog.films["mask"] = ["mask.png"] * 2 + [""] * 14
    found = climbed(catalog)
    assert rung_of(found, "lungs-black") is None and "lungs-black" not in found["epochs"]["models"]
    assert verdict_of({"ladder": found}) is not None
