"""The beam: geometry that can be inverted, Beer and Lambert's law, noise and grey scale."""

import numpy as np
import pytest

from covidlab.phantom.radiography import (
    CORTICAL_PER_CM,
    LUNG_PER_CM,
    SOFT_PER_CM,
    SPONGY_PER_CM,
    Paths,
    Pose,
    Rays,
    Technique,
    attenuation_of_opacity,
    radiograph,
)


def pose_of(**values) -> Pose:
    standard = {"field_cm": 36.0, "level_cm": 12.0, "shift_cm": 0.5, "roll": 0.02, "rotation": 0.03, "pitch": 0.05}
    return Pose(**standard | {"distance_cm": 180.0} | values)


def paths_of(**lengths) -> Paths:
    names = ("body", "lung", "air", "vessels", "cortical", "spongy")
    return Paths(**{name: np.full((2, 2), lengths.get(name, 0.0), np.float32) for name in names})


def technique_of(**values) -> Technique:
    standard = {"quanta_per_mm2": 1e5, "scatter": 0.2, "blur_cm": 0.03, "compression": 0.2, "detail": 0.5}
    return Technique(**standard | {"black": 0.05, "white": 0.95, "gamma": 1.0, "equalisation": 0.0} | values)


@pytest.mark.parametrize("depth", [-9.0, 0.0, 9.0])
def test_rays_pixels_of_is_the_inverse_of_at(depth):
    rays = Rays(64, pose_of())
    column, row = rays.pixels_of(*rays.at(depth), depth)
    rows, columns = np.mgrid[:64, :64]
    assert np.allclose(column, columns, atol=1e-3) and np.allclose(row, rows, atol=1e-3)


def test_rays_show_larger_what_is_farther_from_the_film():
    rays = Rays(64, pose_of())
    assert rays.magnification(-10.0) > rays.magnification(10.0) > 1
    assert rays.magnification(-10.0) == pytest.approx(180 / 155)


def test_rays_of_another_size_see_the_same_field():
    small, large = Rays(64, pose_of()), Rays(256, pose_of())
    assert small.at(0.0)[0].mean() == pytest.approx(large.at(0.0)[0].mean(), abs=1e-3)
    assert small.pixel_cm == 4 * large.pixel_cm


def test_attenuation_of_soft_tissue_is_length_times_coefficient():
    assert paths_of(body=10).attenuation() == pytest.approx(10 * SOFT_PER_CM, rel=1e-6)


def test_attenuation_replaces_soft_tissue_by_what_lies_in_it():
    attenuation = paths_of(body=20, lung=10, air=2, vessels=1, cortical=0.5, spongy=1.5).attenuation()
    expected = 20 - 10 - 2 - 0.5 - 1.5 + 1
    expected = expected * SOFT_PER_CM + 9 * LUNG_PER_CM + 0.5 * CORTICAL_PER_CM + 1.5 * SPONGY_PER_CM
    assert attenuation == pytest.approx(expected, rel=1e-6)


def test_coefficients_are_those_of_nist_at_60_kev():
    # NIST SRD 126, table 4: skeletal muscle 0.2048 cm2/g, cortical bone 0.3148 cm2/g and 1.92 g/cm3.
    assert pytest.approx(0.2171, abs=1e-4) == SOFT_PER_CM
    assert pytest.approx(0.6044, abs=1e-4) == CORTICAL_PER_CM
    assert LUNG_PER_CM < SOFT_PER_CM < SPONGY_PER_CM < CORTICAL_PER_CM


def test_attenuation_of_opacity_is_that_of_its_mass():
    assert attenuation_of_opacity(np.float32([2.0])) == pytest.approx([0.4096])


def test_radiograph_is_whiter_where_more_is_stopped():
    attenuation = np.full((96, 96), 3.0, np.float32)
    attenuation[:, 48:] = 4.0
    film = radiograph(attenuation, None, pixel_cm=0.3, technique=technique_of(), rng=np.random.default_rng(0))
    assert film.dtype == np.uint8 and film[:, 60:].mean() > film[:, :36].mean() + 50


def test_radiograph_noise_falls_with_the_square_root_of_the_quanta():
    attenuation = np.full((96, 96), 3.0, np.float32)
    attenuation[:, 48:] = 4.0
    spread = []
    for quanta in (1e3, 1e5):
        technique = technique_of(quanta_per_mm2=quanta, detail=0.0, compression=0.0, scatter=0.0)
        film = radiograph(attenuation, None, pixel_cm=0.3, technique=technique, rng=np.random.default_rng(0))
        spread.append(film[20:76, 10:30].std())
    assert spread[0] > 3 * spread[1]


def test_radiograph_opacity_leaves_far_pixels_almost_alone():
    attenuation, opacity = np.full((128, 128), 3.0, np.float32), np.zeros((128, 128), np.float32)
    attenuation[:, 64:] = 4.0
    opacity[20:40, 20:40] = 0.4
    draws = [np.random.default_rng(0), np.random.default_rng(0)]
    without, film = (
        radiograph(attenuation, added, pixel_cm=0.3, technique=technique_of(), rng=rng).astype(int)
        for added, rng in zip((None, opacity), draws, strict=True)
    )
    assert (film - without)[22:38, 22:38].mean() > 15
    assert abs((film - without)[100:, :]).max() <= 4
