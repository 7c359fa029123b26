"""Views of a film: how they are drawn, and what they do to its pixels."""

import numpy as np
import pytest

from covidlab.config import Augmentation
from covidlab.imaging.prepare import Change, changed, view_change

SHA256 = "ab" * 32
ALL = Augmentation(rotation=10, flip=True, shift=0.1, brightness=0.2)


def changes(augmentation, *, count=1000):
    return [view_change(f"{film:064x}", view, augmentation) for film in range(count // 5) for view in range(1, 6)]


def test_changed_turned_replicates_the_border():
    film = np.full((224, 224, 3), 90, np.uint8)
    assert np.all(changed(film, Change(angle=15.0)) == 90)


def test_changed_turns_about_the_centre_counter_clockwise():
    film = np.zeros((224, 224, 3), np.uint8)
    film[108:116, 180:188] = 255  # right of the centre
    rows, _ = np.nonzero(changed(film, Change(angle=15.0))[..., 0] > 128)
    assert 111.5 - rows.mean() == pytest.approx(np.sin(np.radians(15)) * 72, abs=1.0)


def test_changed_shift_moves_right_and_down_and_repeats_the_border():
    film = np.zeros((100, 100, 3), np.uint8)
    film[0] = 50
    film[40:42, 40:42] = 255
    moved = changed(film, Change(shift=(0.1, 0.2)))
    rows, columns = np.nonzero(moved[..., 0] == 255)
    assert (rows.min(), columns.min()) == (60, 50)
    assert np.all(moved[:20] == 50)


def test_changed_brightness_is_added_and_kept_within_range():
    film = np.array([0, 100, 250], np.uint8).reshape(1, 3, 1).repeat(3, axis=2)
    assert changed(film, Change(brightness=0.2))[0, :, 0].tolist() == [51, 151, 255]
    assert changed(film, Change(brightness=-0.2))[0, :, 0].tolist() == [0, 49, 199]


def test_changed_flip_mirrors_left_and_right():
    film = np.arange(4, dtype=np.uint8).reshape(1, 4, 1).repeat(3, axis=2)
    assert changed(film, Change(is_flipped=True))[0, :, 0].tolist() == [3, 2, 1, 0]


def test_view_change_of_view_zero_is_none():
    assert view_change(SHA256, 0, ALL) == Change()


def test_view_change_is_the_same_on_every_machine():
    # The angle is the one of versions that had angles only: activations of views are kept on disk.
    assert view_change(SHA256, 1).angle == pytest.approx(2.6931102291975186)
    assert view_change(SHA256, 1) != view_change(SHA256, 2)
    assert view_change(SHA256, 1) != view_change("ac" * 32, 1)


def test_view_change_without_options_turns_only():
    assert {(change.is_flipped, change.shift, change.brightness) for change in changes(Augmentation())} == {
        (False, (0.0, 0.0), 0.0)
    }


def test_view_change_is_uniform_within_the_limits():
    drawn = changes(ALL)
    for values, limit in (
        ([change.angle for change in drawn], 10),
        ([change.shift[0] for change in drawn], 0.1),
        ([change.shift[1] for change in drawn], 0.1),
        ([change.brightness for change in drawn], 0.2),
    ):
        assert np.abs(values).max() <= limit
        assert np.mean(values) == pytest.approx(0, abs=0.1 * limit)
        assert np.std(values) == pytest.approx(limit / np.sqrt(3), rel=0.1)
    assert np.mean([change.is_flipped for change in drawn]) == pytest.approx(0.5, abs=0.06)
