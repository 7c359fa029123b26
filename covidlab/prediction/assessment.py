"""What one X-ray is like, beside the X-rays that a model knows: distance, neighbours, and how far the models of the folds agree.

Needs no TensorFlow. Whether a number may be shown at all is decided from this and from the receipt (``prediction.gate``).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from covidlab.language import tr
from covidlab.prediction.reference import NUM_NEIGHBOURS, Reference, distances, nearest_mean

# Copies of an X-ray that were stored again lie within 0.1, different X-rays of one patient from 0.27 on.
NEARLY_THE_SAME = 0.2
# Share of the models of the folds between the two ends of the interval.
SPREAD = 0.95

_MAY_BE_UNKNOWN = ("distance", "limit", "share_farther", "class_distance")


@dataclass(frozen=True)
class Neighbour:
    """An X-ray of the set that is near: ``file`` in the set, folder of its class, distance 0 to 1.4."""

    file: str
    class_folder: str
    distance: float


@dataclass(frozen=True)
class Spread:
    """Calibrated probability of the positive class: mean over the models of all folds, and between which two values 95 % of
    them lie."""

    value: float
    low: float
    high: float
    num_models: int


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What one X-ray is like, beside those a model knows.

    distance: mean distance to the nearest X-rays of other patients, nan where there are none. limit: what 99 % of the set's own X-rays keep below, nan
    where the set is too small. share_farther: of the set's own X-rays, 0 to 1. num_films: of the set. known_as: file of the
    set with the same content, nearly_known_as: one that looks nearly the same, "" where there is none. trained: whether the
    model learned from it, where it is known. calibrated: None where the run was not cross-validated. map_point: where it
    lies on the map of the set. class_distance: mean distance to the nearest X-rays of other patients in the class whose X-rays
    are most alike, nan where there are none; for the watch of a visit.
    """

    distance: float
    limit: float
    share_farther: float
    num_films: int
    patients_known: bool
    neighbours: tuple[Neighbour, ...]
    known_as: str
    nearly_known_as: str
    trained: bool
    calibrated: Spread | None
    map_point: tuple[float, float]
    class_distance: float = math.nan

    @property
    def is_far(self) -> bool:
        """Whether the X-ray is too unlike the set for a plain number; so is one where that cannot be known."""
        return not self.distance <= self.limit

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON says of it."""
        values = {**asdict(self), "is_far": self.is_far}
        # JSON knows no nan and no infinity.
        return values | {name: None for name in _MAY_BE_UNKNOWN if not math.isfinite(values[name])}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Assessment":
        """Return the assessment that ``to_dict`` wrote."""
        known = {name: values[name] for name in cls.__dataclass_fields__}
        known["neighbours"] = tuple(Neighbour(**neighbour) for neighbour in values["neighbours"])
        known["calibrated"] = values["calibrated"] and _spread_from(values["calibrated"])
        known["map_point"] = tuple(values["map_point"])
        return cls(**known | {name: math.nan for name in _MAY_BE_UNKNOWN if values[name] is None})


def share(value: Any) -> float:
    """Return a number from 0 to 1 that another process has answered; raises ValueError or TypeError for anything else."""
    if not 0 <= float(value) <= 1:
        raise ValueError(tr("a number from 0 to 1 is expected. Received: {value}", value=value))
    return float(value)


def _spread_from(values: Mapping[str, Any]) -> Spread:
    low, value, high = (share(values[name]) for name in ("low", "value", "high"))
    if not low <= value <= high:
        raise ValueError(
            tr(
                "a value within its interval is expected. Received: {value}, {low} to {high}",
                value=value,
                low=low,
                high=high,
            )
        )
    return Spread(value, low, high, int(values["num_models"]))


def assess(reference: Reference, features: np.ndarray, *, sha256: str = "") -> Assessment:
    """Return what an X-ray is like.

    An X-ray that is itself in the set is compared with those of other patients only, as the set's own distances are.

    Parameters
    ----------
    features : (features,) float32, what the head takes of it
    sha256 : of its file, "" where it is not known
    """
    pairs = distances(features[None], reference.features)[0]
    same = [index for index, known in enumerate(reference.sha256s) if sha256 and known == sha256]
    nearest = int(pairs.argmin())
    nearly = [nearest] if not same and pairs[nearest] < NEARLY_THE_SAME else []
    own = same or nearly
    others = np.where(np.isin(reference.patients, reference.patients[own]), np.inf, pairs)
    distance = _mean_or_nan(others)
    order = np.argsort(others)[:NUM_NEIGHBOURS]
    finite = reference.film_distances[np.isfinite(reference.film_distances)]
    return Assessment(
        distance=distance,
        limit=reference.limit,
        share_farther=float(np.mean(finite >= distance)) if len(finite) else float("nan"),
        num_films=reference.num_films,
        patients_known=reference.patients_known,
        neighbours=tuple(
            Neighbour(reference.files[index], reference.classes[reference.labels[index]], float(others[index]))
            for index in order
            if np.isfinite(others[index])
        ),
        known_as=reference.files[same[0]] if same else "",
        nearly_known_as=reference.files[nearest] if nearly else "",
        trained=any(bool(reference.trained[index]) for index in own),
        calibrated=_spread(reference, features),
        map_point=tuple(map(float, reference.map_points(features[None])[0])),
        class_distance=_mean_or_nan(others[reference.labels == reference.alike_class]),
    )


def _mean_or_nan(pairs: np.ndarray) -> float:
    mean = float(nearest_mean(pairs[None])[0])
    return mean if math.isfinite(mean) else math.nan


def _spread(reference: Reference, features: np.ndarray) -> Spread | None:
    if reference.folds is None:
        return None
    probabilities = reference.folds.probabilities(features[None], reference.positive_index)[:, 0]
    tail = (1 - SPREAD) / 2
    low, high = np.quantile(probabilities, [tail, 1 - tail])
    value = float(np.clip(probabilities.mean(), low, high))
    return Spread(value, float(low), float(high), len(probabilities))
