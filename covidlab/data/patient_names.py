"""Which part of a name may be the patient: a question for a person, never taken by itself."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from covidlab.data.folder_names import is_patient_folder

# Of the pictures, as many must fit a pattern before it is offered.
_FITTING_SHARE = 0.5

# How public sets name a patient's X-rays: NIH 00001362_004, Kermany person12_virus_34 and IM-0115-0001, VinDr and others.
_STEMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"((?:patient|person|subject|pat|sub|pid|p|s)[ _-]?\d+)[ _.-].+",
        r"(\d{3,})[_.-]\d{1,4}(?:[_.-].*)?",
        r"((?:.*[_-])?IM-\d+)(?:-\d+)+",
        r"([a-z]{1,8}[_-]?\d{2,})[_-](?:\d{1,4}|pa|ap|lat|lateral|frontal|left|right|day[ _-]?\d+)(?:[_-].*)?",
        r"([a-z0-9]{2,}(?:[_-][a-z0-9]+)*?)[_-](?:day|d|view|img|image|scan|series|s)[ _-]?\d+",
    )
)


class PatientPattern(NamedTuple):
    """picture: an example. patient: what its name gives. patients: picture -> patient, of all that fit."""

    picture: str
    patient: str
    patients: dict[str, str]


def find_patient_pattern(pictures: Iterable[str]) -> PatientPattern | None:
    """Return the pattern of names that fits most pictures and gives some patient several of them, None where none does."""
    above = {picture: picture.rpartition("/") for picture in pictures}
    stems = {picture: name.rpartition(".")[0] or name for picture, (_, _, name) in above.items()}
    folders = {folder: _of_folder(folder) for folder in {folder for folder, _, _ in above.values()}}
    found = [{picture: patient for picture, (folder, _, _) in above.items() if (patient := folders[folder])}]
    for pattern in _STEMS:
        matches = ((picture, pattern.fullmatch(stem)) for picture, stem in stems.items())
        found.append({picture: match.group(1) for picture, match in matches if match})
    offered = [
        patients
        for patients in found
        if len(patients) >= _FITTING_SHARE * max(1, len(stems)) and len(set(patients.values())) < len(patients)
    ]
    if not offered:
        return None
    best = max(offered, key=len)
    most = Counter(best.values()).most_common(1)[0][0]
    example = next(picture for picture, patient in best.items() if patient == most)
    return PatientPattern(example, most, best)


def _of_folder(folder: str) -> str:
    """The outermost folder called as a patient is: a study or a series lies below its patient."""
    return next((name for name in folder.split("/") if is_patient_folder(name)), "")
