"""Phantoms that an idle worker prepares once somebody has opened the lab: each with and without its mark, in the lesson's order."""

import numpy as np
import pytest

from covidlab.audit.data import FeatureMaker
from covidlab.audit.phantom_pool import PhantomPool
from covidlab.audit.planted_options import PlantedOptions
from covidlab.audit.planted_text import STEPS
from covidlab.data.catalog import load_catalog
from covidlab.runs import phantom_preparation
from covidlab.runs.preparation import Preparation, want_phantoms, want_prepared


@pytest.fixture
def passes(monkeypatch):
    """Passes through the network that take no time; returns how many X-rays went through."""
    passed = []

    def activations(self, films):
        passed.append(len(films))
        return np.zeros((len(films), *self.backbone.cut_point("head").shape), np.float32)

    monkeypatch.setattr(FeatureMaker, "activations", activations)
    monkeypatch.setattr(phantom_preparation, "_NUMBERS", range(78, 82))
    monkeypatch.setattr(PhantomPool, "truth", lambda self, numbers: None)
    return passed


def test_prepare_phantoms_passes_each_once_with_and_without_every_mark(passes):
    assert sum(1 for _ in phantom_preparation.prepare_phantoms()) > 8
    # Letter at two contrasts, brightness and border at one: marked each time, without a mark once for each contrast.
    assert sum(passes) == 4 * (4 + 2)
    passes.clear()
    list(phantom_preparation.prepare_phantoms())
    assert not passes


def test_kinds_begin_with_the_lesson_and_hold_every_mark():
    kinds = phantom_preparation._kinds()
    assert kinds[0] == STEPS[0].options.phantoms
    assert {"letter", "border", "brightness"} == {kind.shortcut for kind in kinds}
    assert len(set(kinds)) == len(kinds)
    assert PlantedOptions().phantoms in kinds


def test_step_phantoms_are_prepared_only_once_somebody_wants_them(passes, monkeypatch, make_dataset):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")
    work = Preparation()
    monkeypatch.setattr(Preparation, "_work", lambda self, values: iter(()))
    want_prepared(load_catalog(make_dataset({"covid": 2, "normal": 2})))
    assert not work.step()
    want_phantoms()
    assert work.step()
    assert passes
