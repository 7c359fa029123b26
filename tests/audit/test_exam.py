"""The examination of maps, with a network whose features are known."""

import json

import numpy as np
import pytest

from covidlab.audit.exam import INDEPENDENT, examine
from covidlab.audit.phantom_figures import by_phantom, mean_interval
from covidlab.intervals import wilson_interval
from tests.audit.phantoms import CONFIG, QuickMaker, device, small_exam


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(tmp_path_factory.mktemp("exam")))
        return examine(QuickMaker(), CONFIG, device(), size=small_exam())


def level(found, share) -> dict:
    return next(each for each in found["levels"] if each["share"] == share)


def test_model_uses_the_tag_where_it_tells_the_class_and_not_where_it_is_independent(found):
    assert level(found, 1.0)["change"]["low"] > 1 and level(found, 1.0)["used"]["value"] == 1
    assert level(found, 1.0)["change"]["value"] > 10 * abs(level(found, INDEPENDENT)["change"]["value"])


def test_maps_of_a_model_that_uses_the_tag_point_at_it(found):
    for method in ("grad-cam", "occlusion"):
        assert level(found, 1.0)["points"][method]["value"] > 0.7
        assert found["methods"][method]["power"]["n"] > 0
    assert found["chance"] == pytest.approx(1 / 49)


def test_occlusion_counts_only_the_phantoms_that_were_covered(found):
    assert level(found, 1.0)["points"]["occlusion"]["n"] == 2
    assert level(found, 1.0)["points"]["grad-cam"]["n"] == 8


def test_what_is_found_is_plain_json_without_nan(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {example["share"] for example in found["examples"]} == {1.0, INDEPENDENT}


def test_by_phantom_counts_phantoms_and_not_readings():
    values = np.array([[1, 0, np.nan, np.nan], [1, 1, 0, np.nan]])
    assert by_phantom(values) == {
        "value": 0.5,
        "low": wilson_interval(1.5, 3)[0],
        "high": wilson_interval(1.5, 3)[1],
        "n": 3,
    }
    assert by_phantom(np.full((2, 3), np.nan))["value"] is None


def test_mean_interval_is_that_of_student():
    # 2.262 is the 97.5 % quantile of t with 9 degrees of freedom; the standard deviation of 0 to 9 is 3.0277.
    interval = mean_interval(np.arange(10.0))
    assert interval["low"] == pytest.approx(4.5 - 2.262 * 3.0277 / np.sqrt(10), abs=1e-3)
    assert interval["high"] == pytest.approx(9 - interval["low"])
