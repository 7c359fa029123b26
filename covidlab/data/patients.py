"""Where patients are not known: the sentences that say so, and what stands in a catalog for a patient nobody stated."""

import re
from collections.abc import Mapping

import pandas as pd

from covidlab.language import tr_lazy

# The same words everywhere, so that nobody looks for a difference.
PATIENTS_NOT_KNOWN = tr_lazy(
    "Patients are not known: X-rays of one patient may be on both sides, and the figures too good."
)
INTERVALS_WITHOUT_PATIENTS = tr_lazy(
    "The intervals count each X-ray as a patient of its own, so they are too narrow if patients repeat."
)

# What a catalog gives an X-ray whose patient is not stated: the beginning of its content's SHA-256.
_MADE_UP = re.compile(r"content-[0-9a-f]+")
_COUNTED = ("num_patients", "num_validation_patients", "num_validation_with_patient_in_training")


def stated_patient(patient_id: object) -> str:
    """The patient as somebody stated it, "" where the catalog only knows the X-ray by its content."""
    text = str(patient_id)
    return "" if _MADE_UP.fullmatch(text) else text


def stated_patients(patient_ids: pd.Series) -> pd.Series:
    """``stated_patient`` of each, a Series of str."""
    return patient_ids.map(stated_patient).astype(str)


def are_patients_known(data: Mapping) -> bool:
    """Whether a run knew the patient of every X-ray; ``data`` is what its run.json says of the data.

    Where that does not say, a number of patients tells it: the model that ships with covidlab was made so.
    """
    known = data.get("patients_known")
    return data.get("num_patients") is not None if known is None else bool(known)


def without_made_up_patients(values: dict) -> dict:
    """Return the content of a run.json or report.json without numbers of patients where patients are not known.

    Earlier versions wrote the number of different X-rays there.
    """
    data, crossed = values.get("data"), values.get("cross_validation")
    if not isinstance(data, dict) or are_patients_known(data):
        return values
    mended = {**values, "data": {**data, **{name: None for name in _COUNTED if name in data}}}
    if isinstance(crossed, dict) and "num_patients" in crossed:
        mended["cross_validation"] = {**crossed, "num_patients": None}
    return mended
