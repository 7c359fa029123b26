"""What a run keeps for judging X-rays it has not seen (``prediction.reference``): made at its end, written with a checksum."""

from typing import TYPE_CHECKING

import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.prediction.reference import FoldModels, Reference, save_reference
from covidlab.runs.store import Run

if TYPE_CHECKING:
    import keras

    from covidlab.evaluation.calibration import Calibration
    from covidlab.evaluation.crossvalidation import CrossValidation
    from covidlab.learning.film_activations import FilmActivations

# The distances of so many X-rays to each other take 16 MB, and a second when they are needed.
MOST_FILMS = 2000
# Where layers learned, each X-ray passes through them once more: with block 5 on two cores a tenth of a second each.
MOST_FILMS_DEEP = 200
EVALUATION_BATCH = 32


def reference_films(activations: "FilmActivations") -> np.ndarray:
    """Return the positions of the X-rays to keep: those that have activations, evenly spread where there are many."""
    missing = activations.missing_films(0)
    films = np.setdiff1d(np.arange(activations.catalog.num_films), missing)
    most = MOST_FILMS if activations.fine_tune == "head" else MOST_FILMS_DEEP
    if len(films) <= most:
        return films
    # The order of a catalog goes by class, so each class keeps its share.
    return films[np.linspace(0, len(films) - 1, most).round().astype(int)]


def model_features(activations: "FilmActivations", tail: "keras.Model", films: np.ndarray) -> np.ndarray:
    """Return what the head of a model takes of the X-rays as they are, (films, features) float32, with all that learned before."""
    if activations.fine_tune == "head":
        return activations.features(films, 0)
    from covidlab.learning.network import features_part

    part = features_part(tail)
    chunks = [films[start : start + EVALUATION_BATCH] for start in range(0, len(films), EVALUATION_BATCH)]
    passed = [part(activations.read(chunk, 0), training=False).numpy() for chunk in chunks]
    return np.concatenate(passed).astype(np.float32)


def save_run_reference(
    run: Run,
    catalog: Catalog,
    films: np.ndarray,
    features: np.ndarray,
    *,
    trained: np.ndarray,
    crossed: "CrossValidation | None" = None,
    calibration: "Calibration | None" = None,
) -> None:
    """Replace the reference of a run and write down its checksum.

    Parameters
    ----------
    films : (n,) int, positions in the catalog
    features : (n, features) float, of these films as they are
    trained : positions of the films that the model learned from
    crossed, calibration : of the run's cross-validation, None where there was none
    """
    from covidlab.learning.modelcard import file_sha256

    rows, positive = catalog.films.iloc[films], catalog.positive_index
    out_of_fold = np.full(len(films), np.nan)
    if crossed is not None:
        out_of_fold = crossed.probabilities[:, films, positive].mean(axis=0)
    path = run.reference_path
    save_reference(
        path,
        Reference(
            features=features,
            files=tuple(rows["file"]),
            sha256s=tuple(rows["sha256"]),
            labels=catalog.labels[films],
            classes=tuple(catalog.classes),
            positive_index=positive,
            patients=np.unique(rows["patient_id"].to_numpy(str), return_inverse=True)[1],
            patients_known=catalog.patients_known,
            trained=np.isin(films, trained),
            out_of_fold=out_of_fold,
            folds=_fold_models(crossed, calibration),
        ),
    )
    run.update_facts(reference_sha256=file_sha256(path))


def _fold_models(crossed: "CrossValidation | None", calibration: "Calibration | None") -> FoldModels | None:
    if crossed is None or calibration is None:
        return None
    return FoldModels(weights=crossed.weights, slopes=calibration.slopes, intercepts=calibration.intercepts)
