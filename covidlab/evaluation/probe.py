"""Can very little tell the classes of a data set apart: the header of the files, or a thumbnail?

If it can, a network that does so as well has shown nothing yet. Everything here is a plain logistic regression, which is
cross-validated with patients kept together.

The alarm is raised by how the files are stored only: mode, size, aspect, Exif, format, JPEG settings. None of this depends on
the disease. Opacities change a thumbnail, and the bytes a pixel too (on phantoms without any shortcut both tell the classes
apart a little), so these two are told as figures. Each property that varies, and all of them together, are tested by
permutation (``evaluation.permutation``), at a level of one false alarm in a hundred sets for all of them together.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import cv2
import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split, grouped_folds
from covidlab.errors import DataError, UnreadableImage
from covidlab.evaluation.balanced_accuracy import balanced_accuracy
from covidlab.evaluation.permutation import beyond_chance
from covidlab.evaluation.probe_result import BYTES_A_PIXEL, THUMBNAIL_SIDE, Probe, PropertyResult
from covidlab.imaging.decode import decode, read_bytes
from covidlab.imaging.stored import StoredFacts, stored_facts
from covidlab.language import tr
from covidlab.metrics import Metric

# What is kept of a probe carries this number; to be raised whenever a figure would come out differently.
PROBE_VERSION = 1
NUM_FOLDS, NUM_REPEATS, SEED = 5, 5, 42
# More X-rays would take longer and tell no more: the interval is some two points wide already.
MOST_FILMS = 3000

_FILMS_A_BLOCK = 32
_GREY_MODES = ("1", "L", "LA", "I", "F")

Progress = Callable[[int, int], None]

# Each property of the header: numbers as their logarithm, names as such. The first of equals is named in the sentence.
PROPERTIES: dict[str, Callable[[StoredFacts], float | str]] = {
    "colour or grey": lambda facts: (
        "grey" if facts.mode.startswith("I;16") or facts.mode in _GREY_MODES else facts.mode
    ),
    "bits a grey value": lambda facts: 16.0 if facts.mode.startswith("I") else 1.0 if facts.mode == "1" else 8.0,
    "file format": lambda facts: facts.format,
    "width": lambda facts: np.log(facts.width),
    "height": lambda facts: np.log(facts.height),
    "aspect ratio": lambda facts: np.log(facts.width / facts.height),
    "JPEG quality": lambda facts: np.log1p(facts.quantisation),
    "coarser colours": lambda facts: float(facts.has_coarser_colours),
    "progressive JPEG": lambda facts: float(facts.is_progressive),
    "Exif data": lambda facts: float(facts.has_exif),
    BYTES_A_PIXEL: lambda facts: np.log(facts.num_bytes / (facts.width * facts.height)),
}


def probe(catalog: Catalog, *, progress: Progress | None = None) -> Probe:
    """Find out what tells the classes of a data set apart without a look at the lungs.

    X-rays that cannot be read are passed over. Of a large set ``MOST_FILMS`` are drawn, whole patients at a time.

    Parameters
    ----------
    catalog : Catalog
        A patient's X-rays stay on one side; where patients are not known, only those of the same content do.
    progress : called with the number of X-rays read and of all that are read

    Raises
    ------
    DataError
        A class has readable X-rays of fewer than two patients.
    """
    chosen = _chosen(catalog)
    films = catalog.films.iloc[chosen]
    seen = list(seen_films(catalog, films["file"], progress))
    readable = np.array([one is not None for one in seen], dtype=bool)
    films, seen = films[readable], [one for one in seen if one is not None]
    labels, patient_ids = catalog.labels[chosen][readable], films["patient_id"].to_numpy(dtype=str)
    if len(np.unique(labels)) < len(catalog.classes):
        raise DataError(tr("The probe needs readable X-rays of every class. Mend or remove the others."))
    # The package of scikit-learn for this. With a thread for each core, sums as small as these wait for each other: beside
    # other work the same probe took many times as long.
    from threadpoolctl import threadpool_limits

    thumbnails = np.stack([small.ravel() for _, small in seen]).astype(float)
    with threadpool_limits(1):
        figures = _figures([facts for facts, _ in seen], thumbnails, labels, patient_ids)
    return Probe(
        fingerprint=catalog.fingerprint,
        num_classes=len(catalog.classes),
        num_films=len(films),
        num_known=catalog.num_films,
        num_unreadable=int((~readable).sum()),
        num_patients=len(np.unique(patient_ids)) if catalog.patients_known else None,
        **figures,
    )


def _figures(facts: list[StoredFacts], thumbnails: np.ndarray, labels: np.ndarray, patient_ids: np.ndarray) -> dict:
    """What header and thumbnails tell, and what of it raises the alarm; by field of ``Probe``."""
    repeats = grouped_folds(labels, patient_ids, num_folds=NUM_FOLDS, num_repeats=NUM_REPEATS, seed=SEED)
    told = partial(_told, labels=labels, patient_ids=patient_ids, repeats=repeats)
    columns = {name: column for name, column in header_columns(facts) if column.shape[1]}
    tested = {name: column for name, column in columns.items() if name != BYTES_A_PIXEL}
    stored = together(tested, len(facts))
    stored_is_alarm, *alarms = beyond_chance([stored, *tested.values()], labels, patient_ids) if tested else [False]
    is_alarm = dict(zip(tested, alarms, strict=True))
    return {
        "header": told(together(columns, len(facts))),
        "stored": told(stored),
        "stored_is_alarm": stored_is_alarm,
        "properties": tuple(
            PropertyResult(name, told(column), is_alarm.get(name, False)) for name, column in columns.items()
        ),
        "thumbnail": told(thumbnails),
    }


def _told(columns: np.ndarray, *, labels: np.ndarray, patient_ids: np.ndarray, repeats: list[list[Split]]) -> Metric:
    """How well the columns (films, columns) tell the classes apart, cross-validated."""
    answers = np.zeros((len(repeats), len(labels)), dtype=int)
    for answer, splits in zip(answers, repeats, strict=True):
        for split in splits:
            answer[split.validation] = told_probabilities(columns, labels, split).argmax(axis=1)
    return balanced_accuracy(labels, answers, patient_ids=patient_ids)


def told_probabilities(columns: np.ndarray, labels: np.ndarray, split: Split) -> np.ndarray:
    """Return what a logistic regression says of the held-out films, (n, classes); all classes alike without columns.

    Parameters
    ----------
    columns : (films, columns) float
    labels : (films,) int, 0 to classes - 1; each class is in the training part
    """
    if not columns.shape[1]:
        num_classes = labels.max() + 1
        return np.full((len(split.validation), num_classes), 1 / num_classes)
    # scikit-learn here, since pages import this module for its results.
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000))
    return regression.fit(columns[split.train], labels[split.train]).predict_proba(columns[split.validation])


def together(columns: Mapping[str, np.ndarray], num_films: int) -> np.ndarray:
    """Return all columns beside each other; none where the files do not differ."""
    return np.hstack([np.empty((num_films, 0)), *columns.values()])


def header_columns(facts: list[StoredFacts]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each property as columns (films, columns) of float; none where it is the same for all films."""
    for name, of in PROPERTIES.items():
        values = [of(one) for one in facts]
        kinds = sorted(set(values))
        if len(kinds) < 2:
            yield name, np.empty((len(facts), 0))
        elif isinstance(values[0], str):
            # Of two kinds one column says all.
            yield (
                name,
                np.array([[value == kind for kind in kinds[len(kinds) == 2 :]] for value in values], dtype=float),
            )
        else:
            yield name, np.array(values, dtype=float)[:, None]


def _chosen(catalog: Catalog) -> np.ndarray:
    """Positions of the films to look at, ascending: all, or of each class about the same number, whole patients at a time."""
    labels = catalog.labels
    if len(labels) <= MOST_FILMS:
        return np.arange(len(labels))
    patients = np.unique(catalog.films["patient_id"].to_numpy(dtype=str), return_inverse=True)[1]
    turn = np.random.default_rng(SEED).permutation(patients.max() + 1)[patients]
    order = np.argsort(turn, kind="stable")
    most = MOST_FILMS // len(catalog.classes)
    chosen = [order[labels[order] == label][:most] for label in range(len(catalog.classes))]
    return np.sort(np.concatenate(chosen))


def seen_films(
    catalog: Catalog, files: Iterable[str], progress: Progress | None = None
) -> Iterator[tuple[StoredFacts, np.ndarray] | None]:
    """Yield header facts and grey thumbnail of each film, in order; None for one that cannot be read."""
    files = list(files)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(files), _FILMS_A_BLOCK):
            block = files[start : start + _FILMS_A_BLOCK]
            yield from pool.map(lambda file: _seen(catalog, file), block)
            if progress:
                progress(start + len(block), len(files))


def _seen(catalog: Catalog, file: str) -> tuple[StoredFacts, np.ndarray] | None:
    try:
        data = read_bytes(catalog.root / file, name=file)
        facts = stored_facts(data, name=file)
        pixels = decode(data, name=file, at_least=THUMBNAIL_SIDE).pixels
    except UnreadableImage:
        return None
    small = cv2.resize(pixels, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), interpolation=cv2.INTER_AREA)
    return facts, cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
