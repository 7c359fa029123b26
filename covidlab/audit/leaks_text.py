"""What was found of duplicates and leaks, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.text import pluralize

Found = Mapping[str, Any]

SPLIT_NAMES = {
    "run": "The split of the model",
    "given": "The split that came with the set",
    "image": "The original split by image",
}
HINT = "That X-rays look alike is a hint only: they can be of different patients. The patient decides."


def sentences(found: Found) -> list[str]:
    """Return what is twice in the set, then what is on both sides of each split."""
    said = [describe_exact(found), describe_near(found)]
    said += [describe_split(split) for split in found["splits"]]
    said.append(describe_folds(found))
    return [each for each in said if each]


def describe_exact(found: Found) -> str:
    """Return how many X-rays are there more than once, and whether they are said to differ."""
    groups = found["exact"]
    if not groups:
        return f"None of {pluralize(found['num_films'], 'X-ray')} has the same content as another one."
    said = f"{pluralize(found['num_exact'], 'X-ray is', 'X-rays are')} there more than once, with the same content."
    classes = sum(len({each["class"] for each in group}) > 1 for group in groups)
    patients = sum(len({each["patient"] for each in group}) > 1 for group in groups)
    if classes:
        said += f" {pluralize(classes, 'of them is', 'of them are')} in more than one class."
    if patients:
        said += f" {pluralize(patients, 'of them has', 'of them have')} more than one patient."
    return said


def describe_near(found: Found) -> str:
    """Return how many pairs look alike, and how many of them are of different patients."""
    number = found["num_near"]
    if not number:
        return f"No two X-rays differ in {found['near_bits']} bits or fewer of a perceptual hash of 255 bits."
    said = f"{pluralize(number, 'pair')} of X-rays {'looks' if number == 1 else 'look'} alike by a perceptual hash."
    if found["patients_known"]:
        other = sum(not pair["same_patient"] for pair in found["near"])
        said += f" In {other} of {len(found['near'])} pairs the patients differ."
    return f"{said} {HINT}"


def describe_split(split: Mapping[str, Any]) -> str:
    """Return what is on both sides of one split."""
    name = SPLIT_NAMES.get(split["name"], split["name"])
    if "error" in split:
        return f"{name} cannot be made: {split['error']}"
    said = f"{name} ({split['training']:,} for training, {split['validation']:,} for validation): {_patients(split)}"
    if split["exact"]:
        said += f" {pluralize(len(split['exact']), 'X-ray is', 'X-rays are')} on both sides with the same content."
    if split["num_near"]:
        said += f" {pluralize(split['num_near'], 'pair')} across the split {_look(split['num_near'])} alike."
    return said


def describe_folds(found: Found) -> str:
    """Return whether the folds keep their promise; "" where patients are not known."""
    if not found["patients_known"]:
        return ""
    folds = found["folds"]
    total = folds["repeats"] * folds["folds"]
    return f"Cross-validation: in {folds['shared']} of {pluralize(total, 'fold')} a patient is on both sides."


def patient_rows(split: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return a row for each patient on both sides, for a table."""
    return [
        {
            "Patient": each["patient"],
            "In training": ", ".join(each["training"]),
            "In validation": ", ".join(each["validation"]),
        }
        for each in split.get("patients") or ()
    ]


def _patients(split: Mapping[str, Any]) -> str:
    if split["num_shared"] is None:
        return PATIENTS_NOT_KNOWN
    if not split["num_shared"]:
        return "no patient is on both sides."
    verb = "is" if split["num_shared"] == 1 else "are"
    return (
        f"{pluralize(split['num_shared'], 'patient')} {verb} on both sides, with {split['num_validation_shared']} of the "
        f"{pluralize(split['validation'], 'validation X-ray')}."
    )


def _look(number: int) -> str:
    return "looks" if number == 1 else "look"
