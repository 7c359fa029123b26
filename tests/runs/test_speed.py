"""What the parts of a run cost: kept, read, and carried over to other batch sizes."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.files import read_json, write_json
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.runs.speed import keep_costs, load_costs, pace_of, pass_seconds, speed_stamp

HERE = {"device": "a test", "precision": "float32"}


def pace(batch_size, fine_tune="block5"):
    config = TrainingConfig(dataset="", fine_tune=fine_tune, batch_size=batch_size)
    return pace_of(config, BACKBONE.cut_point(fine_tune), **HERE)


def test_costs_of_batch_sizes_are_kept_beside_each_other():
    keep_costs("head", **HERE, steps={"8": 0.01}, look=0.5)
    keep_costs("head", **HERE, steps={"2": 0.005})
    costs = load_costs("head", **HERE)
    assert (costs.steps, costs.look, costs.rest) == ({"8": 0.01, "2": 0.005}, 0.5, None)


def test_step_of_a_batch_size_between_those_measured_lies_on_their_line():
    keep_costs("block5", **HERE, steps={"2": 0.3, "8": 0.9})
    assert pace(8).step == 0.9
    assert pace(4).step == pytest.approx(0.5)
    assert pace(16).step == pytest.approx(1.7)


def test_step_is_never_negative_where_noise_tilts_the_line():
    keep_costs("block5", **HERE, steps={"8": 0.2, "32": 2.0})
    assert pace(1).step > 0


def test_step_after_one_measurement_depends_on_the_batch_size():
    keep_costs("block5", **HERE, steps={"8": 0.8})
    assert 0.1 < pace(1).step < 0.8 < pace(16).step < 1.6


def test_pace_of_what_was_never_measured_is_that_of_the_backbone(covidlab_home):
    assert not pace(8).is_measured
    assert pace(8).step == pytest.approx(8 * BACKBONE.cut_point("block5").film_seconds)
    assert pass_seconds(precision="float32", otherwise=7.0) == 7.0
    assert speed_stamp() == ""


def test_speed_of_an_earlier_version_is_read_and_kept(covidlab_home):
    write_json(covidlab_home / "speed.json", {"block5": 0.2, "pass": 0.15, "device": "CPU"})
    assert pace(8).is_measured
    assert pace(8).step == pytest.approx(1.6)
    assert pass_seconds(precision="float32", otherwise=7.0) == 0.15
    keep_costs("head", **HERE, look=0.5)
    assert read_json(covidlab_home / "speed.json")["block5"] == 0.2
    assert speed_stamp()


@pytest.mark.parametrize(
    "damage", [{"costs": "no table"}, {"costs": {"a test | block5 | float32": 3}}, {"block5": "x"}]
)
def test_damaged_speed_is_not_believed(covidlab_home, damage):
    write_json(covidlab_home / "speed.json", damage)
    assert pace(8).step > 0
