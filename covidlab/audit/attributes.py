"""What can be read from the frozen features inside each class: view, letters, sex, source."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.data.film_table import NOT_STATED
from covidlab.errors import DataError
from covidlab.evaluation.within_class import (
    FEWEST_PATIENTS,
    LEVEL,
    NUM_PERMUTATIONS,
    count_values,
    holm_adjusted,
    tell_values,
)
from covidlab.language import tr, tr_lazy

VERSION = 1
# Of the columns that a catalog knows, in the order in which they are told; then come columns with few values that a set has of its own.
COLUMNS = (
    *("view_position", "panel_letter_or_caption", "sex", "age_group", "source", "finding", "channels"),
    *("intubated", "rt_pcr_positive", "location", "licence"),
)
# What names an X-ray, says where it is or describes it in other words, or is no property of it.
NOT_ATTRIBUTES = {
    *("file", "class", "patient_id", "sha256", "width", "height", "bytes", "given_part", "age_years", "offset_days"),
    *("mask", "mask_source", "notes", "doi", "source_url", "text_on_image", "view_metadata", "view_printed_on_image"),
}
MOST_VALUES = 6

# How a column stands in a class, and over all classes.
TESTED, CONSTANT, TOO_FEW, UNSTATED = "tested", "constant", tr_lazy("too few"), tr_lazy("not stated")
WITHIN, COINCIDES, SAME = "within", tr_lazy("coincides with the class"), tr_lazy("the same for all")


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Look at each column inside each class; test where two values have enough patients.

    Returns attributes (column, kind, classes: class, state, num_films, num_patients, values, num_values, rare_films, and where tested told: a
    metric, p_value, adjusted), class_told (the class itself, read in the same way, as a yardstick), num_tests, and what was
    chosen: level, fewest_patients, num_permutations, patients_known.
    """
    features, attributes = data.features(), []
    columns = chosen_columns(data)
    if not columns:
        raise DataError(
            tr("The data set states nothing of its X-rays besides class and patient. Add columns to its metadata.csv.")
        )
    for place, column in enumerate(columns):
        context.on_share(place / len(columns))
        attributes.append(_attribute(data, features, column))
    tested = [one for attribute in attributes for one in attribute["classes"] if one["state"] == TESTED]
    for one, adjusted in zip(tested, holm_adjusted([one["p_value"] for one in tested]), strict=True):
        one["adjusted"] = adjusted
    told = tell_values(features, data.labels, data.patient_ids, on_step=data.on_step)
    return {
        "attributes": attributes,
        "class_told": told.metric.to_dict(),
        "num_tests": len(tested),
        "level": LEVEL,
        "fewest_patients": FEWEST_PATIENTS,
        "num_permutations": NUM_PERMUTATIONS,
        "num_patients": data.catalog.num_patients,
        "patients_known": data.catalog.patients_known,
    }


def chosen_columns(data: AuditData) -> list[str]:
    """Return the columns that state something with few values, of enough patients each that nobody can be known by one."""
    films = data.catalog.films
    others = [
        name for name in films if name not in NOT_ATTRIBUTES and name not in COLUMNS and not name.endswith("_mask")
    ]
    few = [name for name in others if 2 <= len(np.unique(_stated(data, name))) <= MOST_VALUES]
    return [name for name in (*COLUMNS, *few) if name in films and _named_values(data, name)]


def _stated(data: AuditData, column: str) -> np.ndarray:
    """Values of a column, "" where nothing is stated; str (films,)."""
    texts = [str(value).strip() for value in data.catalog.films[column]]
    return np.array(["" if text.lower() in ("", "nan", NOT_STATED) else text for text in texts], dtype=str)


def _named_values(data: AuditData, column: str) -> list[str]:
    """Values that enough patients of the whole set have to be named."""
    return [
        one.value
        for one in count_values(_stated(data, column), data.patient_ids)
        if one.num_patients >= FEWEST_PATIENTS
    ]


def _attribute(data: AuditData, features: np.ndarray, column: str) -> dict[str, Any]:
    values, named = _stated(data, column), _named_values(data, column)
    classes = [
        {"class": name, **_in_class(data, features, values, named, np.flatnonzero(data.labels == label))}
        for label, name in enumerate(data.catalog.classes)
    ]
    return {"column": column, "kind": _kind(values, data.labels), "classes": classes}


def _kind(values: np.ndarray, labels: np.ndarray) -> str:
    """How a column stands to the classes: whether, inside any of them, it says anything at all."""
    of_classes = [set(values[(labels == label) & (values != "")].tolist()) for label in np.unique(labels)]
    stated = [of_class for of_class in of_classes if of_class]
    if any(len(of_class) > 1 for of_class in stated):
        return WITHIN
    return COINCIDES if len(set.union(*stated)) > 1 else SAME


def _in_class(
    data: AuditData, features: np.ndarray, values: np.ndarray, named: Sequence[str], films: np.ndarray
) -> dict:
    """How a column stands inside one class, and what can be told of it there."""
    films = films[values[films] != ""]
    patients = data.patient_ids[films]
    counts = count_values(values[films], patients)
    enough = [one.value for one in counts if one.num_patients >= FEWEST_PATIENTS]
    state = TESTED if len(enough) > 1 else TOO_FEW if len(counts) > 1 else CONSTANT if counts else UNSTATED
    # Those of rare values are left out.
    used = films[np.isin(values[films], enough)] if state == TESTED else films
    found = {
        "state": state,
        "num_films": len(used),
        "num_patients": len(np.unique(data.patient_ids[used])),
        "values": [vars(one) for one in counts if one.value in named],
        "num_values": len(enough),
        "rare_films": sum(one.num_films for one in counts if one.value not in named),
    }
    return found | (_told(data, features, values, used) if state == TESTED else {})


def _told(data: AuditData, features: np.ndarray, values: np.ndarray, films: np.ndarray) -> dict[str, Any]:
    told = tell_values(features[films], values[films], data.patient_ids[films], on_step=data.on_step)
    return {"told": told.metric.to_dict(), "p_value": told.p_value}
