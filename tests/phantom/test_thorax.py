"""The phantom's anatomy: what lies where, in every patient drawn."""

import numpy as np
import pytest

from covidlab.phantom.lungs import opacity_mass, texture, vessel_path
from covidlab.phantom.radiography import Pose, Rays
from covidlab.phantom.skeleton import bone_paths
from covidlab.phantom.thorax import LUNG_MASK_CM, Anatomy, air_path, body_path, lung_path, wall_depth


@pytest.fixture(params=range(6))
def patient(request) -> tuple[Anatomy, Rays]:
    rng = np.random.default_rng(request.param)
    return Anatomy.draw(rng), Rays(128, Pose.draw(rng))


def test_lung_path_is_two_lungs_apart(patient):
    lung = lung_path(*patient) >= LUNG_MASK_CM
    x, _ = patient[1].at(0.0)
    assert 0.12 < lung.mean() < 0.55
    assert not lung[np.abs(x) < 1.0].any()
    assert lung[x < 0].any() and lung[x > 0].any()


def test_lung_path_right_dome_is_higher(patient):
    anatomy, rays = patient
    x, y = rays.at(0.0)
    lung = lung_path(anatomy, rays) >= LUNG_MASK_CM
    lowest = [y[lung & (np.abs(x - side * 6) < 1.0)].max() for side in (-1, 1)]
    assert anatomy.dome_right < anatomy.dome_left and lowest[0] < lowest[1] + 0.3


def test_lung_path_heart_takes_more_of_the_left(patient):
    anatomy, rays = patient
    x, y = rays.at(0.0)
    beside = (np.abs(x) > 3.5) & (np.abs(x) < 8.5) & (np.abs(y - anatomy.dome_left + 4) < 2)
    lung = lung_path(anatomy, rays)
    assert lung[beside & (x > 0)].mean() < lung[beside & (x < 0)].mean() - 1


def test_lung_path_fits_in_the_body(patient):
    lung, body = lung_path(*patient), body_path(*patient)
    seen = lung >= LUNG_MASK_CM
    assert (body[seen] > lung[seen] + 1).all() and lung.min() >= 0 and body.min() >= 0
    assert lung.max() < 26 and body.max() < 40


def test_air_path_is_a_windpipe_near_the_midline(patient):
    anatomy, rays = patient
    x, y = rays.at(0.0)
    air = air_path(anatomy, rays)
    high = (y > 1) & (y < 6)
    assert air[high & (np.abs(x) < 0.6)].mean() > 1 and air[high & (np.abs(x) > 2.5)].max() == 0


def test_bone_paths_cross_the_lungs_and_are_thicker_at_the_edge(patient):
    anatomy, rays = patient
    cortical, spongy = bone_paths(anatomy, rays)
    lung = lung_path(anatomy, rays) >= LUNG_MASK_CM
    assert cortical.dtype == spongy.dtype == np.float32
    assert min(cortical.min(), spongy.min()) >= 0 and max(cortical.max(), spongy.max()) < 8
    assert 0.3 < (cortical[lung] > 0.05).mean() < 0.98


def test_wall_depth_is_zero_outside_and_grows_with_the_outset(patient):
    anatomy, rays = patient
    x, y = rays.at(0.0)
    inner, outer = wall_depth(anatomy, x, y), wall_depth(anatomy, x, y, outset=0.8)
    assert (outer >= inner).all() and inner[np.abs(x) > anatomy.half_width].max(initial=0) == 0


def test_vessel_path_lies_within_the_lungs(patient):
    anatomy, rays = patient
    lung = lung_path(anatomy, rays)
    vessels = vessel_path(anatomy, rays, lung)
    assert vessels.dtype == np.float32 and vessels.max() > 0.3
    assert ((vessels >= 0) & (vessels <= 0.6 * lung)).all()


def test_opacity_mass_fills_the_share_of_both_lungs(patient):
    anatomy, rays = patient
    lung = lung_path(anatomy, rays)
    inside = lung >= LUNG_MASK_CM
    mass = opacity_mass(anatomy, rays, lung, share=0.3, density=0.2, lean=0.0)
    assert (mass[inside] > 0).mean() == pytest.approx(0.3, abs=0.02) and mass[~inside].max() == 0
    assert not opacity_mass(anatomy, rays, lung, share=0.0, density=0.2, lean=0.0).any()


@pytest.mark.parametrize("grain_cm", [0.1, 0.5, 2.0])
def test_texture_has_mean_zero_and_deviation_one(grain_cm):
    rays = Rays(256, Pose.draw(np.random.default_rng(0)))
    noise = texture(np.random.default_rng(1), rays, grain_cm)
    assert noise.shape == (256, 256) and noise.mean() == pytest.approx(0, abs=0.05)
    assert 0.7 < noise.std() < 1.1


def test_anatomy_draw_is_an_adult_and_repeatable():
    drawn = [Anatomy.draw(np.random.default_rng(seed)) for seed in range(40)]
    assert drawn == [Anatomy.draw(np.random.default_rng(seed)) for seed in range(40)]
    assert {anatomy.sex for anatomy in drawn} == {"F", "M"}
    assert all(18 <= anatomy.age_years < 90 for anatomy in drawn)
