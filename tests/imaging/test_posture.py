"""How an X-ray lies, told from 8 x 8 grey values."""

import numpy as np
import pytest

from covidlab.imaging.posture import SIDE, WEIGHTS, posture, ranks


@pytest.fixture
def chest() -> np.ndarray:
    """Grey values that resemble a chest as much as the weights do."""
    places = np.argsort(np.argsort(WEIGHTS.ravel(), kind="stable")).reshape(SIDE, SIDE)
    return np.kron(places * 4, np.ones((8, 8))).astype(np.uint8)


@pytest.mark.parametrize("turns", range(4))
def test_posture_of_a_turned_chest_is_the_turn(chest, turns):
    lie = posture(np.ascontiguousarray(np.rot90(chest, -turns)))
    assert lie.turn_degrees == 90 * turns
    assert (lie.rotation_evidence > 0) == (turns > 0)
    assert lie.inversion_evidence < 0


def test_posture_of_an_inverted_chest_is_as_good_and_says_so(chest):
    lie, inverted = posture(chest), posture(255 - chest)
    assert inverted.best == pytest.approx(lie.best)
    assert inverted.inversion_evidence > 0
    assert inverted.inversion_evidence == pytest.approx(-lie.inversion_evidence)


def test_posture_of_an_empty_picture_resembles_nothing():
    assert posture(np.full((64, 64), 90, np.uint8)).best == 0


def test_ranks_do_not_change_with_exposure(chest):
    assert np.array_equal(ranks(chest), ranks((chest * 0.5 + 20).astype(np.uint8)))
