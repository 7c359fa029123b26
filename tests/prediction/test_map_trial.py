"""The map on trial: it passes where its brightest region is what the number rests on, and only there."""

import numpy as np
import pytest

from covidlab.prediction.explanation import ILLUSTRATIVE, Explanation, Method
from covidlab.prediction.map_trial import (
    ERASED_SHARE,
    NUM_RANDOM,
    brightest_region,
    erased,
    random_regions,
    try_map,
)

SIDE = 56


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    """A dark film with a bright mark at the upper left."""
    film = np.random.default_rng(0).integers(60, 90, (SIDE, SIDE, 3)).astype(np.uint8)
    film[2:10, 2:10] = 255
    return film


def brightness_of_mark(films: np.ndarray) -> np.ndarray:
    """Log odds of a model that looks at the mark and at nothing else."""
    return films[:, 2:10, 2:10].mean(axis=(1, 2, 3)) / 25


def map_at(row: int, column: int) -> Explanation:
    rows, columns = np.mgrid[:7, :7]
    heatmap = np.exp(-np.hypot(rows - row, columns - column)).astype(np.float32)
    return Explanation(heatmap=heatmap, method=Method.GRAD_CAM, class_name="covid")


def test_trial_of_a_map_that_shows_what_the_model_uses_is_passed(marked):
    trial = try_map(map_at(0, 0), marked, brightness_of_mark)
    assert trial.passed and trial.drop > 0
    assert trial.p_value == pytest.approx((NUM_RANDOM - trial.num_exceeded + 1) / (NUM_RANDOM + 1))
    assert trial.erased_probability < trial.probability


def test_trial_of_a_map_that_shows_something_else_is_not_passed(marked):
    trial = try_map(map_at(5, 5), marked, brightness_of_mark)
    assert not trial.passed
    assert trial.p_value > 0.05


def test_trial_of_a_number_that_rises_is_not_passed(marked):
    risen = try_map(map_at(0, 0), marked, lambda films: -brightness_of_mark(films))
    assert risen.drop < 0 and not risen.passed
    assert "the model's own number did not fall" in risen.sentences()[1]


def test_trial_where_erasing_changes_nothing_is_not_passed(marked):
    trial = try_map(map_at(0, 0), marked, lambda films: np.ones(len(films)))
    assert (trial.passed, trial.drop, trial.p_value) == (False, 0, 1)


@pytest.mark.parametrize(("num_above", "passed"), [(0, True), (1, True), (2, False)])
def test_trial_is_passed_where_at_least_nineteen_of_twenty_matter_less(marked, num_above, passed):
    drops = np.r_[0.0, 2.0, np.full(num_above, 3.0), np.ones(NUM_RANDOM - num_above)]
    parts = iter(np.split(-drops, range(7, len(drops), 7)))
    trial = try_map(map_at(0, 0), marked, lambda films: next(parts))
    assert trial.passed == passed
    assert trial.p_value == pytest.approx((num_above + 1) / (NUM_RANDOM + 1))


def test_trial_of_an_empty_map_is_none(marked):
    empty = Explanation(heatmap=np.zeros((7, 7), np.float32), method=Method.GRAD_CAM, class_name="covid")
    assert try_map(empty, marked, brightness_of_mark) is None


def test_trial_again_gives_the_same(marked):
    one, other = (try_map(map_at(0, 0), marked, brightness_of_mark) for _ in range(2))
    assert np.array_equal(one.random_drops, other.random_drops)


def test_trial_sentences_say_numbers_verdict_and_that_it_is_an_illustration(marked):
    happened, verdict, what = try_map(map_at(0, 0), marked, brightness_of_mark).sentences()
    assert "changed the model's own number for COVID-19 (not calibrated) " in happened
    assert "10 % of the X-ray" in happened and "of 20 equal regions at random" in happened and "p = " in happened
    assert "(Grad-CAM) passed this test" in verdict and "by chance in 2 of 21 trials" in verdict
    assert what == ILLUSTRATIVE
    assert "does not show what this model used" in try_map(map_at(5, 5), marked, brightness_of_mark).sentences()[1]


def test_brightest_region_is_a_tenth_around_the_brightest_cell():
    region = brightest_region(map_at(3, 3).heatmap, side=SIDE)
    assert region.mean() == pytest.approx(ERASED_SHARE, abs=1e-3)
    assert region[SIDE // 2, SIDE // 2] and not region[0, 0]


def test_brightest_region_leaves_out_what_is_not_warm():
    heatmap = np.zeros((28, 28), np.float32)
    heatmap[0, 0] = 1.0
    assert 0 < brightest_region(heatmap, side=SIDE).mean() < ERASED_SHARE


def test_random_regions_have_the_same_area_and_differ():
    region = brightest_region(map_at(1, 4).heatmap, side=SIDE)
    others = random_regions(region)
    assert {int(other.sum()) for other in others} == {int(region.sum())}
    assert len({other.tobytes() for other in others}) > NUM_RANDOM // 2


def test_erased_film_differs_inside_the_region_only(marked):
    region = brightest_region(map_at(0, 0).heatmap, side=SIDE)
    film = erased(marked, np.zeros_like(marked), region)
    assert (film[region] == 0).all()
    assert np.array_equal(film[~region], marked[~region])


def test_trial_of_a_number_near_one_does_not_say_one(marked):
    happened, *_ = try_map(map_at(0, 0), marked, lambda films: 20 + brightness_of_mark(films)).sentences()
    assert "by less than 0.001 (it stays over 0.999)" in happened
