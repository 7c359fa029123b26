"""One synthetic chest film from its settings and its number, with the exact truth about it."""

import math
from dataclasses import dataclass

import numpy as np

from covidlab.errors import UsageError
from covidlab.phantom.lungs import opacity_mass, vessel_path
from covidlab.phantom.radiography import Paths, Pose, Rays, Technique, attenuation_of_opacity, radiograph
from covidlab.phantom.shortcuts import SHORTCUTS, Marks, collimated, shortcut_present, with_shortcut, with_side_marker
from covidlab.phantom.skeleton import bone_paths
from covidlab.phantom.thorax import LUNG_MASK_CM, Anatomy, air_path, body_path, lung_path
from covidlab.text import decimal_text

NUM_FILMS_RANGE = (2, 20_000)
SIZE_RANGE = (128, 1024)

_MOST_OF_LUNG = 0.6
_FLUID_G_PER_CM3 = 0.7

# What a seed is for: first number of a spawn key.
_PATIENT, _FILM = 0, 1


@dataclass(frozen=True, kw_only=True)
class PhantomConfig:
    """Everything a person may choose for a set of phantoms.

    num_films: number of films. size: side of a film in pixels. seed: of everything drawn.
    lesion_extent: how much of the lungs opacities cover, 0 (none) to 1 (about 60 %).
    lesion_contrast: how dense they are, 0 (not to be seen) to 1 (0.7 g/cm3 of fluid: no air is left).
    positive_share: share of films with opacities. films_per_patient: films a patient has on average.
    shortcut: a mark that has nothing to do with the opacities, one of "none", "letter", "border", "brightness",
    "jpeg_colour". shortcut_strength: the mark agrees with the class with probability (1 + strength) / 2.
    """

    num_films: int = 50
    size: int = 512
    seed: int = 42
    lesion_extent: float = 0.5
    lesion_contrast: float = 0.5
    positive_share: float = 0.5
    films_per_patient: float = 1.0
    shortcut: str = "none"
    shortcut_strength: float = 1.0

    def validate(self) -> "PhantomConfig":
        """Return self; raises UsageError where a value is out of range."""
        _check_range("number of X-rays", self.num_films, *NUM_FILMS_RANGE, whole=True)
        _check_range("size", self.size, *SIZE_RANGE, whole=True)
        _check_range("seed", self.seed, 0, 2**31 - 1, whole=True)
        _check_range("extent of the opacities", self.lesion_extent, 0, 1)
        _check_range("contrast of the opacities", self.lesion_contrast, 0, 1)
        _check_range("share of X-rays with opacities", self.positive_share, 0, 1)
        _check_range("number of X-rays a patient", self.films_per_patient, 1, 1000)
        _check_range("strength of the shortcut", self.shortcut_strength, 0, 1)
        if self.shortcut not in SHORTCUTS:
            raise UsageError(f"The shortcut must be one of {', '.join(SHORTCUTS)}. Received: {self.shortcut}.")
        if self.shortcut == "none" and self.shortcut_strength != PhantomConfig.shortcut_strength:
            raise UsageError(
                f"A strength needs a shortcut, one of {', '.join(name for name in SHORTCUTS if name != 'none')}. Received: none."
            )
        with_opacities = num_positive(self, self.num_films)
        if not 0 < with_opacities < self.num_films:
            raise UsageError(
                "At least one X-ray with and one without opacities are needed; choose another share or more X-rays. "
                f"Received: {with_opacities} of {self.num_films} with opacities."
            )
        return self


@dataclass(frozen=True, eq=False)
class Phantom:
    """One synthetic film and the truth about it.

    pixels: ndarray of shape (size, size), uint8. lung_mask: bool, rays that cross at least 3 cm of lung inside the
    field of the beam. opacity_mask: bool, rays to which opacities were added, all in the lung mask.
    shortcut_mask: bool, pixels the shortcut covers. in_colour: whether the file has three channels.
    """

    pixels: np.ndarray
    lung_mask: np.ndarray
    opacity_mask: np.ndarray
    shortcut_mask: np.ndarray
    positive: bool
    shortcut: bool
    in_colour: bool
    has_marker: bool
    patient_id: str
    film_of_patient: int
    anatomy: Anatomy

    @property
    def lesion_extent(self) -> float:
        """Share of the lung mask covered by opacities."""
        return float(self.opacity_mask.sum() / max(int(self.lung_mask.sum()), 1))


def make_phantom(
    config: PhantomConfig, number: int, *, opacities: bool | None = None, shortcut: bool | None = None
) -> Phantom:
    """Film ``number`` of a set; ``opacities`` and ``shortcut`` overrule what the set has, all else being the same.

    Parameters
    ----------
    config : PhantomConfig
    number : int, 0 for the first film
    opacities : whether to add opacities, by default as the film's class says
    shortcut : whether to plant the shortcut, by default as drawn

    Returns
    -------
    Phantom
    """
    positive, patient, film_of_patient = _place(config, number)
    anatomy = Anatomy.draw(_generator(config.seed, _PATIENT, int(positive), patient))
    streams = np.random.SeedSequence(config.seed, spawn_key=(_FILM, number)).spawn(6)
    pose, technique, lesion, noise, mark, plant = map(np.random.default_rng, streams)
    rays = Rays(config.size, Pose.draw(pose))
    lung = lung_path(anatomy, rays)
    mass = _opacities(config, anatomy, rays, lung, lesion) if (positive if opacities is None else opacities) else None
    film = radiograph(
        _patient(anatomy, rays, lung).attenuation(),
        None if mass is None else attenuation_of_opacity(mass),
        pixel_cm=rays.pixel_cm,
        technique=Technique.draw(technique),
        rng=noise,
    )
    marks = Marks.draw(mark)
    film, field = collimated(film, marks)
    film = with_side_marker(film, marks)
    drawn = shortcut_present(plant, positive=positive, strength=config.shortcut_strength)
    planted = config.shortcut != "none" and (drawn if shortcut is None else shortcut)
    film, covered = with_shortcut(film, config.shortcut if planted else "none")
    seen = field & ~covered
    return Phantom(
        pixels=film,
        lung_mask=(lung >= LUNG_MASK_CM) & seen,
        opacity_mask=np.zeros(film.shape, bool) if mass is None else (mass > 0) & seen,
        shortcut_mask=covered,
        positive=positive,
        shortcut=planted,
        in_colour=planted if config.shortcut == "jpeg_colour" else marks.stored_in_colour,
        has_marker=marks.has_marker,
        patient_id=f"phantom-{'p' if positive else 'n'}{patient + 1:05d}",
        film_of_patient=film_of_patient,
        anatomy=anatomy,
    )


def _check_range(what: str, value: float, low: float, high: float, *, whole: bool = False) -> None:
    if not (math.isfinite(value) and low <= value <= high and (isinstance(value, int) or not whole)):
        kind = "a whole number" if whole else "a number"
        raise UsageError(f"The {what} must be {kind} between {low:,} and {high:,}. Received: {decimal_text(value)}.")


def num_positive(config: PhantomConfig, num_films: int) -> int:
    """How many of the first films are positive: the share of them, rounded down."""
    return math.floor(num_films * config.positive_share + 1e-9)


def _place(config: PhantomConfig, number: int) -> tuple[bool, int, int]:
    """Class of a film, its patient's number within the class, and which film of the patient it is.

    Classes alternate as evenly as the share allows, so that every beginning of a set has about the same share.
    """
    before = num_positive(config, number)
    positive = num_positive(config, number + 1) > before
    within_class = before if positive else number - before
    patient = math.floor(within_class / config.films_per_patient)
    first = within_class
    while first > 0 and math.floor((first - 1) / config.films_per_patient) == patient:
        first -= 1
    return positive, patient, within_class - first


def _generator(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _opacities(config: PhantomConfig, anatomy: Anatomy, rays: Rays, lung: np.ndarray, rng) -> np.ndarray:
    amount, lean, dense = rng.uniform(0.65, 1.35), rng.uniform(-0.35, 0.35), rng.uniform(0.75, 1.25)
    return opacity_mass(
        anatomy,
        rays,
        lung,
        share=float(_MOST_OF_LUNG * config.lesion_extent * amount),
        density=float(_FLUID_G_PER_CM3 * config.lesion_contrast * dense),
        lean=float(lean),
    )


def _patient(anatomy: Anatomy, rays: Rays, lung: np.ndarray) -> Paths:
    cortical, spongy = bone_paths(anatomy, rays)
    return Paths(
        body=body_path(anatomy, rays),
        lung=lung,
        air=air_path(anatomy, rays),
        vessels=vessel_path(anatomy, rays, lung),
        cortical=cortical,
        spongy=spongy,
    )
