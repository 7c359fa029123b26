"""How the X-rays of another hospital differ from those of the set: features, a map of both, and the usual confounders."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from covidlab.audit.data import AuditData
from covidlab.audit.elsewhere_visit import Others
from covidlab.data.film_table import NOT_STATED
from covidlab.evaluation.probe import PROPERTIES
from covidlab.evaluation.probe_result import BYTES_A_PIXEL
from covidlab.evaluation.two_samples import FEWEST_PATIENTS, features_told_apart, holm, largest_difference
from covidlab.imaging.decode import read_bytes
from covidlab.imaging.stored import StoredFacts, stored_facts
from covidlab.intake.visit_drawing import draw
from covidlab.intake.visit_facts import sex_of
from covidlab.language import tr
from covidlab.prediction.reference import Reference, embedded

# Of a large set, so many of its X-rays stand for all: more would take long, and tell no more.
MOST_OF_SET = 1000
# Tests that are called a difference, all of them together.
LEVEL = 0.05
POSITIVE, OTHERS = "positive", "others"

_BLACK = 16
_TAIL = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class SetSample:
    """X-rays of the set that are compared with others. films: (n,) positions in the catalog. features: (n, features)."""

    films: np.ndarray
    features: np.ndarray

    def reference(self, data: AuditData) -> Reference:
        """Return them as what distances and a map are taken from."""
        rows, number = data.catalog.films.iloc[self.films], len(self.films)
        return Reference(
            features=self.features,
            files=tuple(rows["file"]),
            sha256s=tuple(rows["sha256"]),
            labels=data.labels[self.films],
            classes=tuple(data.catalog.classes),
            positive_index=data.positive_index,
            patients=np.unique(data.patient_ids[self.films], return_inverse=True)[1],
            patients_known=data.catalog.patients_known,
            trained=np.zeros(number, bool),
            out_of_fold=np.full(number, np.nan),
        )


def sample_of_set(data: AuditData) -> SetSample:
    """Return the X-rays of the set that stand for all, whole patients: all of them where there are not many."""
    names = [f"{place:09d}" for place in range(data.catalog.num_films)]
    classes = dict(zip(names, map(str, data.labels), strict=True))
    patients = dict(zip(names, data.patient_ids, strict=True))
    films = np.array([int(name) for name in draw(classes, patients, most=MOST_OF_SET)])
    return SetSample(films=films, features=data.features()[films])


def describe_shift(data: AuditData, others: Others, sample: SetSample, features: np.ndarray) -> dict[str, Any]:
    """Return how well the two sets are told apart, and a map of both.

    Returns
    -------
    dict of

    - all, and classes (a list with name and is_positive): num_here, num_elsewhere, and share, by_chance and p as
      ``two_samples.ToldApart``, None where there are too few patients
    - map: here and elsewhere, a list of [x, y] each in the order of the classes' names in here_classes and of the X-rays; share of all differences
    """
    reference = sample.reference(data)
    is_here = data.labels[sample.films] == data.positive_index
    rows = []
    for name in dict.fromkeys(sorted(others.visit.classes)):
        films = np.array(others.visit.classes) == name
        is_positive = name in others.positive
        told = _told_apart(data, others, sample, features, here=is_here == is_positive, elsewhere=films)
        rows.append({"name": name, "is_positive": is_positive, **told})
    every = np.ones(len(is_here), bool), np.ones(len(features), bool)
    return {
        "all": _told_apart(data, others, sample, features, here=every[0], elsewhere=every[1]),
        "classes": rows,
        "map": {
            "share": round(reference.map_share, 4),
            "here": _points(reference, sample.features),
            "here_classes": [data.catalog.classes[label] for label in data.labels[sample.films]],
            "elsewhere": _points(reference, features),
        },
    }


def _told_apart(
    data: AuditData, others: Others, sample: SetSample, features: np.ndarray, *, here: np.ndarray, elsewhere: np.ndarray
) -> dict[str, Any]:
    owners = _owners(data, others, sample)
    chosen = np.concatenate([here, elsewhere])
    is_other = np.concatenate([np.zeros(len(here), bool), np.ones(len(elsewhere), bool)])[chosen]
    numbers = {"num_here": int(here.sum()), "num_elsewhere": int(elsewhere.sum())}
    if _num_patients(owners[chosen], is_other) < FEWEST_PATIENTS:
        return {**numbers, "share": None, "by_chance": None, "p": None}
    both = embedded(np.concatenate([sample.features, features]))[chosen]
    told = features_told_apart(both, is_other, owners[chosen], on_step=data.on_step)
    return numbers | {name: round(value, 4) for name, value in asdict(told).items()}


def differences_of(data: AuditData, others: Others, sample: SetSample) -> list[dict[str, Any]]:
    """Return how properties differ that a model may learn instead of the disease, within the positive class and within the others.

    Returns
    -------
    list of dict, for each property and group: name, group ("positive" or "others"), here and elsewhere (stated: number of X-rays; median, low
    and high of numbers, counts of texts), difference and p (Holm's, of all tests together), differs; these three are None where
    too little is stated
    """
    here, elsewhere = _properties_here(data, sample), _properties_elsewhere(others)
    owners = _owners(data, others, sample)
    is_other = np.arange(len(owners)) >= len(sample.films)
    is_positive = np.concatenate([data.labels[sample.films] == data.positive_index, others.is_positive])
    rows = []
    for group in (POSITIVE, OTHERS):
        of_group = is_positive == (group == POSITIVE)
        if not (of_group & is_other).any():
            continue
        for name in here:
            data.on_step()
            values = np.concatenate([here[name], elsewhere[name]])
            rows.append(_difference(name, group, values, of_group, is_other, owners))
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row.update(p=round(adjusted, 4), differs=adjusted <= LEVEL)
    return rows


def _difference(
    name: str, group: str, values: np.ndarray, of_group: np.ndarray, is_other: np.ndarray, owners: np.ndarray
) -> dict[str, Any]:
    stated = of_group & (np.isfinite(values) if _are_numbers(values) else values != NOT_STATED)
    row = {
        "name": name,
        "group": group,
        "here": _summary(values[stated & ~is_other], (of_group & ~is_other).sum()),
        "elsewhere": _summary(values[stated & is_other], (of_group & is_other).sum()),
        "difference": None,
        "p": None,
        "differs": None,
    }
    # What is stated of a few only may be stated of these for a reason.
    enough = all(2 * side["stated"] >= side["of"] > 0 for side in (row["here"], row["elsewhere"]))
    if enough and _num_patients(owners[stated], is_other[stated]) >= FEWEST_PATIENTS:
        difference, row["p"] = largest_difference(values[stated], is_other[stated], owners[stated])
        row["difference"] = round(difference, 4)
    return row


def _summary(values: np.ndarray, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"stated": len(values), "of": int(number)}
    if not len(values):
        return found
    if _are_numbers(values):
        low, median, high = np.quantile(values, [_TAIL, 0.5, 1 - _TAIL])
        return found | {"median": round(float(median), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
    return found | {"counts": dict(Counter(map(str, values)).most_common())}


def _properties_here(data: AuditData, sample: SetSample) -> dict[str, np.ndarray]:
    films, facts = data.catalog.films.iloc[sample.films], []
    for file in films["file"]:
        data.on_step()
        facts.append(stored_facts(read_bytes(data.catalog.film_path(file), name=file), name=file))
    return _properties(
        facts,
        data.prepared[sample.films],
        films["view_position"].tolist(),
        films["age_group"].tolist(),
        [sex_of(row) for row in films.to_dict("records")],
    )


def _properties_elsewhere(others: Others) -> dict[str, np.ndarray]:
    visit = others.visit
    return _properties(visit.facts, visit.films, visit.views, visit.ages, visit.sexes)


_STORED: Mapping[str, Callable[[StoredFacts], float | str]] = {
    "width in pixels": lambda facts: float(facts.width),
    "height in pixels": lambda facts: float(facts.height),
    "width over height": lambda facts: facts.width / facts.height,
    "file format": lambda facts: facts.format,
    "colour or grey": PROPERTIES["colour or grey"],
    BYTES_A_PIXEL: lambda facts: facts.num_bytes / (facts.width * facts.height),
}


def _properties(
    facts: Sequence[StoredFacts],
    films: np.ndarray,
    views: Sequence[str],
    ages: Sequence[str],
    sexes: Sequence[str],
) -> dict[str, np.ndarray]:
    grey = films.mean(axis=-1, dtype=np.float32)
    return {
        **{name: np.array([of(each) for each in facts]) for name, of in _STORED.items()},
        "brightness (mean grey value)": grey.mean(axis=(1, 2)).astype(float),
        "contrast (spread of grey values)": grey.std(axis=(1, 2)).astype(float),
        "black part of the X-ray": (grey < _BLACK).mean(axis=(1, 2)),
        "view": np.array(views),
        "age group": np.array(ages),
        "sex": np.array(sexes),
    }


def _owners(data: AuditData, others: Others, sample: SetSample) -> np.ndarray:
    """The patient of each X-ray of both sets; none is in both."""
    here = [tr("here {patient}", patient=patient) for patient in data.patient_ids[sample.films]]
    return np.array([*here, *(tr("elsewhere {patient}", patient=patient) for patient in others.visit.patients)])


def _num_patients(owners: np.ndarray, is_other: np.ndarray) -> int:
    """Patients of the side that has fewer."""
    return min(len(np.unique(owners[is_other])), len(np.unique(owners[~is_other])))


def _are_numbers(values: np.ndarray) -> bool:
    return np.issubdtype(values.dtype, np.number)


def _points(reference: Reference, features: np.ndarray) -> list[list[float]]:
    return [[round(float(value), 4) for value in point] for point in reference.map_points(features)]
