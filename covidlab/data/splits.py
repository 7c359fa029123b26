"""Training and validation parts of a data set; a patient stands on one side only, save where asked otherwise."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from covidlab.config import PRESETS, SPLIT_SEED, VALIDATION_SHARE, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import DataError
from covidlab.language import tr


@dataclass(frozen=True)
class Split:
    """Row positions of the training and of the validation films, ascending ndarrays of int."""

    train: np.ndarray
    validation: np.ndarray


def split_films(
    catalog: Catalog, *, by: str, seed: int = SPLIT_SEED, validation_share: float = VALIDATION_SHARE
) -> Split:
    """Split a catalog in two, the same for the same seed.

    Parameters
    ----------
    catalog : Catalog
    by : "patient" (whole patients on one side, about the share of each class, each class on both sides) or
        "image" (stratified by class as in the published script: films of one patient may stand on both sides; each class
        on both sides, if need be by one film more)
    seed : int
    validation_share : float in (0, 1)

    Raises
    ------
    DataError
        A class has fewer than two patients, or its patients cannot be divided.
    """
    if by == "image":
        return splits_by_image(catalog, [seed], validation_share=validation_share)[0]
    require_two_patients(catalog)
    labels = catalog.labels
    patients, patient_index = np.unique(catalog.films["patient_id"].to_numpy(dtype=str), return_inverse=True)
    films_of = np.zeros((len(patients), len(catalog.classes)), dtype=int)
    np.add.at(films_of, (patient_index, labels), 1)
    in_validation = _chosen_patients(films_of, validation_share, np.random.default_rng(seed))[patient_index]
    return Split(np.flatnonzero(~in_validation), np.flatnonzero(in_validation))


def splits_by_image(
    catalog: Catalog, seeds: Iterable[int], *, validation_share: float = VALIDATION_SHARE
) -> list[Split]:
    """Split by image once for each seed, as ``split_films`` does."""
    require_two_patients(catalog)
    labels = catalog.labels
    return [_split_by_image(labels, len(catalog.classes), validation_share, seed) for seed in seeds]


def split_of_run(catalog: Catalog, config: TrainingConfig) -> Split:
    """The split that came with the set, where it is to be kept; else that of the preset. Raises DataError as these do."""
    if config.keep_split or catalog.keeps_split:
        return given_split(catalog)
    return split_films(catalog, by=PRESETS[config.preset].split_by)


def given_split(catalog: Catalog) -> Split:
    """The split that came with a set: training is its part "train" and what has no part, validation all others.

    Raises DataError where a class would be missing on one side.
    """
    in_validation = catalog.films["given_part"].isin(("validation", "test")).to_numpy()
    split = Split(np.flatnonzero(~in_validation), np.flatnonzero(in_validation))
    for films, side in ((split.train, "training"), (split.validation, "validation")):
        present = set(catalog.labels[films])
        missing = [name for label, name in enumerate(catalog.classes) if label not in present]
        if missing:
            raise DataError(
                tr(
                    "The split that came with the set has no X-ray of {missing} in {side}, so it cannot be kept. "
                    "Train without it; covidlab then makes its own split.",
                    missing=", ".join(missing),
                    side=side,
                )
            )
    return split


def has_given_split(catalog: Catalog) -> bool:
    """Whether the set came with a split: some X-rays for training and some for validation or test."""
    parts = set(catalog.films["given_part"].unique())
    return "train" in parts and bool(parts & {"validation", "test"})


def grouped_folds(
    labels: np.ndarray, patient_ids: np.ndarray, *, num_folds: int = 5, num_repeats: int = 10, seed: int
) -> list[list[Split]]:
    """Folds of repeated cross-validation, stratified by class, with whole patients in one fold.

    Parameters
    ----------
    labels : ndarray of shape (num_films,), int
    patient_ids : ndarray of shape (num_films,)
    num_folds : int; fewer where a class has fewer patients, at least 2
    num_repeats : int
    seed : int

    Returns
    -------
    list of repeats, each a list of Split; a repeat's validation parts are disjoint and cover all films

    Raises
    ------
    DataError
        A class has fewer than two patients.
    """
    labels = np.asarray(labels)
    groups = np.unique(np.asarray(patient_ids, dtype=str), return_inverse=True)[1]
    fewest = min(len(np.unique(groups[labels == label])) for label in np.unique(labels))
    if fewest < 2:
        raise DataError(
            tr("Cross-validation needs at least two patients in each class. Received: {fewest}.", fewest=fewest)
        )
    folds = min(num_folds, fewest)
    return [_one_repeat(labels, groups, folds, seed + 1000 * repeat) for repeat in range(num_repeats)]


def require_two_patients(catalog: Catalog) -> None:
    """Raise DataError, naming the class and its number of patients, where a class has fewer than two."""
    for name in catalog.classes:
        num_patients = catalog.films.loc[catalog.films["class"] == name, "patient_id"].nunique()
        if num_patients < 2:
            what = (
                tr("X-rays of at least two patients") if catalog.patients_known else tr("at least two different X-rays")
            )
            raise DataError(
                tr(
                    "Training needs {what} in each class, one for training and one for validation. Received: "
                    "{num_patients} in {name}.",
                    what=what,
                    num_patients=num_patients,
                    name=name,
                )
            )


def _split_by_image(labels: np.ndarray, num_classes: int, validation_share: float, seed: int) -> Split:
    """The published split; a class that it leaves off one side gets one film there, taken from the other."""
    from sklearn.model_selection import train_test_split

    # As many as there are classes on either side, so that a film of each fits.
    wanted = max(math.ceil(validation_share * len(labels)), num_classes)
    _, validation = train_test_split(
        np.arange(len(labels)),
        test_size=min(wanted, len(labels) - num_classes),
        stratify=labels,
        random_state=seed,
    )
    in_validation = np.zeros(len(labels), dtype=bool)
    in_validation[validation] = True
    for label in range(num_classes):
        films = np.flatnonzero(labels == label)
        if in_validation[films].all() or not in_validation[films].any():
            moved = np.random.default_rng([seed, label]).choice(films)
            in_validation[moved] = not in_validation[moved]
    return Split(np.flatnonzero(~in_validation), np.flatnonzero(in_validation))


def _chosen_patients(films_of: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Patients of the validation part, bool (num_patients,), from their films a class (num_patients, num_classes)."""
    totals = films_of.sum(axis=0)
    wanted = np.clip(np.rint(share * totals), 1, totals - 1)
    chosen, taken = np.zeros(len(films_of), dtype=bool), np.zeros_like(totals)
    order = generator.permutation(len(films_of))
    for patient in order:
        if np.all(taken + films_of[patient] <= wanted):
            chosen[patient], taken = True, taken + films_of[patient]
    # Where every patient of a class has more films than its share, the smallest one goes over.
    for label in np.flatnonzero(taken == 0):
        fitting = [p for p in order if films_of[p, label] and np.all(taken + films_of[p] < totals)]
        if not fitting:
            raise DataError(tr("The patients cannot be divided so that training and validation both have every class."))
        patient = min(fitting, key=lambda p: films_of[p].sum())
        chosen[patient], taken = True, taken + films_of[patient]
    return chosen


def _one_repeat(labels: np.ndarray, groups: np.ndarray, num_folds: int, seed: int) -> list[Split]:
    grouped = len(np.unique(groups)) < len(groups)
    # Here, since pages ask only whether a set can be split: scikit-learn brings scipy, 80 MB.
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    kind = StratifiedGroupKFold if grouped else StratifiedKFold  # the same promise, and far quicker
    for attempt in range(100):
        folds = kind(num_folds, shuffle=True, random_state=(seed + attempt) % 2**32)
        splits = [
            Split(train, validation) for train, validation in folds.split(labels, labels, groups if grouped else None)
        ]
        if all(len(np.unique(labels[split.train])) == len(np.unique(labels)) for split in splits):
            return splits
    raise DataError(tr("The patients cannot be divided into folds so that every training part has every class."))
