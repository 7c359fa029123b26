"""One phantom: its truth is exact, its class and shortcut follow the settings."""

import numpy as np
import pytest

from covidlab.errors import UsageError
from covidlab.phantom.film import PhantomConfig, make_phantom
from covidlab.phantom.radiography import Pose, Rays
from covidlab.phantom.thorax import LUNG_MASK_CM, lung_path

SMALL = PhantomConfig(size=160)


def places(config: PhantomConfig, num_films: int) -> list[tuple[bool, str, int]]:
    films = (make_phantom(config, number) for number in range(num_films))
    return [(film.positive, film.patient_id, film.film_of_patient) for film in films]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_make_phantom_opacities_brighten_their_mask_and_little_else(number):
    without, film = make_phantom(SMALL, number, opacities=False), make_phantom(SMALL, number)
    brighter = film.pixels.astype(float) - without.pixels
    assert film.positive and not without.opacity_mask.any()
    assert brighter[film.opacity_mask].mean() > 5
    assert abs(brighter[~film.opacity_mask].mean()) < 2


def test_make_phantom_opacities_lie_in_the_lungs():
    films = [make_phantom(SMALL, number) for number in (1, 3, 5, 7)]
    assert all((film.opacity_mask & ~film.lung_mask).sum() == 0 < film.opacity_mask.sum() for film in films)


@pytest.mark.parametrize(("number", "num_hidden"), [(0, 0), (114, 40)])
def test_make_phantom_lung_mask_is_the_projected_lung_that_is_seen(number, num_hidden):
    film = make_phantom(SMALL, number)
    pose = np.random.SeedSequence(42, spawn_key=(1, number)).spawn(6)[0]
    projected = lung_path(film.anatomy, Rays(160, Pose.draw(np.random.default_rng(pose)))) >= LUNG_MASK_CM
    assert film.lung_mask.any() and not (film.lung_mask & ~projected).any()
    # What is missing lies under the dark bands at the film's edge.
    hidden = projected & ~film.lung_mask
    assert hidden.sum() == num_hidden and film.pixels[hidden].max(initial=0) < 40


def test_make_phantom_lungs_are_darker_than_what_lies_between():
    for number in range(6):
        film = make_phantom(SMALL, number, opacities=False)
        columns = np.flatnonzero(film.lung_mask.any(axis=0))
        middle = (columns[0] + columns[-1]) // 2
        between = film.pixels[60:120, middle - 4 : middle + 4]
        assert film.pixels[film.lung_mask].mean() + 20 < between.mean()


def test_make_phantom_opacities_are_mostly_low_and_outer():
    total, lower, lungs, lower_lungs = 0, 0, 0, 0
    for number in range(1, 20, 2):
        film = make_phantom(PhantomConfig(size=128), number)
        rows = np.flatnonzero(film.lung_mask.any(axis=1))
        middle = (rows[0] + rows[-1]) // 2
        total, lower = total + film.opacity_mask.sum(), lower + film.opacity_mask[middle:].sum()
        lungs, lower_lungs = lungs + film.lung_mask.sum(), lower_lungs + film.lung_mask[middle:].sum()
        assert film.opacity_mask[:, :64].any() and film.opacity_mask[:, 64:].any()
    assert lower / total > lower_lungs / lungs + 0.1


def test_make_phantom_extent_sets_the_share_of_the_lungs():
    extents = [
        np.mean(
            [make_phantom(PhantomConfig(size=128, lesion_extent=extent), number).lesion_extent for number in (1, 3, 5)]
        )
        for extent in (0.0, 0.3, 0.9)
    ]
    assert extents[0] == 0 and 0.1 < extents[1] < 0.27 and 0.35 < extents[2] < 0.75


def test_make_phantom_contrast_zero_is_the_film_without_opacities():
    config = PhantomConfig(size=128, lesion_contrast=0)
    film = make_phantom(config, 1)
    assert np.array_equal(film.pixels, make_phantom(config, 1, opacities=False).pixels) and not film.opacity_mask.any()


def test_make_phantom_classes_alternate_by_the_share():
    quarter = PhantomConfig(size=128, positive_share=0.25)
    assert [positive for positive, _, _ in places(quarter, 8)] == [False, False, False, True] * 2


def test_make_phantom_patients_have_several_films_of_one_class():
    found = places(PhantomConfig(size=128, films_per_patient=1.5), 8)
    assert [(patient, film) for positive, patient, film in found if positive] == [
        ("phantom-p00001", 0),
        ("phantom-p00001", 1),
        ("phantom-p00002", 0),
        ("phantom-p00003", 0),
    ]


def test_make_phantom_films_of_a_patient_share_anatomy_not_pixels():
    config = PhantomConfig(size=128, films_per_patient=2)
    first, second = make_phantom(config, 0), make_phantom(config, 2)
    assert first.anatomy == second.anatomy and not np.array_equal(first.lung_mask, second.lung_mask)


@pytest.mark.parametrize("shortcut", ["letter", "border", "brightness", "jpeg_colour"])
def test_make_phantom_shortcut_is_the_only_difference(shortcut):
    config = PhantomConfig(size=128, shortcut=shortcut)
    with_it, without = (make_phantom(config, 1, shortcut=present) for present in (True, False))
    changed = with_it.pixels != without.pixels
    assert with_it.shortcut and not without.shortcut and not without.shortcut_mask.any()
    assert with_it.shortcut_mask.any() == (shortcut in ("letter", "border"))
    if shortcut != "brightness":
        assert not changed[~with_it.shortcut_mask].any()
    assert (with_it.in_colour != without.in_colour) == (shortcut == "jpeg_colour")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_films": 1}, r"number of X-rays must be a whole number between 2 and 20,000. Received: 1"),
        ({"num_films": 2.5}, "number of X-rays must be a whole number"),
        ({"size": 5000}, "size must be a whole number between 128 and 1,024"),
        ({"seed": -1}, "seed must be"),
        ({"lesion_extent": 1.5}, "extent of the opacities must be a number between 0 and 1. Received: 1.5"),
        ({"lesion_contrast": float("nan")}, "contrast of the opacities"),
        ({"films_per_patient": 0.5}, "number of X-rays a patient"),
        ({"shortcut_strength": -0.1}, "strength of the shortcut"),
        ({"shortcut": "sticker"}, "one of none, letter, border, brightness, jpeg_colour. Received: sticker"),
        ({"positive_share": 0.001}, "At least one X-ray with and one without opacities"),
    ],
)
def test_phantom_config_out_of_range_is_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        PhantomConfig(**settings).validate()
