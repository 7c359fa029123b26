"""What is done to a prepared X-ray: each alteration on a drawn chest with a marker."""

import cv2
import numpy as np
import pytest

from covidlab.evaluation.alterations import ALTERATIONS, SCALES, Subject, blackened, pasted_marker

SIDE = 224


@pytest.fixture
def film() -> np.ndarray:
    """A grey chest with two dark lungs, soft noise and colour in one channel."""
    drawn = np.full((SIDE, SIDE), 120, np.float32)
    drawn[lungs_mask()] = 50
    drawn = cv2.GaussianBlur(drawn, (0, 0), 4) + np.random.default_rng(3).normal(0, 4, (SIDE, SIDE))
    return np.stack([drawn, drawn, drawn + 8], axis=-1).clip(0, 255).astype(np.uint8)


def lungs_mask() -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for left in (75, 149):
        cv2.ellipse(mask, (left, 118), (28, 62), 0, 0, 360, 1, -1)
    return mask.astype(bool)


def subject(*, aspect=1.0) -> Subject:
    return Subject(lungs=lungs_mask(), aspect=aspect)


def made(name: str, film: np.ndarray, **facts) -> np.ndarray:
    return ALTERATIONS[name](film, subject(**facts))


EVERY = [*ALTERATIONS.values(), *(scale.at(value) for scale in SCALES.values() for value in scale.values)]


@pytest.mark.parametrize("alteration", EVERY, ids=lambda each: each.name)
def test_alteration_gives_the_same_new_picture_and_leaves_its_input(alteration, film):
    before = film.copy()
    first, second = (alteration(film, subject(aspect=1.3)) for _ in range(2))
    assert (first.shape, first.dtype, first.flags.c_contiguous) == (film.shape, np.uint8, True)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(film, before)
    assert not np.shares_memory(first, film)


def test_names_and_keys_tell_all_alterations_apart():
    assert len({each.name for each in EVERY}) == len(EVERY)
    keys = [each.key for each in EVERY]
    assert len(set(keys)) == len(keys)
    assert ALTERATIONS["whole"].key == ""


@pytest.mark.parametrize("name", [name for name, each in ALTERATIONS.items() if each.needs_lungs])
def test_alteration_that_needs_lungs_is_refused_without(name, film):
    with pytest.raises(ValueError, match=f"{name} needs the lungs"):
        ALTERATIONS[name](film, Subject())


def test_whole_changes_nothing(film):
    np.testing.assert_array_equal(made("whole", film), film)


def test_lungs_black_and_lungs_only_share_out_the_picture(film):
    lungs, rest = made("lungs-only", film), made("lungs-black", film)
    assert not rest[lungs_mask()].any()
    assert not lungs[~lungs_mask()].any()
    np.testing.assert_array_equal(np.maximum(lungs, rest), film)


def test_outline_has_two_grey_levels_and_nothing_of_the_picture(film):
    drawn = made("outline-only", film)
    assert set(np.unique(drawn)) == {0, 255}
    np.testing.assert_array_equal(drawn, made("outline-only", 255 - film))
    outline = drawn[..., 0] > 0
    # Along the lungs and nowhere else.
    edge = cv2.morphologyEx(lungs_mask().astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > 0
    assert edge[outline].all()


def test_margins_only_keeps_what_lies_around_the_box_of_the_lungs(film):
    margins = made("margins-only", film)
    rows, columns = np.flatnonzero(lungs_mask().any(1)), np.flatnonzero(lungs_mask().any(0))
    box = np.zeros((SIDE, SIDE), bool)
    box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    assert not margins[box].any()
    np.testing.assert_array_equal(margins[~box], film[~box])


@pytest.mark.parametrize(("across", "down"), [(0.1, 0.1), (0.9, 0.12), (0.08, 0.9), (0.5, 0.92)])
def test_markers_removed_takes_out_a_pasted_marker(film, across, down):
    marked = pasted_marker(film, across=across, down=down)
    cleaned = made("markers-removed", marked)
    mark = np.abs(marked.astype(int) - film).max(-1) > 40
    assert mark.sum() > 60
    assert np.abs(cleaned.astype(int) - film).max(-1)[mark].mean() < 15
    # What is not near the marker stays.
    far = ~cv2.dilate(mark.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(bool)
    np.testing.assert_array_equal(cleaned[far], film[far])


def test_markers_removed_takes_out_a_line_of_small_text(film):
    marked = cv2.putText(film.copy(), "PORTABLE", (20, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (250,) * 3, 1, cv2.LINE_AA)
    mark = np.abs(marked.astype(int) - film).max(-1) > 60
    cleaned = made("markers-removed", marked)
    assert (np.abs(cleaned.astype(int) - film).max(-1)[mark] < 40).mean() > 0.9


def test_markers_removed_leaves_a_picture_without_marks_and_marks_on_the_lungs(film):
    np.testing.assert_array_equal(made("markers-removed", film), film)
    everywhere = Subject(lungs=np.ones((SIDE, SIDE), bool))
    marked = pasted_marker(film)
    np.testing.assert_array_equal(ALTERATIONS["markers-removed"](marked, everywhere), marked)


@pytest.mark.parametrize("side", [128, 224, 299])
def test_pasted_marker_is_centred_and_of_the_same_share_of_the_side(side):
    mark = pasted_marker(np.zeros((side, side, 3), np.uint8), across=0.4, down=0.7)[..., 0] > 120
    rows, columns = np.flatnonzero(mark.any(1)), np.flatnonzero(mark.any(0))
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(0.7 * side, abs=1.5)
    assert (columns[0] + columns[-1]) / 2 == pytest.approx(0.4 * side, abs=1.5)
    assert (rows[-1] - rows[0] + 1) / side == pytest.approx(0.08, abs=0.015)


@pytest.mark.parametrize(("across", "down"), [(0.5, 0.5), (0.0, 1.0), (1.0, 0.1)])
def test_blackened_box_has_the_size_asked_for_as_far_as_it_lies_inside(film, across, down):
    boxed = blackened(film, across=across, down=down, width=0.25, height=0.5)
    black = ~boxed.any(-1)
    wide = np.clip([across - 0.125, across + 0.125], 0, 1)
    tall = np.clip([down - 0.25, down + 0.25], 0, 1)
    assert black.sum() == pytest.approx(np.ptp(wide) * np.ptp(tall) * SIDE**2, rel=0.02)
    np.testing.assert_array_equal(boxed[~black], film[~black])


def test_mirrored_twice_is_the_x_ray_again(film):
    assert (made("mirrored", film) != film).any()
    np.testing.assert_array_equal(made("mirrored", made("mirrored", film)), film)


def test_grey_has_no_colour_and_leaves_a_grey_x_ray(film):
    grey = made("grey", film)
    assert (grey == grey[..., :1]).all()
    np.testing.assert_array_equal(made("grey", grey), grey)


@pytest.mark.parametrize(("aspect", "rows", "columns"), [(1.0, 224, 224), (2.0, 112, 224), (0.5, 224, 112)])
def test_letterboxed_keeps_proportions_between_black_borders(film, aspect, rows, columns):
    shown = made("letterboxed", film, aspect=aspect).any(-1)
    assert (shown.any(1).sum(), shown.any(0).sum()) == (rows, columns)
    centre = np.flatnonzero(shown.any(1)).mean(), np.flatnonzero(shown.any(0)).mean()
    assert centre == pytest.approx((111.5, 111.5))


@pytest.mark.parametrize("scale", SCALES.values(), ids=list(SCALES))
def test_scale_changes_next_to_nothing_at_its_neutral_value_and_more_towards_its_ends(scale, film):
    change = {value: np.abs(scale.at(value)(film, subject()).astype(int) - film).mean() for value in scale.values}
    assert change[scale.neutral] < 1.5
    assert list(scale.values) == sorted(scale.values)
    above = [change[value] for value in scale.values if value >= scale.neutral]
    below = [change[value] for value in reversed(scale.values) if value <= scale.neutral]
    assert above == sorted(above)
    assert below == sorted(below)


def test_scales_turn_to_the_left_and_brighten_and_stretch(film):
    mark = np.zeros((SIDE, SIDE, 3), np.uint8)
    mark[100:124, 190:214] = 255
    turned = SCALES["rotation"].at(20)(mark, Subject())
    assert np.flatnonzero(turned.any(-1).any(1)).mean() < 100
    assert SCALES["exposure"].at(1)(film, Subject()).mean() == pytest.approx(2 * film.mean(), rel=0.03)
    assert SCALES["contrast"].at(0.5)(film, Subject()).std() == pytest.approx(film.std() / 2, rel=0.05)
