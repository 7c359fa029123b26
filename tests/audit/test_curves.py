"""Figures against the amount of a change, with made-up features that a change moves by a known amount."""

import json

import numpy as np
import pytest

from covidlab.audit import curves
from covidlab.audit.curves_text import NAMED, curve_data, named_rows, sentences
from covidlab.errors import UsageError
from covidlab.evaluation.alterations import ALTERATIONS, SCALES, WHOLE
from tests.audit.made_up import MadeUpData, context


class Moved(MadeUpData):
    """Exposure moves every X-ray towards the positive class; mirroring turns the classes round; nothing else matters."""

    def features(self, alteration=WHOLE):
        self.read.append(alteration.name)
        features = self.made_up.copy()
        if alteration.name.startswith("exposure"):
            towards = 1 if self.positive_index == 1 else -1
            features[:, 0] += towards * 40 * float(alteration.name.removeprefix("exposure"))
        if alteration.name == "mirrored":
            features[:, 0] *= -1
        return features


@pytest.fixture
def data(make_dataset) -> Moved:
    data = Moved(make_dataset({"covid": 8, "normal": 8}, films_per_patient=2), signal=4.0)
    data.read = []
    return data


def test_curve_follows_what_the_change_does_to_held_out_x_rays(data):
    found = curves.compute(data, context({"scale": "exposure"}))
    json.dumps(found, allow_nan=False)
    assert list(found["scales"]) == ["exposure"] and found["named"] == {}
    first, *_, last = found["scales"]["exposure"]
    assert (first["value"], last["value"]) == (-2, 1)
    # Called negative all of them, and positive all of them.
    assert (first["sensitivity"]["value"], first["specificity"]["value"]) == (0, 1)
    assert (last["sensitivity"]["value"], last["specificity"]["value"]) == (1, 0)
    neutral = next(point for point in found["scales"]["exposure"] if point["value"] == 0)
    assert {name: neutral[name] for name in found["whole"]} == found["whole"]
    assert found["whole"]["accuracy"]["value"] > 0.9
    assert last["means"]["normal"] > 0.9 > first["means"]["covid"]


def test_change_that_leaves_every_pixel_is_not_read_again(data):
    curves.compute(data, context({"scale": "exposure"}))
    assert "exposure0" not in data.read
    assert "exposure1" in data.read


def test_named_changes_are_all_read_and_the_worst_is_named(data):
    found = curves.compute(data, context({"scale": NAMED}))
    assert set(found["named"]) == set(ALTERATIONS) - {"whole"} and found["scales"] == {}
    assert found["named"]["mirrored"]["accuracy"]["value"] < 0.1
    assert any("lowest with mirrored: 0.0" in sentence for sentence in sentences(found))
    assert [row["Change"] for row in named_rows(found)][:2] == ["unchanged", "lungs black"]


def test_x_rays_without_lungs_do_not_count_where_lungs_are_needed(data):
    data.lungs.found[:] = np.arange(16) < 12
    found = curves.compute(data, context({"scale": NAMED}))
    assert found["named"]["lungs-black"]["accuracy"]["n"] == 12
    assert found["named"]["grey"]["accuracy"]["n"] == 16


def test_everything_is_computed_without_an_option_and_progress_ends_at_the_whole(data):
    shares = []
    given = context()
    given = type(given)(config=given.config, options={}, on_share=shares.append)
    found = curves.compute(data, given)
    assert set(found["scales"]) == set(SCALES) and len(found["named"]) == len(ALTERATIONS) - 1
    assert shares == sorted(shares) and shares[-1] == 1
    said = sentences(found)
    assert sum("falls below the interval" in sentence for sentence in said) == 1
    assert sum("does not fall below the interval" in sentence for sentence in said) == len(SCALES) - 1
    assert len(said) == len(SCALES) + 3 and all(sentence.endswith(".") for sentence in said)


def test_curve_for_the_page_has_columns_of_one_length_and_is_none_where_not_computed(data):
    found = curves.compute(data, context({"scale": "jpeg"}))
    curve = curve_data(found, "jpeg")
    assert curve["values"] == list(SCALES["jpeg"].values)
    assert {len(curve["accuracy"][part]) for part in ("value", "low", "high")} == {len(curve["values"])}
    assert "JPEG quality from 5 to 100" in curve["alt"] and "n = 16" in curve["alt"]
    assert curve_data(found, "rotation") is None and named_rows(found) == []


def test_unknown_scale_is_refused(data):
    with pytest.raises(UsageError, match="Received: blur"):
        curves.compute(data, context({"scale": "blur"}))
