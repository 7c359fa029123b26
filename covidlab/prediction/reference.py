"""What a run keeps beside its model for judging an X-ray it has not seen: features of its X-rays, and models of the folds.

``reference.npz`` is written at the end of a run and holds 512 features of each X-ray of the set, with the name and the hash
of its file, never its pixels; nothing of an X-ray that somebody uploads. NumPy alone reads it.
"""

import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from covidlab.errors import ModelError
from covidlab.files import replacing
from covidlab.language import tr

# Raised only where an earlier reader would misunderstand the file.
REFERENCE_FORMAT = 1
# An X-ray is as far from a set as its nearest neighbours are on average: one alone may be a chance likeness.
NUM_NEIGHBOURS = 3
# The share of the set's own X-rays, each measured without its patient, that may be nearer than an X-ray that is still read.
LIMIT_QUANTILE = 0.99

_TEXTS = ("files", "sha256s", "classes")
_HEADS = ("hidden_kernels", "hidden_biases", "output_kernels", "output_biases")


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldModels:
    """Heads of a repeated cross-validation, and how the log odds of each become a calibrated probability.

    weights: as ``learning.heads`` stacks them; hidden kernels (heads, features, 64) and biases (heads, 1, 64), output kernels
    (heads, 64, classes) and biases (heads, 1, classes). slopes, intercepts: of the log odds of each head, (heads,) float.
    """

    weights: tuple[np.ndarray, ...]
    slopes: np.ndarray
    intercepts: np.ndarray

    def log_odds(self, features: np.ndarray, positive_index: int) -> np.ndarray:
        """Return every head's log odds of the positive class: (films, features) -> (heads, films)."""
        hidden_kernels, hidden_biases, output_kernels, output_biases = self.weights
        hidden = np.maximum(np.matmul(features[None], hidden_kernels) + hidden_biases, 0)
        return positive_log_odds(np.matmul(hidden, output_kernels) + output_biases, positive_index)

    def probabilities(self, features: np.ndarray, positive_index: int) -> np.ndarray:
        """Return every head's calibrated probability of the positive class: (films, features) -> (heads, films)."""
        odds = self.log_odds(features, positive_index)
        return 1 / (1 + np.exp(-(self.slopes[:, None] * odds + self.intercepts[:, None])))


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """The X-rays that a run knows, as its model sees them.

    features: (films, features) float32, what the head takes. files, sha256s: of each X-ray. labels: index into ``classes``.
    patients: (films,) int, the same number for the same patient, one for each content where ``patients_known`` is False.
    trained: (films,) bool, whether the model learned from it. out_of_fold: (films,) float, the mean probability of the
    positive class from models that had not seen its patient; nan where there is none. folds: None where the run was not
    cross-validated.
    """

    features: np.ndarray
    files: tuple[str, ...]
    sha256s: tuple[str, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    positive_index: int
    patients: np.ndarray
    patients_known: bool
    trained: np.ndarray
    out_of_fold: np.ndarray
    folds: FoldModels | None = None

    @property
    def num_films(self) -> int:
        """Number of X-rays."""
        return len(self.files)

    @cached_property
    def film_distances(self) -> np.ndarray:
        """Distance of each X-ray to those of other patients, (films,) float; inf where there are too few of them."""
        return nearest_mean(self._patient_pairs())

    @property
    def alike_class(self) -> int:
        """The class whose X-rays are most alike, index into ``classes``: each lies nearest to those of other patients in it."""
        return self._alike[0]

    @property
    def film_class_distances(self) -> np.ndarray:
        """Distance of each X-ray to those of other patients in ``alike_class``, (films,) float; inf where there are too few."""
        return self._alike[1]

    @cached_property
    def _alike(self) -> tuple[int, np.ndarray]:
        pairs = self._patient_pairs()
        to_class = {int(label): nearest_mean(pairs[:, self.labels == label]) for label in np.unique(self.labels)}
        chosen = min(to_class, key=lambda label: np.median(to_class[label][self.labels == label]))
        return chosen, to_class[chosen]

    def _patient_pairs(self) -> np.ndarray:
        """The distances of all X-rays to each other, inf within a patient."""
        pairs = distances(self.features, self.features)
        pairs[self.patients[:, None] == self.patients[None]] = np.inf
        return pairs

    @cached_property
    def limit(self) -> float:
        """The distance beyond which an X-ray is too unlike the set; nan where the set is too small for one."""
        finite = self.film_distances[np.isfinite(self.film_distances)]
        return float(np.quantile(finite, LIMIT_QUANTILE)) if len(finite) else float("nan")

    @cached_property
    def _plane(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Mean, the two directions in which the X-rays differ most (principal components), (2, features), and their share."""
        points = embedded(self.features)
        mean = points.mean(axis=0)
        centred = (points - mean).astype(float)
        # Several times as fast as the singular values of 2,000 X-rays; the largest come last.
        variances, directions = np.linalg.eigh(centred.T @ centred)
        variances, directions = np.maximum(variances[::-1], 0), directions.T[::-1][:2]
        # The sign of a component means nothing; a fixed one keeps the map the same on every machine.
        signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])
        # Where all X-rays are the same there is nothing to leave out.
        share = variances[:2].sum() / variances.sum() if variances.any() else 1.0
        return mean, directions * signs[:, None], float(share)

    @property
    def map_share(self) -> float:
        """Share of all differences between the X-rays (variance) that the map shows, 0 to 1."""
        return self._plane[2]

    def map_points(self, features: np.ndarray) -> np.ndarray:
        """Return where X-rays lie on the map of the set, (n, features) -> (n, 2) float."""
        mean, directions, _ = self._plane
        return (embedded(features) - mean) @ directions.T


@dataclass(frozen=True, kw_only=True, eq=False)
class OutOfFold:
    """The part of a reference that says what models said of X-rays whose patient they had not seen.

    sha256s: of each X-ray. probabilities: (films,) float, the mean over the repeats, of ``positive_class``; nan where there is none.
    """

    sha256s: tuple[str, ...]
    classes: tuple[str, ...]
    positive_class: str
    probabilities: np.ndarray


def embedded(features: np.ndarray) -> np.ndarray:
    """Return features as points of which the distance is taken: (n, features) -> (n, features) of length 1.

    Length 1 takes out how strongly all features answer, and so most of brightness and contrast; the distance of two points is
    then a function of the cosine between them. Of three measures that were compared this one kept X-rays of two other
    hospitals and photographs furthest apart, and flagged the hospitals soonest (benchmarks/unlike_the_set.py).
    """
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def distances(features: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance of each X-ray to each other one, (n, features), (m, features) -> (n, m) float, 0 to 2."""
    products = embedded(features) @ embedded(others).T
    return np.sqrt(np.maximum(2 - 2 * products, 0))


def nearest_mean(pairs: np.ndarray) -> np.ndarray:
    """Return the mean of the smallest distances in each row, (n, m) -> (n,); inf where there are too few."""
    num = min(NUM_NEIGHBOURS, pairs.shape[1])
    return np.sort(pairs, axis=1)[:, :num].mean(axis=1)


def positive_log_odds(logits: np.ndarray, positive_index: int) -> np.ndarray:
    """Return the log odds of the positive class against all others, (..., classes) -> (...)."""
    others = np.delete(logits, positive_index, axis=-1)
    top = others.max(axis=-1)
    return logits[..., positive_index] - top - np.log(np.exp(others - top[..., None]).sum(axis=-1))


def save_reference(path: Path, reference: Reference) -> None:
    """Replace ``path`` by the reference; features and heads in float16, a hundredth of what the folds differ by."""
    folds = reference.folds
    values: dict[str, np.ndarray] = {
        "format": np.int64(REFERENCE_FORMAT),
        "features": reference.features.astype(np.float16),
        "labels": reference.labels.astype(np.int32),
        "patients": reference.patients.astype(np.int32),
        "positive_index": np.int64(reference.positive_index),
        "patients_known": np.bool_(reference.patients_known),
        "trained": reference.trained.astype(bool),
        "out_of_fold": reference.out_of_fold.astype(np.float32),
        **{name: np.array(getattr(reference, name), dtype=np.str_) for name in _TEXTS},
    }
    if folds is not None:
        values |= {name: array.astype(np.float16) for name, array in zip(_HEADS, folds.weights, strict=True)}
        values |= {"slopes": folds.slopes, "intercepts": folds.intercepts}
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **values)


def load_reference(path: Path) -> Reference:
    """Return the reference in ``path``; raises ModelError where it is missing, damaged or of a newer version."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            values = {name: archive[name] for name in archive.files}
        if int(values["format"]) > REFERENCE_FORMAT:
            raise ModelError(tr("It was written by a newer version of covidlab. Received: {path}.", path=path))
        return _reference(values)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise ModelError(
            tr(
                "What the run kept for judging X-rays is missing or damaged. Train it again. Received: {path}.",
                path=path,
            )
        ) from error


def load_out_of_fold(path: Path) -> OutOfFold | None:
    """Return the answers of the folds in ``path`` alone, without the features; None where they cannot be read."""
    unreadable = suppress(OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError)
    with unreadable, open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
        if int(archive["format"]) > REFERENCE_FORMAT:
            return None
        return OutOfFold(
            sha256s=tuple(map(str, archive["sha256s"])),
            classes=tuple(map(str, archive["classes"])),
            positive_class=str(archive["classes"][int(archive["positive_index"])]),
            probabilities=archive["out_of_fold"].astype(float),
        )
    return None


def _reference(values: Mapping[str, np.ndarray]) -> Reference:
    texts = {name: tuple(map(str, values[name])) for name in _TEXTS}
    return Reference(
        **texts,
        features=values["features"].astype(np.float32),
        labels=values["labels"],
        positive_index=int(values["positive_index"]),
        patients=values["patients"],
        patients_known=bool(values["patients_known"]),
        trained=values["trained"],
        out_of_fold=values["out_of_fold"],
        folds=_folds(values) if "slopes" in values else None,
    )


def _folds(values: Mapping[str, np.ndarray]) -> FoldModels:
    weights = tuple(values[name].astype(np.float32) for name in _HEADS)
    return FoldModels(weights=weights, slopes=values["slopes"], intercepts=values["intercepts"])
