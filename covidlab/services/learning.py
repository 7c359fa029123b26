"""How a run learned, as the JSON the browser draws: each X-ray's probability by epoch, and the honest curve. No Streamlit.

Built from the files of a run (runs.learning_record) once a change of them. A data set that no run has been made on gives the
same form without epochs, so that its X-rays can be shown waiting.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.patients import stated_patients
from covidlab.errors import CovidLabError
from covidlab.files import file_stamp
from covidlab.language import language
from covidlab.metrics import share_metric
from covidlab.runs.learning_record import (
    CROSSVALIDATION,
    FILMS,
    MAX_FILMS,
    PROBABILITIES,
    VALIDATION,
    LearningRecord,
    evenly,
    load_films,
    load_record,
)
from covidlab.runs.over_splits import describe_splits
from covidlab.runs.status import Status
from covidlab.runs.store import Run
from covidlab.services.events import jsonable
from covidlab.services.learning_text import describe_missing, describe_missing_crossed, find_gap
from covidlab.services.xray_pictures import XRays
from covidlab.text import class_name, one_line

# The operating point where a report does not state one.
THRESHOLD = 0.5
DIGITS = 4
# Of a large set and many epochs fewer epochs are sent: a browser takes a megabyte at once.
MAX_VALUES = 250_000
KEPT = 16
_INTERVAL = ("epoch", "accuracy", "low", "high")
SETS_KEPT = 4

# What the answer depends on, besides the state.
_FILES = ("run.json", "history.csv", "report.json", FILMS, PROBABILITIES, CROSSVALIDATION)

_lock = threading.Lock()
_answers: OrderedDict[tuple[Path, str], tuple[str, bytes]] = OrderedDict()
_sets: OrderedDict[str, Catalog] = OrderedDict()


def learning_answer(run: Run) -> tuple[str, bytes]:
    """Return what is known of how a run learns, as JSON, and a text that changes with it; built once for all who ask in a language."""
    status = run.status()
    stamp, key = _stamp(run, status), (run.path, language())
    with _lock:
        known = _answers.get(key)
        if known is None or known[0] != stamp:
            known = _answers[key] = stamp, _encoded(learning_of(run, status))
        _answers.move_to_end(key)
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
        return known


def learning_of(run: Run, status: Status) -> dict:
    """Return what is known of how a run learns, as plain JSON.

    Returns
    -------
    dict with films (file, lane, patient, validation: a list each, in the order of the columns of ``probabilities``), lanes
    (the classes, the positive one first), epochs, probabilities (a list an epoch, of the positive class), split and crossed
    (the two curves by columns), gaps (epoch -> sentence where the two disagree, and whether it is clear that they do), flips (changes of side from epoch 1 on)
    """
    report, record, history = run.report() or {}, load_record(run), _columns_of(run.history())
    data = run.load_facts().get("data") or {}
    threshold = float(report.get("threshold", THRESHOLD))
    lanes = _lanes(report.get("classes") or data.get("classes") or [], record.films, _positive(run, report))
    num_validation, reported = int(data.get("num_validation") or 0), report.get("cross_validation") or {}
    before = _before_learning(record, lanes, threshold, num_validation=num_validation)
    split, crossed = _split_curve(history, before), _columns_of(record.crossed)
    record = _of_numbers(record)
    epochs, probabilities = _thinned(record)
    return {
        **_films_part(record.films, lanes),
        "run": run.id,
        "name": run.name,
        "number": run.number,
        "state": str(status.state),
        "active": status.is_active,
        "planned": int(status.epochs),
        "threshold": threshold,
        "epochs": epochs.tolist(),
        "probabilities": np.round(probabilities, DIGITS).tolist(),
        "flips": _flips(record, threshold),
        "split": split,
        "crossed": crossed,
        "num_validation": num_validation,
        "num_films": int(data.get("num_films") or len(record.films)),
        "num_patients": data.get("num_patients"),
        "over": describe_splits(reported),
        "gaps": _gaps(split, crossed, num_validation=num_validation, over=describe_splits(reported)),
        "seconds": _seconds(history["seconds"], report),
        "note": describe_missing(
            status, follows=len(record.films) > 0, has_epochs=len(epochs) > 0, has_history=len(history["epoch"]) > 0
        ),
        "crossed_note": "" if crossed["epoch"] else describe_missing_crossed(status, report),
    }


def learning_of_set(catalog: Catalog) -> dict:
    """Return the X-rays of a data set in the same form, before any learning."""
    films = _evenly_chosen(catalog.films)
    films = films.assign(side="", patient_id=stated_patients(films["patient_id"]))
    lanes = _lanes(catalog.classes, films, catalog.positive_class)
    empty = {"epochs": [], "probabilities": [], "flips": [0] * len(films), "split": {}, "crossed": {}, "gaps": {}}
    return {
        **_films_part(films, lanes),
        **empty,
        "run": "",
        "name": "",
        "number": 0,
        "state": "",
        "active": False,
        "planned": 0,
        "threshold": THRESHOLD,
        "num_films": catalog.num_films,
        "num_validation": 0,
        "num_patients": catalog.num_patients,
        "over": "",
        "seconds": 0.0,
        "note": "",
        "crossed_note": "",
    }


def offer_set(catalog: Catalog) -> str:
    """Let the routes answer for a data set that a page shows; return the name they know it by."""
    name = hashlib.sha256(f"{catalog.root}/{catalog.fingerprint}/{catalog.positive_class}".encode()).hexdigest()[:16]
    with _lock:
        _sets[name] = catalog
        _sets.move_to_end(name)
        while len(_sets) > SETS_KEPT:
            _sets.popitem(last=False)
    return name


def offered_set(name: str) -> Catalog | None:
    """Return the data set of a name given by ``offer_set``; None where it is not known (any more)."""
    with _lock:
        return _sets.get(name)


def set_answer(catalog: Catalog) -> bytes:
    """Return ``learning_of_set`` as JSON."""
    return _encoded(learning_of_set(catalog))


def xrays_of_run(run: Run) -> XRays:
    """Return the X-rays that a run names, in the order of films.csv."""
    root = ""
    with suppress(CovidLabError):
        root = run.load_dataset().path
    files = load_films(run).get("file", pd.Series(dtype=str)) if root else ()
    return XRays(Path(root), tuple(files))


def xrays_of_set(catalog: Catalog) -> XRays:
    """Return the X-rays that ``learning_of_set`` names."""
    return XRays(catalog.root, tuple(_evenly_chosen(catalog.films)["file"]))


def _evenly_chosen(films: pd.DataFrame) -> pd.DataFrame:
    """As many as a run would follow."""
    return films.iloc[:: max(1, -(-len(films) // MAX_FILMS))]


def _encoded(values: dict) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _stamp(run: Run, status: Status) -> str:
    digest = hashlib.sha256(f"{status.state}/{status.epochs}/{status.reason}".encode())
    for name in _FILES:
        digest.update(f"{name}/{file_stamp(run.path / name)}\n".encode())
    return digest.hexdigest()[:16]


def _positive(run: Run, report: Mapping) -> str:
    if "positive_class" in report:
        return report["positive_class"]
    with suppress(CovidLabError):
        return run.load_config().positive_class or ""
    return ""


def _lanes(classes: Sequence[str], films: pd.DataFrame, positive: str) -> list[str]:
    """The classes, the positive one first."""
    names = list(dict.fromkeys([*classes, *sorted(set(films["class"]))]))
    return sorted(names, key=lambda name: name != positive)


def _films_part(films: pd.DataFrame, lanes: Sequence[str]) -> dict:
    return {
        "lanes": [one_line(class_name(name), max_length=40) for name in lanes],
        "films": {
            "file": films["file"].tolist(),
            "lane": [lanes.index(name) for name in films["class"]],
            "patient": [one_line(patient, max_length=40) for patient in films["patient_id"]],
            "validation": (films["side"] == VALIDATION).astype(int).tolist(),
        },
        "thumbnails": XRays(Path(), tuple(films["file"])).num_in_sprite,
    }


def _of_numbers(record: LearningRecord) -> LearningRecord:
    """The record without the epochs after which a model, as one that has diverged, gave no numbers."""
    is_whole = np.isfinite(record.probabilities).all(axis=1)
    return replace(record, epochs=record.epochs[is_whole], probabilities=record.probabilities[is_whole])


def _thinned(record: LearningRecord) -> tuple[np.ndarray, np.ndarray]:
    """Epochs and probabilities, of both an even choice where they are very many."""
    epochs, probabilities = record.epochs, record.probabilities
    most = max(2, MAX_VALUES // max(1, probabilities.shape[1]))
    if len(epochs) > most:
        chosen = sorted(evenly(len(epochs) - 1, most))
        epochs, probabilities = epochs[chosen], probabilities[chosen]
    return epochs, probabilities


def _flips(record: LearningRecord, threshold: float) -> list[int]:
    """How often each X-ray changed its side of the operating point from epoch 1 on; before learning the side is chance."""
    sides = record.probabilities[record.epochs > 0] >= threshold
    if len(sides) < 2:
        return [0] * len(record.films)
    return (sides[1:] != sides[:-1]).sum(axis=0).tolist()


def _columns_of(table: pd.DataFrame) -> dict[str, list[float | None]]:
    """The columns of a table of numbers, None for those that are not finite."""
    return jsonable({name: np.round(table[name].to_numpy(), DIGITS) for name in table.columns})


def _split_curve(history: Mapping[str, list], before: Mapping[str, float] | None) -> dict[str, list[float | None]]:
    """Accuracy of the one split by epoch, from epoch 0 where that is known."""
    names = {"epoch": "epoch", "accuracy": "val_accuracy", "low": "val_accuracy_low", "high": "val_accuracy_high"}
    return {name: [*([before[name]] if before else []), *history[column]] for name, column in names.items()}


def _before_learning(
    record: LearningRecord, lanes: Sequence[str], threshold: float, *, num_validation: int
) -> dict[str, float] | None:
    """The point of the one split at epoch 0; None where the probabilities cannot tell it."""
    rows, films = np.flatnonzero(record.epochs == 0), record.films
    places = np.flatnonzero(films["side"] == VALIDATION)
    # Of more than two classes the probability of one does not say which of the others was called.
    if not len(rows) or len(lanes) != 2 or not len(places) or len(places) != num_validation:
        return None
    is_positive = films["class"].to_numpy()[places] == lanes[0]
    is_right = (record.probabilities[rows[-1], places] >= threshold) == is_positive
    stated = films["patient_id"].to_numpy()[places]
    # Where a patient is not stated, the X-ray counts as one of its own.
    patients = [patient or f"{place} alone" for place, patient in zip(places, stated, strict=True)]
    found = share_metric(is_right, patient_ids=patients)
    ends = {name: round(getattr(found, name), DIGITS) for name in ("low", "high")}
    return {"epoch": 0, "accuracy": round(found.value, DIGITS), **ends}


def _gaps(split: Mapping[str, list], crossed: Mapping[str, list], *, num_validation: int, over: str) -> dict[int, dict]:
    """A sentence for each epoch at which the one split lies outside the interval of all splits, and whether that is clear."""
    of_all = {epoch: figures for epoch, *figures in zip(*(crossed[name] for name in _INTERVAL), strict=True)}
    gaps = {}
    for epoch, *figures in zip(*(split[name] for name in _INTERVAL), strict=True):
        if epoch in of_all and None not in figures + of_all[epoch]:
            gaps[epoch] = find_gap(split=figures, crossed=of_all[epoch], num_validation=num_validation, over=over)
    return {epoch: asdict(gap) for epoch, gap in gaps.items() if gap}


def _seconds(seconds: Sequence[float | None], report: Mapping) -> float:
    """What the epochs really took; without the time for preparing X-rays where the report tells the two apart."""
    measured = (report.get("seconds") or {}).get("training")
    return round(float(sum(filter(None, seconds)) if measured is None else measured), 2)
