"""From lengths of tissue along rays to an 8-bit film: geometry of the beam, attenuation, scatter, noise, display.

Units are centimetres. The patient's frame: x to the patient's left (the viewer's right), y downwards from the top of
the lungs, z forwards; the film lies in front of the patient (PA), so rays run along +z.
"""

from dataclasses import dataclass

import cv2
import numpy as np

# NIST Standard Reference Database 126 (Hubbell and Seltzer 2004), table 4, ICRU-44 tissues at 60 keV, about the mean
# energy behind a patient at 110 to 125 kV: mass attenuation coefficients in cm2/g, times the density in g/cm3.
_SOFT_CM2_PER_G = 0.2048
_BONE_CM2_PER_G = 0.3148
SOFT_PER_CM = _SOFT_CM2_PER_G * 1.06
CORTICAL_PER_CM = _BONE_CM2_PER_G * 1.92
# Spongy bone as one fifth cortical bone in soft tissue, inflated lung as soft tissue of density 0.26: our assumptions.
SPONGY_PER_CM = 0.2 * CORTICAL_PER_CM + 0.8 * SOFT_PER_CM
LUNG_PER_CM = _SOFT_CM2_PER_G * 0.26

_FILM_DEPTH_CM = 15.0
_COARSE = 8


@dataclass(frozen=True)
class Pose:
    """How the patient stands before the film: lengths in cm, angles as tangents, ``roll`` in the film's plane in rad."""

    field_cm: float
    level_cm: float
    shift_cm: float
    roll: float
    rotation: float
    pitch: float
    distance_cm: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pose":
        """A pose within what passes for a standing PA film at 180 cm."""
        return cls(
            field_cm=float(rng.uniform(34.5, 40.0)),
            level_cm=float(rng.normal(11.8, 0.9)),
            shift_cm=float(rng.normal(0.0, 0.6)),
            roll=float(np.clip(rng.normal(0.0, 0.018), -0.05, 0.05)),
            rotation=float(np.clip(rng.normal(0.0, 0.025), -0.07, 0.07)),
            pitch=float(np.clip(rng.normal(0.05, 0.05), -0.06, 0.16)),
            distance_cm=float(rng.uniform(172.0, 188.0)),
        )


class Rays:
    """The rays of a square film of ``size`` pixels: where each one is in the patient's frame at a given depth.

    The cone beam is exact for points, a length along a ray counts as its length along z: 1 % too short at most.
    """

    def __init__(self, size: int, pose: Pose) -> None:
        self.size, self.pose = size, pose
        self.pixel_cm = pose.field_cm / size
        along = ((np.arange(size) - (size - 1) / 2) * self.pixel_cm).astype(np.float32)
        cosine, sine = np.float32(np.cos(pose.roll)), np.float32(np.sin(pose.roll))
        self._u = cosine * along[None, :] + sine * along[:, None]
        self._v = cosine * along[:, None] - sine * along[None, :]

    def at(self, depth_cm) -> tuple[np.ndarray, np.ndarray]:
        """x and y of all rays at a depth z, a number or an array of shape (size, size)."""
        shrink, pose = 1 / self.magnification(depth_cm), self.pose
        x = self._u * shrink + (pose.shift_cm - pose.rotation * depth_cm)
        return x, self._v * shrink + (pose.level_cm - pose.pitch * depth_cm)

    def pixels_of(self, x, y, depth_cm) -> tuple[np.ndarray, np.ndarray]:
        """Column and row, in pixels, of points in the patient's frame; the inverse of ``at``."""
        grow, pose = self.magnification(depth_cm), self.pose
        u = (np.asarray(x) - pose.shift_cm + pose.rotation * depth_cm) * grow
        v = (np.asarray(y) - pose.level_cm + pose.pitch * depth_cm) * grow
        cosine, sine, middle = np.cos(pose.roll), np.sin(pose.roll), (self.size - 1) / 2
        return (cosine * u - sine * v) / self.pixel_cm + middle, (sine * u + cosine * v) / self.pixel_cm + middle

    def magnification(self, depth_cm):
        """How much larger than in life what lies at a depth is on the film."""
        return self.pose.distance_cm / (self.pose.distance_cm - _FILM_DEPTH_CM + depth_cm)


@dataclass(frozen=True)
class Paths:
    """Length of each material along each ray, ndarrays of shape (size, size), float32, cm.

    body: everything within the skin. lung, air (windpipe, stomach), cortical and spongy (bone) lie inside it, vessels
    inside the lung.
    """

    body: np.ndarray
    lung: np.ndarray
    air: np.ndarray
    vessels: np.ndarray
    cortical: np.ndarray
    spongy: np.ndarray

    def attenuation(self) -> np.ndarray:
        """Line integral of the attenuation coefficient, the exponent of Beer and Lambert; float32, >= 0."""
        total = SOFT_PER_CM * (self.body - self.lung - self.air)
        total += LUNG_PER_CM * self.lung + (SOFT_PER_CM - LUNG_PER_CM) * self.vessels
        total += (CORTICAL_PER_CM - SOFT_PER_CM) * self.cortical + (SPONGY_PER_CM - SOFT_PER_CM) * self.spongy
        return np.maximum(total, 0)


def attenuation_of_opacity(grams_per_cm2: np.ndarray) -> np.ndarray:
    """Attenuation of fluid in the lung's air spaces by its mass for each unit of area."""
    return np.float32(_SOFT_CM2_PER_G) * grams_per_cm2


@dataclass(frozen=True)
class Technique:
    """Exposure and post-processing of one film."""

    quanta_per_mm2: float
    scatter: float
    blur_cm: float
    compression: float
    detail: float
    black: float
    white: float
    gamma: float
    equalisation: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Technique":
        """A technique within what departments use; ``equalisation`` 0 leaves the last step out."""
        return cls(
            quanta_per_mm2=float(rng.uniform(0.6, 2.5)) * 1e5,
            scatter=float(rng.uniform(0.08, 0.35)),
            blur_cm=float(rng.uniform(0.025, 0.05)),
            compression=float(rng.uniform(0.1, 0.35)),
            detail=float(rng.uniform(0.3, 1.0)),
            black=float(rng.uniform(0.04, 0.16)),
            white=float(rng.uniform(0.84, 0.97)),
            gamma=float(rng.uniform(0.75, 1.15)),
            equalisation=float(rng.choice([0.0, 0.0, 1.0, 1.6])),
        )


def radiograph(
    attenuation: np.ndarray,
    opacity: np.ndarray | None,
    *,
    pixel_cm: float,
    technique: Technique,
    rng: np.random.Generator,
) -> np.ndarray:
    """Film of a patient whose rays are attenuated by ``attenuation`` and, where given, by ``opacity`` as well.

    The grey scale is set by the patient without opacities, so that a film with and the same film without them differ
    by the opacities and their scatter only.

    Parameters
    ----------
    attenuation, opacity : ndarray of shape (size, size), float32, line integrals
    pixel_cm : float, side of a pixel
    technique : Technique
    rng : numpy generator of the noise

    Returns
    -------
    ndarray of shape (size, size), uint8, bone white
    """
    quanta = technique.quanta_per_mm2 * (10 * pixel_cm) ** 2
    without = _detected(attenuation, pixel_cm=pixel_cm, technique=technique)
    detected = without if opacity is None else _detected(attenuation + opacity, pixel_cm=pixel_cm, technique=technique)
    dark, bright = _grey_range(without)
    # The film's exposure is set for a mean count in the lungs, as an exposure meter does.
    counts = detected * np.float32(quanta * np.exp(dark))
    # Poisson noise by its normal limit (counts are in the hundreds at least), so that the same draws serve a film with
    # and without opacities.
    counts += np.sqrt(counts) * rng.standard_normal(counts.shape, dtype=np.float32)
    signal = -np.log(np.maximum(counts, 1) * np.float32(1 / (quanta * np.exp(dark))))
    return _displayed(signal, dark, bright, pixel_cm=pixel_cm, technique=technique)


def _detected(attenuation: np.ndarray, *, pixel_cm: float, technique: Technique) -> np.ndarray:
    """Share of the beam that reaches the detector: primary quanta, blurred, and scatter from thick parts around."""
    primary = np.exp(-attenuation)
    # What a column scatters goes with what enters it and is stopped; most of it is stopped again on its way out.
    small = _coarse(primary * attenuation)
    scatter = cv2.GaussianBlur(small, (0, 0), 4.5 / (pixel_cm * _COARSE), borderType=cv2.BORDER_REPLICATE)
    primary = cv2.GaussianBlur(primary, (0, 0), max(technique.blur_cm / pixel_cm, 0.3))
    return primary + np.float32(technique.scatter) * _fine(scatter, primary.shape)


def _grey_range(detected: np.ndarray) -> tuple[float, float]:
    """Signals (log of 1 / detected) of the darkest lung and of the densest part of a patient."""
    signal = -np.log(_coarse(detected))
    patient = signal[signal > 0.9]
    dark, bright = np.percentile(patient, [1.5, 99.0])
    return float(dark), float(bright)


def _displayed(signal: np.ndarray, dark: float, bright: float, *, pixel_cm: float, technique: Technique) -> np.ndarray:
    base = _blurred(signal, 2.5 / pixel_cm)
    fine = cv2.GaussianBlur(signal, (0, 0), max(0.22 / pixel_cm, 0.8))
    middle = (dark + bright) / 2
    # Dynamic range compression (the base drawn to the middle) and a mild unsharp mask.
    shown = signal - technique.compression * (base - middle) + technique.detail * (signal - fine)
    half = (bright - dark) / 2 * (1 - technique.compression)
    level = np.clip((shown - (middle - half)) / np.float32(2 * half), -0.2, 1.2)
    # A film's curve: straight in the middle, a shoulder at both ends.
    level = 1 / (1 + np.exp(-3.6 * (level - 0.5)))
    low, high = 1 / (1 + np.exp(1.8)), 1 / (1 + np.exp(-1.8))
    level = np.clip((level - low) / np.float32(high - low), -0.1, 1.1)
    level = np.where(level > 0, np.maximum(level, 0) ** np.float32(technique.gamma), level)
    grey = technique.black + (technique.white - technique.black) * level
    film = np.clip(np.rint(255 * grey), 0, 255).astype(np.uint8)
    if technique.equalisation:
        film = cv2.createCLAHE(technique.equalisation, (4, 4)).apply(film)
    return film


def _coarse(values: np.ndarray) -> np.ndarray:
    side = max(values.shape[0] // _COARSE, 8)
    return cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA)


def _fine(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return cv2.resize(values, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _blurred(values: np.ndarray, sigma_pixels: float) -> np.ndarray:
    """Wide Gaussian blur, at a coarse grid."""
    small = _coarse(values)
    sigma = sigma_pixels * small.shape[0] / values.shape[0]
    return _fine(cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), values.shape)
