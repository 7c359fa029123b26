"""The bones of the phantom's chest: ribs, spine, clavicles, shoulder blades and upper arms, as lengths along rays."""

from dataclasses import dataclass

import cv2
import numpy as np

from covidlab.phantom.radiography import Rays
from covidlab.phantom.thorax import Anatomy, wall_depth

_NUM_RIBS = 11
_RIB_THICKNESS_CM = 0.85
_RIB_CORTEX_CM = 0.16
_RIB_GAP_CM = 0.05
_CLAVICLE_CM = 13.2

# Shoulder blade of the left side, x and y in cm, clockwise from its upper inner corner.
_BLADE = np.array(
    [(9.3, 2.0), (12.2, 2.6), (15.2, 4.4), (14.9, 6.6), (13.2, 11.5), (12.0, 16.4), (11.1, 16.2), (9.9, 10.0)]
)
_BLADE_OUTER, _BLADE_INNER = [2, 3, 4, 5], [6, 7, 0, 1]
_BLADE_RIDGE = np.array([(9.6, 5.0), (12.5, 3.4), (16.0, 1.2), (17.6, 0.9)])


def bone_paths(anatomy: Anatomy, rays: Rays) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of cortical and of spongy bone along each ray, ndarrays of shape (size, size), float32, cm."""
    shape = (rays.size, rays.size)
    cortical, spongy = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    rng = np.random.default_rng([anatomy.seed, 0])
    _add_ribs(anatomy, rays, rng, cortical, spongy)
    _add_spine(anatomy, rays, rng, cortical, spongy)
    _add_clavicles(anatomy, rays, rng, cortical, spongy)
    _add_shoulders(anatomy, rays, rng, cortical, spongy)
    cortical *= np.float32(anatomy.bone)
    return cortical, spongy


@dataclass(frozen=True)
class _Rib:
    """The part of a shell along the chest's wall between two parallel planes that slope forwards.

    side: -1 right, 1 left. start: y of its middle at the spine. slope: fall for each cm forwards. drop: fall for each
    cm outwards. back: depth of the wall at the spine. height: distance of the planes. end: distance from the midline
    where bone gives way to cartilage in front.
    """

    side: int
    start: float
    slope: float
    drop: float
    back: float
    height: float
    end: float


def _add_ribs(anatomy: Anatomy, rays: Rays, rng: np.random.Generator, cortical: np.ndarray, spongy: np.ndarray) -> None:
    ribs = _ribs(anatomy, rng)
    x, y = rays.at(0.0)
    chest = _box((np.abs(x) < anatomy.half_width + 2) & (y < anatomy.dome_right + 14))
    depth = wall_depth(anatomy, x, y)
    cortical, spongy = cortical[chest], spongy[chest]
    for sign in (-1, 1):
        # A ray meets the wall where the wall is, behind (-1) and in front (1): there its x and y count.
        x, y = (values[chest] for values in rays.at(sign * depth))
        outer = _RIB_GAP_CM + _RIB_THICKNESS_CM
        outsets = (_RIB_GAP_CM, _RIB_GAP_CM + _RIB_CORTEX_CM, outer - _RIB_CORTEX_CM, outer)
        walls = [wall_depth(anatomy, x, y, outset=outset) for outset in outsets]
        lowest_cm = 2 * anatomy.half_depth + 5
        for rib in ribs:
            box = _box((y > rib.start - 3) & (y < rib.start + rib.slope * lowest_cm + 4) & (rib.side * x > 0))
            _add_rib(rib, sign, x[box], y[box], [wall[box] for wall in walls], cortical[box], spongy[box])


def _ribs(anatomy: Anatomy, rng: np.random.Generator) -> list[_Rib]:
    # Nine and a half pairs of ribs can be counted behind, above the right dome: a full breath.
    spacing, slope = (anatomy.dome_right + 1.0) / 9.3, float(rng.uniform(0.42, 0.58))
    ribs = []
    for number in range(_NUM_RIBS):
        for side in (-1, 1):
            start = 0.6 + spacing * number + float(rng.normal(0, 0.08))
            rib = _Rib(
                side=side,
                start=start,
                slope=slope * ((0.5, 0.75, 0.9)[number] if number < 3 else 1.0),
                drop=0.10 + 0.012 * number,
                back=float(wall_depth(anatomy, np.float32(3.0), np.float32(max(start, 1.2)))),
                height=(1.5 if number == 0 else 1.15) * float(rng.uniform(0.92, 1.08)),
                end=3.6 + 0.95 * number if number < 7 else 9.5 + 0.6 * (number - 7),
            )
            ribs.append(rib)
    return ribs


def _add_rib(rib: _Rib, sign: int, x, y, walls: list[np.ndarray], cortical: np.ndarray, spongy: np.ndarray) -> None:
    away = np.abs(x)
    fall = y - rib.start - rib.drop * away
    tall = rib.height * (1.0 if sign < 0 else 1.15)
    inner, marrow_inner, marrow_outer, outer = walls
    whole = _between(rib, sign, inner, outer, fall, tall)
    marrow = _between(rib, sign, marrow_inner, marrow_outer, fall, tall - 2 * _RIB_CORTEX_CM)
    # Behind, ribs reach the spine; in front they are flatter and end in cartilage.
    bony = np.clip((away - 2.0) / 0.8, 0, 1) if sign < 0 else 0.5 * np.clip((away - rib.end) / 1.2, 0, 1)
    cortical += (whole - marrow) * bony
    spongy += marrow * bony


def _between(rib: _Rib, sign: int, inner, outer, fall, tall: float) -> np.ndarray:
    """Length of the ray inside the shell [inner, outer] and the slab |fall - slope (z + back)| < tall / 2."""
    middle = fall / rib.slope - rib.back
    half = tall / 2 / rib.slope
    low, high = (inner, outer) if sign > 0 else (-outer, -inner)
    return np.clip(np.minimum(high, middle + half) - np.maximum(low, middle - half), 0, None)


def _add_spine(
    anatomy: Anatomy, rays: Rays, rng: np.random.Generator, cortical: np.ndarray, spongy: np.ndarray
) -> None:
    bend, phase = float(rng.normal(0, 0.15)), float(rng.uniform(0, 6))
    x, y = rays.at(-anatomy.half_depth + 1.5)
    box = _box(np.abs(x) < 4.5)
    cortical, spongy, y = cortical[box], spongy[box], y[box]
    x = x[box] - bend * np.sin(y / 9 + phase)
    away = np.abs(x)
    # Vertebrae grow downwards, 2.05 cm apart at the neck, 2.5 cm at the loins.
    level = (y + 12) / (2.05 + 0.012 * (y + 12))
    part = level - np.floor(level) - 0.5
    half = (1.45 + 0.022 * np.clip(y, -6, 30)) * (0.9 + 0.4 * np.square(part))
    round_ = np.sqrt(np.clip(1 - np.square(np.square(x / half)), 0, None))
    big = np.clip(0.55 + y / 25, 0.5, 1)
    spongy += 1.6 * big * round_ * np.clip(0.5 + (0.43 - np.abs(part)) / 0.06, 0, 1)
    plates = 0.22 * round_ * _bell((np.abs(part) - 0.41) / 0.035) + 0.25 * _bell((away - half + 0.12) / 0.12)
    cortical += big * (plates * np.clip(0.5 + (0.45 - np.abs(part)) / 0.06, 0, 1) + 0.12 * round_)
    pedicle = np.hypot((away - 0.72 * half) / 0.36, (part + 0.16) / 0.2)
    cortical += 0.3 * _bell((pedicle - 0.85) / 0.25)
    cortical += 0.5 * np.exp(-np.square(x / 0.28) - np.square((part - 0.3) / 0.24))
    wing, chest = np.hypot((away - 2.2) / 1.1, (part + 0.18 + 0.06 * away) / 0.17), np.clip(y / 3 + 0.5, 0, 1)
    spongy += 0.7 * chest * np.sqrt(np.clip(1 - wing * wing, 0, None))
    cortical += 0.15 * chest * _bell((wing - 0.9) / 0.15)


def _add_clavicles(
    anatomy: Anatomy, rays: Rays, rng: np.random.Generator, cortical: np.ndarray, spongy: np.ndarray
) -> None:
    """Tubes along a flat S, from the breastbone to the shoulder."""
    rise, curve = float(rng.normal(2.2, 0.8)) - anatomy.shoulder, float(rng.uniform(0.5, 0.9))
    x, y = rays.at(anatomy.half_depth * 0.6)
    box = _box((y > -6) & (y < 10))
    x, y = x[box], y[box]
    share = (np.abs(x) - 1.8) / _CLAVICLE_CM
    along = np.clip(share, 0, 1)
    turn = 2 * np.pi * along
    tilt = (-rise - curve * 2 * np.pi * np.cos(turn)) / _CLAVICLE_CM
    beyond = np.maximum(np.maximum(-share, share - 1), 0) * _CLAVICLE_CM
    apart = np.hypot((y - 4.2 + rise * along + curve * np.sin(turn)) / np.sqrt(1 + tilt * tilt), beyond)
    radius = 0.52 + 0.75 * np.square(along - 0.5) + 1.5 * np.clip(0.1 - along, 0, None)
    _add_tube(apart, radius, 0.17, cortical[box], spongy[box])


def _add_shoulders(
    anatomy: Anatomy, rays: Rays, rng: np.random.Generator, cortical: np.ndarray, spongy: np.ndarray
) -> None:
    """Shoulder blades as plates with thick rims, and the upper arms."""
    outwards, drop = float(rng.uniform(0.6, 3.0)), anatomy.shoulder + float(rng.normal(0, 0.4))
    blade = np.add(_BLADE, (outwards, drop))
    ridge = np.add(_BLADE_RIDGE, (0.6 * outwards, drop))
    for side in (-1, 1):
        flat = _drawn(anatomy, rays, blade, side)
        edge = _drawn(anatomy, rays, ridge, side, width_cm=0.9)
        cortical += 0.3 * flat + 0.3 * edge
        spongy += 0.4 * flat + 0.6 * edge
        cortical += 0.7 * _drawn(anatomy, rays, blade[_BLADE_OUTER], side, width_cm=0.6)
        cortical += 0.25 * _drawn(anatomy, rays, blade[_BLADE_INNER], side, width_cm=0.3)
        _add_arm(anatomy, rays, side, (16.6 + 0.6 * outwards, 4.4 + drop), cortical, spongy)


def _add_arm(
    anatomy: Anatomy, rays: Rays, side: int, head: tuple[float, float], cortical: np.ndarray, spongy: np.ndarray
) -> None:
    x, y = rays.at(0.0)
    box = _box(side * x > 13)
    x, y = side * x[box] - head[0], y[box] - head[1]
    lean = 0.05 + 0.25 * anatomy.arm
    below = np.clip(y, 0, None)
    shaft = np.abs(x - 0.5 - lean * y) / np.hypot(1, lean) / (1.05 + 1.2 * np.exp(-below / 1.6))
    # Head and shaft are one bone: the nearer surface counts.
    nearer = np.minimum(np.hypot(x, y) / 2.35, np.where(y > 0, shaft, 9.0))
    _add_tube(nearer * 1.4, 1.4, 0.16, cortical[box], spongy[box])


def _add_tube(apart: np.ndarray, radius, cortex: float, cortical: np.ndarray, spongy: np.ndarray) -> None:
    """Add the chord of a tube with a dense wall, for rays that pass its axis at the distance ``apart``."""
    square = np.square(apart)
    whole = 2 * np.sqrt(np.clip(np.square(radius) - square, 0, None))
    marrow = 2 * np.sqrt(np.clip(np.square(radius - cortex) - square, 0, None))
    cortical += whole - marrow
    spongy += marrow


def _drawn(anatomy: Anatomy, rays: Rays, points: np.ndarray, side: int, *, width_cm: float | None = None) -> np.ndarray:
    """A line of a width, or without one the area inside of the points, at the back: 0 to 1, soft at its edges."""
    corners = _rounded(points, closed=width_cm is None)
    column, row = rays.pixels_of(side * corners[:, 0], corners[:, 1], -anatomy.half_depth)
    place = np.rint(16 * np.stack([column, row], axis=1)).astype(np.int32)
    canvas = np.zeros((rays.size, rays.size), np.uint8)
    if width_cm is None:
        cv2.fillPoly(canvas, [place], 255, cv2.LINE_AA, 4)
    else:
        cv2.polylines(canvas, [place], False, 255, max(1, round(0.6 * width_cm / rays.pixel_cm)), cv2.LINE_AA, 4)
    soft_cm = 0.12 if width_cm is None else 0.22 * width_cm
    return cv2.GaussianBlur(canvas, (0, 0), max(soft_cm / rays.pixel_cm, 0.5)).astype(np.float32) / 255


def _rounded(points: np.ndarray, *, closed: bool) -> np.ndarray:
    """Corners cut three times (Chaikin 1974, Computer Graphics and Image Processing 3:346)."""
    for _ in range(3):
        before = points if closed else points[:-1]
        after = np.roll(points, -1, axis=0) if closed else points[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut, points[-1:]])
    return points


def _box(wanted: np.ndarray) -> tuple[slice, slice]:
    """The smallest box that holds all wanted pixels; empty where there are none."""
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _bell(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.square(values))
