"""What the phantom's lungs hold: a tree of vessels, a fine texture, and opacities."""

import cv2
import numpy as np

from covidlab.phantom.radiography import Rays
from covidlab.phantom.thorax import LUNG_MASK_CM, Anatomy

_FIRST_BRANCHES = 13
# Of each level of the tree: length of a branch in cm, points along it, branches that leave it.
_LEVELS = ((3.6, 56, 3), (3.2, 52, 3), (2.8, 46, 2), (2.4, 40, 2), (2.0, 36, 2), (1.6, 32, 0))
_OPACITY_DEPTH_CM = 5.0


def vessel_path(anatomy: Anatomy, rays: Rays, lung: np.ndarray) -> np.ndarray:
    """Length of vessels and of fine markings along each ray, within the lungs.

    Parameters
    ----------
    lung : ndarray of shape (size, size), float32, length of lung along each ray in cm

    Returns
    -------
    ndarray of shape (size, size), float32, cm
    """
    rng = np.random.default_rng([anatomy.seed, 1])
    trees = [_tree(anatomy, rng, side) for side in (-1, 1)]
    total = np.zeros_like(lung)
    for (length, num_points, _), right, left in zip(_LEVELS, *trees, strict=True):
        x, y, radius = (np.concatenate(parts) for parts in zip(right, left, strict=True))
        step = length / num_points
        # A line of weight pi r^2 blurred across becomes a tube's chord: its integral across is the section's area.
        weight = np.pi * np.square(radius) * step / rays.pixel_cm**2
        lines = _splat(rays, x, y, weight)
        sigma = max(0.55 * float(radius.mean()), 0.6 * step) / rays.pixel_cm
        total += cv2.GaussianBlur(lines, (0, 0), max(sigma, 0.45))
    total *= np.clip(1 + 0.5 * texture(rng, rays, 0.35), 0.2, None) * np.clip(lung / 9.0, 0, 1)
    # However many vessels cross, lung is left between them.
    room = 0.5 * lung
    vessels = total * room / (total + room + np.float32(1e-6))
    return vessels + 0.012 * lung * np.clip(1 + texture(rng, rays, 0.16) + 0.7 * texture(rng, rays, 0.5), 0, None)


def opacity_mass(
    anatomy: Anatomy, rays: Rays, lung: np.ndarray, *, share: float, density: float, lean: float
) -> np.ndarray:
    """Fluid in the air spaces, peripheral, mostly low and on both sides, with ragged hazy edges.

    Where it lies is the patient's; how much is the film's. Each lung's likeliest rays are filled up to the share.

    Parameters
    ----------
    lung : ndarray of shape (size, size), float32, length of lung along each ray in cm
    share : float in [0, 1], share of the lungs' mask that gets opacities, at most 0.95 of each lung
    density : float, g/cm3 that fill a part wholly affected
    lean : float in [-1, 1], how much more of the share the left lung gets

    Returns
    -------
    ndarray of shape (size, size), float32, g/cm2, 0 outside of the opacities
    """
    rng = np.random.default_rng([anatomy.seed, 2])
    x, y = rays.at(0.0)
    low, outer = y / np.float32(anatomy.dome_right), np.abs(x) / np.float32(anatomy.half_width)
    likely = 2.6 * outer + 1.4 * low + 0.7 * texture(rng, rays, 1.6) + 0.3 * texture(rng, rays, 0.6)
    likely += 0.1 * texture(rng, rays, 0.25)
    filled = np.zeros_like(lung)
    for side in (-1, 1):
        inside = (lung >= LUNG_MASK_CM) & (side * x > 0)
        side_share = min(share * (1 + side * lean), 0.95)
        if side_share > 0 and inside.any():
            threshold = np.quantile(likely[inside], 1 - side_share)
            filled[inside] = np.clip((likely[inside] - threshold) / 0.7, 0, 1)
    grain = 1 + 0.25 * texture(rng, rays, 0.3) + 0.15 * texture(rng, rays, 0.12)
    thickness = np.minimum(lung, _OPACITY_DEPTH_CM) * np.clip(grain, 0.3, None)
    return np.where(filled > 0, np.float32(density) * thickness * (0.15 + 0.85 * filled), 0)


def texture(rng: np.random.Generator, rays: Rays, grain_cm: float) -> np.ndarray:
    """Noise of mean 0 and standard deviation 1 with grains of a size; ndarray of shape (size, size), float32."""
    sigma = grain_cm / rays.pixel_cm
    # A coarse grid is enough for coarse grains.
    reduction = max(1, int(sigma))
    side = -(-rays.size // reduction)
    noise = rng.standard_normal((side, side), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), max(sigma / reduction, 0.4))
    noise = (noise - noise.mean()) / noise.std()
    return cv2.resize(noise, (rays.size, rays.size), interpolation=cv2.INTER_CUBIC)


def _tree(anatomy: Anatomy, rng: np.random.Generator, side: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Points (x, y, radius) of the vessels of one lung, a tuple a level; arteries and veins alike."""
    hilum = (side * 3.4 + anatomy.heart_shift / 2, 11.6 if side < 0 else 10.7)
    # Angles from straight up, fanning outwards; the lower vessels are thicker, since blood sinks.
    angle = np.sort(rng.uniform(0.25, 3.0, _FIRST_BRANCHES)) + rng.normal(0, 0.1, _FIRST_BRANCHES)
    start = hilum + rng.normal(0, 1, (_FIRST_BRANCHES, 2)) * (0.35, 1.1)
    radius = rng.uniform(0.3, 0.55, _FIRST_BRANCHES) * (0.8 + 0.35 * (angle > 1.6))
    levels = []
    for length, num_points, num_children in _LEVELS:
        points, angles, radii = _grow(rng, start, angle, radius, step=length / num_points, num_points=num_points)
        points[..., 0] = start[:, :1] + side * (points[..., 0] - start[:, :1])
        levels.append((points[..., 0].ravel(), points[..., 1].ravel(), radii.ravel()))
        if num_children:
            # Branches leave along the way, the last one at the tip.
            at = rng.integers(num_points // 3, num_points - 1, (len(start), num_children))
            at[:, -1] = num_points - 1
            turn = rng.uniform(0.2, 0.75, at.shape) * rng.choice([-1, 1], at.shape)
            turn[:, -1] *= 0.4
            row = np.arange(len(start))[:, None]
            start, angle = points[row, at].reshape(-1, 2), (angles[row, at] + turn).ravel()
            radius = (radii[row, at] * rng.uniform(0.6, 0.82, at.shape)).ravel()
    return levels


def _grow(
    rng: np.random.Generator, start: np.ndarray, angle: np.ndarray, radius: np.ndarray, *, step: float, num_points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Branches that bend a little: points (branches, num_points, 2), angles and radii (branches, num_points)."""
    share, column = np.linspace(0, 1, num_points), (len(start), 1)
    reach = step * rng.uniform(0.7, 1.25, column)
    wave = 0.12 * np.sin(share * rng.uniform(3, 9, column))
    angles = angle[:, None] + rng.normal(0, 0.4, column) * share + wave
    moves = np.stack([reach * np.sin(angles), -reach * np.cos(angles)], axis=2)
    return start[:, None] + np.cumsum(moves, axis=1), angles, radius[:, None] * (1 - 0.25 * share)


def _splat(rays: Rays, x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted points laid on the film, each shared among its four nearest pixels."""
    size = rays.size
    column, row = rays.pixels_of(x, y, 0.0)
    kept = (column >= 0) & (column < size - 1) & (row >= 0) & (row < size - 1)
    column, row, weight = column[kept], row[kept], weight[kept]
    left, top = column.astype(np.int64), row.astype(np.int64)
    right_share, low_share, place = column - left, row - top, top * size + left
    total = np.zeros(size * size)
    for offset, across in ((0, 1 - right_share), (1, right_share)):
        total += np.bincount(place + offset, weight * across * (1 - low_share), minlength=size * size)
        total += np.bincount(place + offset + size, weight * across * low_share, minlength=size * size)
    return total.reshape(size, size).astype(np.float32)
