"""Shortcuts follow the class as their strength says; chance marks do not follow it at all."""

import numpy as np
import pytest

from covidlab.phantom.shortcuts import SHORTCUTS, Marks, collimated, shortcut_present, with_shortcut, with_side_marker

FILM = np.full((200, 200), 100, np.uint8)


def rate(*, positive: bool, strength: float) -> float:
    rng = np.random.default_rng(1)
    return float(np.mean([shortcut_present(rng, positive=positive, strength=strength) for _ in range(4000)]))


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_shortcut_present_agrees_with_the_class_as_strength_says(strength):
    assert rate(positive=True, strength=strength) == pytest.approx((1 + strength) / 2, abs=0.03)
    assert rate(positive=False, strength=strength) == pytest.approx((1 - strength) / 2, abs=0.03)


def test_shortcut_present_of_strength_one_is_never_wrong():
    assert (rate(positive=True, strength=1.0), rate(positive=False, strength=1.0)) == (1.0, 0.0)


@pytest.mark.parametrize("name", SHORTCUTS)
def test_with_shortcut_changes_only_what_its_mask_covers(name):
    film, covered = with_shortcut(FILM, name)
    assert film.dtype == np.uint8 and covered.shape == FILM.shape
    if name == "brightness":
        assert (film == 130).all()
    else:
        assert (film[~covered] == 100).all()


def test_with_shortcut_letter_stands_in_the_upper_left_corner():
    rows, columns = np.nonzero(with_shortcut(FILM, "letter")[1])
    assert len(rows) and rows.max() < 40 and columns.max() < 40


def test_with_shortcut_brightness_stops_at_white():
    assert with_shortcut(np.full((8, 8), 250, np.uint8), "brightness")[0].max() == 255


def test_marks_draw_gives_every_mark_to_some():
    rng = np.random.default_rng(3)
    drawn = [Marks.draw(rng) for _ in range(300)]
    for share in ([any(marks.collimation), marks.has_marker, marks.stored_in_colour] for marks in drawn):
        assert set(share) <= {True, False}
    shares = np.mean([[any(m.collimation), m.has_marker, m.stored_in_colour] for m in drawn], axis=0)
    assert ((shares > 0.2) & (shares < 0.8)).all()


def test_collimated_band_is_dark_and_outside_of_the_field():
    marks = Marks((0.1, 0.0, 0.0, 0.0), 0.0, False, (0.9, 0.1), 0.0, False)
    film, field = collimated(FILM, marks)
    assert not field[:, :19].any() and field[:, 21:].all()
    assert film[:, :19].max() < 10 and (film[:, 21:] == 100).all()


def test_collimated_without_bands_is_the_film_itself():
    marks = Marks((0.0, 0.0, 0.0, 0.0), 0.01, False, (0.9, 0.1), 0.0, False)
    film, field = collimated(FILM, marks)
    assert field.all() and np.array_equal(film, FILM)


def test_with_side_marker_stands_on_the_upper_right():
    marks = Marks((0.0, 0.0, 0.0, 0.0), 0.0, True, (0.9, 0.12), 5.0, False)
    rows, columns = np.nonzero(with_side_marker(FILM, marks) != FILM)
    assert len(rows) and rows.max() < 50 and columns.min() > 150
