"""The lab of planted shortcuts, with a network whose features are known."""

import json

import numpy as np
import pytest

from covidlab.audit.phantom_marks import pool_config
from covidlab.audit.phantom_pool import PhantomPool
from covidlab.audit.planted import NUM_HEADS, is_marked, plant
from covidlab.audit.planted_options import AS_LEARNED, CONDITIONS, REMOVED, SWAPPED, PlantedOptions
from covidlab.errors import UsageError
from tests.audit.phantoms import CONFIG, QuickMaker, device

HELD_OUT = range(20, 30)


def planted(**changes) -> dict:
    options = PlantedOptions(num=20, **changes)
    pool = PhantomPool(QuickMaker(), pool_config(shortcut=options.shortcut, contrast=options.contrast, size=128))
    return plant(pool, options, CONFIG, device(), held_out=HELD_OUT)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(tmp_path_factory.mktemp("planted")))
        return planted()


def test_score_is_high_with_the_mark_at_chance_without_it_and_wrong_where_it_is_swapped(found):
    accuracy = {condition: found["accuracy"][condition] for condition in CONDITIONS}
    assert accuracy[AS_LEARNED]["low"] > 0.5 > accuracy[SWAPPED]["high"]
    assert accuracy[REMOVED]["low"] < 0.5 < accuracy[REMOVED]["high"]
    assert found["change"]["low"] > 1 and found["points"]["grad-cam"]["value"] > 0.7


def test_accuracy_of_each_epoch_ends_at_the_accuracy(found):
    for condition in CONDITIONS:
        assert len(found["epochs"][condition]) == CONFIG.epochs + 1
        assert found["epochs"][condition][-1] == pytest.approx(found["accuracy"][condition]["value"])


def test_what_is_found_is_plain_json_with_examples_of_both_classes(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [example["positive"] for example in found["examples"]] == [True, True, False, False]
    first = found["examples"][0]["readings"]
    assert [first[condition]["has_mark"] for condition in CONDITIONS] == [True, False, False]
    assert found["num_heads"] == NUM_HEADS


def test_brightness_has_no_place_to_point_at():
    assert planted(shortcut="brightness")["points"] == {"grad-cam": None, "grad-cam++": None}


def test_mark_agrees_with_the_class_as_often_as_its_strength_says():
    numbers, labels = range(4000), np.arange(4000) % 2
    for strength, share in ((0.0, 0.5), (0.6, 0.8), (1.0, 1.0)):
        marked = is_marked(numbers, labels, strength=strength)
        assert (marked == labels).mean() == pytest.approx(share, abs=0.02)
    # Swapped at full strength: the other class has it.
    assert (is_marked(numbers, labels, strength=-1.0) != labels).all()


def test_options_that_are_not_offered_are_refused():
    with pytest.raises(UsageError, match=r"shortcut must be one of letter.*Received: jpeg_colour"):
        PlantedOptions.from_dict({"shortcut": "jpeg_colour"})
    assert PlantedOptions.from_dict({}) == PlantedOptions()
