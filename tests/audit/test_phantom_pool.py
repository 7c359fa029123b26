"""Phantoms for the audit: with and without their mark, passed through the network once."""

import numpy as np
import pytest

from covidlab.audit.phantom_marks import mark_cells, pool_config
from covidlab.audit.phantom_pool import PhantomPool
from covidlab.phantom.film import make_phantom
from tests.audit.phantoms import QuickMaker

LETTER = pool_config(shortcut="letter", contrast=0.5, size=128)


def test_marked_phantom_is_the_same_as_the_simulators_and_classes_alternate():
    pool = PhantomPool(QuickMaker(), LETTER)
    (marked,) = pool.prepared([3], marked=True)
    (without,) = pool.prepared([3], marked=False)
    different = (marked != without).any(axis=-1)
    assert different[:40, :40].any() and not different[40:].any()
    assert (pool._pixels(make_phantom(LETTER, 3, shortcut=True).pixels, False) == marked).all()
    assert pool.labels(range(4)).tolist() == [int(make_phantom(LETTER, each).positive) for each in range(4)]


@pytest.mark.parametrize(("shortcut", "num_cells"), [("letter", 1), ("border", 24), ("brightness", 0)])
def test_mark_cells_are_those_the_mark_lies_on(shortcut, num_cells):
    cells = mark_cells(pool_config(shortcut=shortcut, contrast=0.5))
    assert cells.sum() == num_cells and cells[0, 0] == (num_cells > 0)


def test_activations_are_computed_once_and_without_the_mark_serve_every_mark():
    first = QuickMaker()
    kept = PhantomPool(first, LETTER).activations([0, 1], marked=False)
    again = QuickMaker()
    border = PhantomPool(again, pool_config(shortcut="border", contrast=0.5, size=128))
    np.testing.assert_array_equal(border.activations([1, 0], marked=False), kept[::-1])
    assert (first.num_passed, again.num_passed) == (2, 0)
    assert border.activations([0], marked=True).shape == (1, 7, 7, 3) and again.num_passed == 1


def test_covered_features_are_those_of_each_place_in_turn():
    maker = QuickMaker()
    features = PhantomPool(maker, LETTER).covered_features([2])
    whole = maker.features(PhantomPool(maker, LETTER).prepared([2], marked=True))
    assert features.shape == (1, 49, 3)
    # Covering the corner takes the white letter away, covering the middle does not.
    assert features[0, 0, 1] < 0.1 * whole[0, 1] and features[0, 24, 1] == pytest.approx(whole[0, 1])
