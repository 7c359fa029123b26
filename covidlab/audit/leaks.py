"""Duplicates, and X-rays of the same patient on both sides of a split.

A patient on both sides is a fact where patients are stated, the same content on both sides too. That two X-rays look alike is a hint
only: X-rays of different patients can differ in few bits of a perceptual hash.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.data.patients import stated_patient
from covidlab.data.splits import Split, given_split, has_given_split, split_films, split_of_run
from covidlab.errors import DataError
from covidlab.imaging.likeness import likeness
from covidlab.intake.duplicates import NEAR_BITS
from covidlab.language import said_by
from covidlab.spoken import with_messages

VERSION = 1
# Named of each kind; how many there are is said in any case.
MOST_NAMED = 100


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Return which X-rays are twice in the set, and which patients and duplicates are on both sides of each split.

    Returns
    -------
    dict of

    - num_films, patients_known
    - exact: groups of files of the same content; near: pairs (file, other, bits, same_patient, same_class) that look alike, the
      most alike first, and num_near, near_bits; same_patient is None where patients are not known
    - splits: of the model ("run"), of the set ("given"), by image ("image"): see ``_of_split``
    - folds: repeats, folds, and shared: how many of all folds have a patient on both sides
    """
    films = _Films(data)
    exact, near = films.exact(), list(films.near(data))
    near.sort(key=lambda pair: pair["bits"])
    return {
        "num_films": data.catalog.num_films,
        "patients_known": data.catalog.patients_known,
        "exact": [films.described(group) for group in exact[:MOST_NAMED]],
        "num_exact": len(exact),
        "near": [films.pair(pair) for pair in near[:MOST_NAMED]],
        "num_near": len(near),
        "near_bits": NEAR_BITS,
        "splits": [
            {"name": name, **(split if isinstance(split, dict) else _of_split(films, split, exact, near))}
            for name, split in _splits(data)
        ],
        "folds": {
            "repeats": len(data.repeats),
            "folds": len(data.repeats[0]),
            "shared": sum(bool(shared_patients(split, data.patient_ids)) for split in data.splits),
        },
    }


def shared_patients(split: Split, patient_ids: np.ndarray) -> list[str]:
    """Return the patients with X-rays on both sides, sorted."""
    return sorted(set(patient_ids[split.train]) & set(patient_ids[split.validation]))


def near_pairs(bits: np.ndarray, most_bits: int) -> Iterator[tuple[int, int, int]]:
    """Yield (place, earlier place, different bits) of hashes that differ in few bits; bits: (films, 32) uint8."""
    words = np.ascontiguousarray(bits).view(np.uint64)
    for place in range(1, len(words)):
        different = np.bitwise_count(words[:place] ^ words[place]).sum(axis=1)
        for other in np.flatnonzero(different <= most_bits):
            yield place, int(other), int(different[other])


class _Films:
    """The X-rays of a set with what tells that two are the same."""

    def __init__(self, data: AuditData):
        films = data.catalog.films
        self.files, self.folders = films["file"].tolist(), films["class"].tolist()
        self.sha256, self.patients, self.patients_known = (
            films["sha256"].to_numpy(dtype=str),
            data.patient_ids,
            data.catalog.patients_known,
        )

    def exact(self) -> list[list[int]]:
        """Groups of X-rays of one content."""
        groups: dict[str, list[int]] = {}
        for place, content in enumerate(self.sha256):
            groups.setdefault(content, []).append(place)
        return [places for places in groups.values() if len(places) > 1]

    def near(self, data: AuditData) -> Iterator[dict[str, Any]]:
        """Pairs of different content that look alike, as places."""
        hashes = []
        for film in data.prepared:
            hashes.append(likeness(film))
            data.on_step()
        for place, other, bits in near_pairs(np.stack(hashes), NEAR_BITS):
            data.on_step()
            if self.sha256[place] != self.sha256[other]:
                yield {"places": (other, place), "bits": bits}

    def pair(self, pair: dict[str, Any]) -> dict[str, Any]:
        """A pair in names."""
        one, two = pair["places"]
        same = bool(self.patients[one] == self.patients[two]) if self.patients_known else None
        return {
            "file": self.files[one],
            "other": self.files[two],
            "bits": pair["bits"],
            "same_patient": same,
            "same_class": self.folders[one] == self.folders[two],
        }

    def described(self, places: Sequence[int]) -> list[dict[str, str]]:
        """File, class and patient of X-rays."""
        return [
            {
                "file": self.files[place],
                "class": self.folders[place],
                "patient": stated_patient(self.patients[place]),
            }
            for place in places
        ]


def _splits(data: AuditData) -> Iterator[tuple[str, Split | dict[str, str]]]:
    """The splits that are looked at, by name; what cannot be split so gives the reason."""
    catalog, made = data.catalog, {"run": lambda: split_of_run(data.catalog, data.config)}
    if has_given_split(catalog):
        made["given"] = lambda: given_split(catalog)
    made["image"] = lambda: split_films(catalog, by="image")
    for name, make in made.items():
        try:
            yield name, make()
        except DataError as reason:
            yield name, with_messages({"error": said_by(reason)})


def _of_split(films: _Films, split: Split, exact: list[list[int]], near: list[dict[str, Any]]) -> dict[str, Any]:
    """What is on both sides of a split.

    Returns
    -------
    dict of training and validation (numbers of X-rays); num_shared (patients on both sides, None where patients are not known) and
    patients: for each of these the files in training and in validation; num_validation_shared: validation X-rays of these; exact: groups
    of the same content on both sides; near: pairs that look alike across the split
    """
    is_validation = np.zeros(len(films.files), bool)
    is_validation[split.validation] = True

    def crosses(places: Sequence[int]) -> bool:
        sides = is_validation[list(places)]
        return bool(sides.any() and not sides.all())

    across = [pair for pair in near if crosses(pair["places"])]
    found = {
        "training": len(split.train),
        "validation": len(split.validation),
        "exact": [films.described(group) for group in exact if crosses(group)][:MOST_NAMED],
        "near": [films.pair(pair) for pair in across[:MOST_NAMED]],
        "num_near": len(across),
        "num_shared": None,
        "num_validation_shared": None,
        "patients": [],
    }
    if films.patients_known:
        shared = shared_patients(split, films.patients)
        found["num_shared"] = len(shared)
        found["num_validation_shared"] = int(np.isin(films.patients[split.validation], shared).sum())
        found["patients"] = [_sides(films, patient, is_validation) for patient in shared[:MOST_NAMED]]
    return found


def _sides(films: _Films, patient: str, is_validation: np.ndarray) -> dict[str, Any]:
    own = np.flatnonzero(films.patients == patient)
    return {
        "patient": patient,
        "training": [films.files[place] for place in own if not is_validation[place]],
        "validation": [films.files[place] for place in own if is_validation[place]],
    }
