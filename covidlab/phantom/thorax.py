"""A simple 3-D chest: soft tissue, lungs, heart, great vessels, diaphragm, windpipe, in closed form along each ray."""

from dataclasses import dataclass

import numpy as np

from covidlab.phantom.radiography import Rays

# The mask of the lungs holds rays with at least this much lung on their way: thinner rims cannot be seen on a film.
LUNG_MASK_CM = 3.0
_APEX_CM = 5.0


@dataclass(frozen=True)
class Anatomy:
    """What varies between patients: lengths in cm, in the frame of ``radiography``; right and left are the patient's."""

    age_years: int
    sex: str
    half_width: float
    half_depth: float
    dome_right: float
    dome_left: float
    dome_curve: float
    wall_side: float
    wall_depth: float
    heart_size: float
    heart_tilt: float
    heart_shift: float
    knob: float
    mediastinum: float
    breast: float
    shoulder: float
    arm: float
    bubble: float
    bone: float
    seed: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Anatomy":
        """An adult of 18 to 89 years; sizes go with sex, aorta and bone with age."""
        age, female = int(rng.integers(18, 90)), bool(rng.random() < 0.48)
        old = max(0.0, (age - 40) / 50)
        size = (0.94 if female else 1.0) * float(np.clip(rng.normal(1.0, 0.04), 0.9, 1.1))
        stout = float(np.clip(rng.gamma(2.0, 0.45), 0.1, 2.6))
        dome = float(rng.normal(21.5, 1.1)) * size
        return cls(
            age_years=age,
            sex="F" if female else "M",
            half_width=13.2 * size * float(rng.uniform(0.95, 1.04)),
            half_depth=9.6 * size * float(rng.uniform(0.9, 1.1)) + 0.6 * old,
            dome_right=dome,
            dome_left=dome + float(rng.uniform(0.5, 2.2)),
            dome_curve=float(rng.uniform(0.06, 0.1)),
            wall_side=2.4 + 1.3 * stout,
            wall_depth=1.5 + 0.8 * stout,
            heart_size=size * float(rng.uniform(0.9, 1.12)) * (1 + 0.08 * old),
            heart_tilt=float(rng.uniform(0.45, 0.85)),
            heart_shift=float(rng.normal(0.0, 0.35)),
            knob=float(rng.uniform(1.3, 1.6)) + 0.5 * old,
            mediastinum=float(rng.uniform(3.1, 3.8)) + 0.15 * stout,
            breast=(float(rng.uniform(0.5, 1.0)) * (1 + 0.4 * stout)) if female else 0.0,
            shoulder=float(rng.normal(0.0, 0.8)),
            arm=float(rng.uniform(0.0, 1.0)),
            bubble=float(rng.uniform(0.0, 1.0)),
            bone=float(rng.uniform(0.9, 1.1)) * (1 - 0.3 * old),
            seed=int(rng.integers(2**63)),
        )


def wall_depth(anatomy: Anatomy, x: np.ndarray, y: np.ndarray, *, outset: float = 0.0) -> np.ndarray:
    """Distance of the chest's inner wall, moved outwards by ``outset``, from the mid-plane z = 0; 0 outside of it."""
    away = np.abs(x)
    top = 0.16 * np.square(away - _APEX_CM) - outset
    rise = np.clip((y - top) / 10.0, 0, 1)
    narrow = np.clip(1 - (y + 1) / 17.0, 0, 1)
    low = np.clip((y - 20) / 12.0, 0, 1)
    half_width = (anatomy.half_width + outset) * (1 - 0.15 * narrow * narrow - 0.05 * low)
    across = away / half_width
    round_ = np.clip(1 - across * across * across, 0, 1) * rise * (2 - rise)
    return (anatomy.half_depth + outset) * np.sqrt(round_)


def lung_path(anatomy: Anatomy, rays: Rays) -> np.ndarray:
    """Length of lung along each ray: the chest's inside less heart, great vessels, mediastinum and what is below the
    diaphragm; ndarray of shape (size, size), float32, cm."""
    x, y = rays.at(0.0)
    depth = wall_depth(anatomy, x, y)
    # The domes are paraboloids: ``under`` is the root of how far below its dome's edge on the film a ray passes.
    peak = np.where(x < 0, np.float32(anatomy.dome_right), np.float32(anatomy.dome_left))
    under = np.sqrt(np.clip(y - peak - anatomy.dome_curve * np.square(np.abs(x) - 5.6), 0, None))
    front, back = np.minimum(1.5 + under / 0.13, depth), np.maximum(1.5 - under / 0.15, -depth)
    below = np.where(under > 0, np.clip(front - back, 0, None), 0)
    # The heart ends at the diaphragm.
    heart = [length * np.clip(1 - under / 1.2, 0, 1) for length in _heart(anatomy, rays)]
    between = np.minimum(_union([_mediastinum(anatomy, x, y, depth), *heart]), 2 * depth)
    return np.clip(2 * depth - below - between, 0, None)


def _mediastinum(anatomy: Anatomy, x: np.ndarray, y: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Length of the tissue between the lungs; towards its edges it is thinner than the chest, and lung overlaps it."""
    # Neck vessels spread at the top.
    half = anatomy.mediastinum * (1 + 0.5 * np.square(np.clip(1 - y / 6, 0, 1)))
    return 2 * depth * np.clip(1.2 * (1 - np.square(x / half)), 0, 1)


def _heart(anatomy: Anatomy, rays: Rays) -> list[np.ndarray]:
    """Lengths of the heart's parts and of the great vessels."""
    size, middle, knob = anatomy.heart_size, anatomy.heart_shift, anatomy.knob
    front, back = rays.at(3.0), rays.at(-4.0)
    # The heart rests on the diaphragm: its middle lies at a height above the left dome.
    low = anatomy.dome_left - 3.6 * size
    left = _ellipsoid(front, (2.6 * size + middle, low), (7.0 * size, 4.5 * size, 7.2 * size), anatomy.heart_tilt)
    right = _ellipsoid(front, (-1.3 * size + middle, low - 0.6), (3.3 * size, 5.2 * size, 6.6 * size), 0.1)
    base = _ellipsoid(front, (1.2 * size + middle, low - 3.6), (2.7 * size, 4.2 * size, 6.2 * size), -0.5)
    pulmonary_trunk = _ellipsoid(front, (1.7 + middle, 11.4), (2.3, 4.2, 5.2), -0.25)
    rising_aorta_and_cava = _ellipsoid(front, (-1.3 + middle, 9.0), (2.0, 7.5, 5.0), 0.05)
    arch = _ellipsoid(back, (1.5, 7.6), (0.8 + knob, 0.8 + knob, 5.0), 0.0)
    falling_aorta = _ellipsoid(back, (1.9, 15.0), (1.5, 9.0, 2.2), -0.04)
    return [left, right, base, pulmonary_trunk, rising_aorta_and_cava, arch, falling_aorta]


def body_path(anatomy: Anatomy, rays: Rays) -> np.ndarray:
    """Length of body along each ray: trunk, neck, shoulders, arms, breasts."""
    x, y = rays.at(0.0)
    away = np.abs(x)
    half = anatomy.half_width + anatomy.wall_side
    # The trunk widens towards the armpits.
    half = half * (0.96 + 0.1 * np.exp(-np.square((y - 5) / 7)) + 0.05 * np.square(np.clip((y - 18) / 10, 0, 1)))
    across = np.square(away / half)
    rise = np.clip((y + 4 - anatomy.shoulder) / 11, 0, 1)
    round_ = np.clip(1 - across * across, 0, None)
    trunk = 2 * (anatomy.half_depth + anatomy.wall_depth) * np.sqrt(round_ * (0.35 + 0.65 * rise * (2 - rise)))
    neck = 2 * 5.6 * np.sqrt(np.clip(1 - np.square(x / (4.2 + 0.2 * anatomy.wall_side)), 0, None))
    neck = neck * np.clip((9 - y) / 6, 0, 1)
    # Breastbone and spine lie in grooves; in front of and behind the lungs the trunk is at its thickest.
    trunk = trunk - (3.2 + 1.2 * np.clip(1 - y / 14, 0, 1)) * np.exp(-np.square(x / 2.6)) * np.sqrt(round_)
    trunk = trunk * np.clip((y - _shoulder_line(anatomy, away)) / 3.0, 0, 1)
    parts = [trunk, neck, _shoulders(anatomy, away, y), _arms(anatomy, away, y)]
    body = _union(parts)
    if anatomy.breast:
        body = body + _breasts(anatomy, rays)
    return body


def _shoulder_line(anatomy: Anatomy, away: np.ndarray) -> np.ndarray:
    """Height of the skin above the shoulders: steep at the neck, then a gentle slope."""
    return anatomy.shoulder - 2.6 + 0.2 * (away - 8) - 8.0 / np.maximum(away - 3.0, 0.1)


def _shoulders(anatomy: Anatomy, away: np.ndarray, y: np.ndarray) -> np.ndarray:
    under = np.clip((y - _shoulder_line(anatomy, away)) / 6, 0, 1)
    side = np.clip(1 - np.square(np.square(away / (20.5 + anatomy.wall_side / 2))), 0, None)
    fade = np.clip((19 - y) / 12, 0, 1)
    return 2 * (5.6 + anatomy.wall_depth / 2) * np.sqrt(under * (2 - under) * side) * fade


def _arms(anatomy: Anatomy, away: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Upper arms, from the shoulders down and outwards."""
    radius = 4.4 + 0.4 * anatomy.wall_side
    axis = 17.2 + 0.4 * anatomy.wall_side + (0.05 + 0.25 * anatomy.arm) * np.clip(y - anatomy.shoulder - 3, 0, None)
    chord = 2 * np.sqrt(np.clip(radius * radius - np.square(away - axis), 0, None))
    return chord * np.clip((y - anatomy.shoulder - 1) / 5, 0, 1)


def _breasts(anatomy: Anatomy, rays: Rays) -> np.ndarray:
    x, y = rays.at(11.0)
    down = y - 16.0 - 1.5 * anatomy.breast
    tall = np.where(down < 0, np.float32(11.0), np.float32(5.0))
    inside = 1 - np.square((np.abs(x) - 8.0) / (5.5 + anatomy.breast)) - np.square(down / tall)
    inside = np.clip(inside, 0, None)
    # A rounded fold below, no edge above.
    return (4.2 * anatomy.breast) * inside / np.sqrt(inside + np.clip(-down / 8, 0.02, 1))


def air_path(anatomy: Anatomy, rays: Rays) -> np.ndarray:
    """Length of air outside the lungs: windpipe, main bronchi and, often, the stomach's bubble."""
    x, y = rays.at(-1.0)
    bifurcation = 9.0
    bend = 0.25 * np.sin(y / 4)
    trachea = np.sqrt(np.clip(1.1 - np.square(x + bend), 0, None)) * np.clip((bifurcation - y) / 0.8, 0, 1)
    down = np.clip(y - bifurcation + 0.6, 0, None)
    fade = np.clip((5.0 - down) / 2.5, 0, 1) * (down > 0)
    right = np.sqrt(np.clip(0.42 - np.square(0.85 * (x + 0.35 + 0.62 * down)), 0, None)) * fade
    left = np.sqrt(np.clip(0.36 - np.square(0.75 * (x - 0.15 - 0.95 * down)), 0, None)) * fade
    air = 2 * np.maximum(trachea, np.maximum(right, left))
    if anatomy.bubble > 0.45:
        wide = 1.6 + 2.6 * (anatomy.bubble - 0.45)
        top = anatomy.dome_left + 1.4
        inside = 1 - np.square((x - 5.6) / wide) - np.square((y - top - 1.4) / 1.3)
        # Standing, the fluid in the stomach makes a level line.
        level = np.clip((top + 1.9 - y) / 0.2, 0, 1)
        air = air + 2.2 * wide * np.sqrt(np.clip(inside, 0, None)) * level
    return air


def _ellipsoid(
    at: tuple[np.ndarray, np.ndarray], centre: tuple[float, float], axes: tuple[float, float, float], tilt: float
) -> np.ndarray:
    """Chord along z of an ellipsoid whose first axis is turned down to the patient's left by ``tilt`` rad."""
    x, y = at[0] - centre[0], at[1] - centre[1]
    cosine, sine = float(np.cos(tilt)), float(np.sin(tilt))
    along, across = (cosine * x + sine * y) / axes[0], (cosine * y - sine * x) / axes[1]
    return 2 * axes[2] * np.sqrt(np.clip(1 - along * along - across * across, 0, None))


def _union(lengths: list[np.ndarray]) -> np.ndarray:
    """Length of solids that overlap along the ray, rounded where two surfaces meet (4-norm)."""
    total = sum(np.square(np.square(length)) for length in lengths)
    return np.sqrt(np.sqrt(total))
