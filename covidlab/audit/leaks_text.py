"""What was found of duplicates and leaks, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.language import tr, tr_lazy, tr_many
from covidlab.spoken import kept_sentence
from covidlab.text import pluralize

Found = Mapping[str, Any]

SPLIT_NAMES = {
    "run": tr_lazy("The split of the model"),
    "given": tr_lazy("The split that came with the set"),
    "image": tr_lazy("The original split by image"),
}
HINT = tr_lazy("That X-rays look alike is a hint only: they can be of different patients. The patient decides.")


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
        return tr(
            "None of {x_rays} has the same content as another one.", x_rays=pluralize(found["num_films"], "X-ray")
        )
    said = tr_many(
        "{number:,} X-ray is there more than once, with the same content.",
        "{number:,} X-rays are there more than once, with the same content.",
        found["num_exact"],
    )
    classes = sum(len({each["class"] for each in group}) > 1 for group in groups)
    patients = sum(len({each["patient"] for each in group}) > 1 for group in groups)
    if classes:
        said += tr_many(
            " {number:,} of them is in more than one class.", " {number:,} of them are in more than one class.", classes
        )
    if patients:
        said += tr_many(
            " {number:,} of them has more than one patient.",
            " {number:,} of them have more than one patient.",
            patients,
        )
    return said


def describe_near(found: Found) -> str:
    """Return how many pairs look alike, and how many of them are of different patients."""
    number = found["num_near"]
    if not number:
        return tr(
            "No two X-rays differ in {near_bits} bits or fewer of a perceptual hash of 255 bits.",
            near_bits=found["near_bits"],
        )
    said = tr_many(
        "{number:,} pair of X-rays looks alike by a perceptual hash.",
        "{number:,} pairs of X-rays look alike by a perceptual hash.",
        number,
    )
    if found["patients_known"]:
        other = sum(not pair["same_patient"] for pair in found["near"])
        said += tr(" In {other} of {num_near} pairs the patients differ.", other=other, num_near=len(found["near"]))
    return f"{said} {HINT}"


def describe_split(split: Mapping[str, Any]) -> str:
    """Return what is on both sides of one split."""
    name = str(SPLIT_NAMES.get(split["name"], split["name"]))
    if "error" in split:
        return tr("{name} cannot be made: {error}", name=name, error=kept_sentence(split, "error"))
    said = tr(
        "{name} ({training:,} for training, {validation:,} for validation): {patients}",
        name=name,
        training=split["training"],
        validation=split["validation"],
        patients=_patients(split),
    )
    if split["exact"]:
        said += tr_many(
            " {number:,} X-ray is on both sides with the same content.",
            " {number:,} X-rays are on both sides with the same content.",
            len(split["exact"]),
        )
    if split["num_near"]:
        said += tr_many(
            " {number:,} pair across the split looks alike.",
            " {number:,} pairs across the split look alike.",
            split["num_near"],
        )
    return said


def describe_folds(found: Found) -> str:
    """Return whether the folds keep their promise; "" where patients are not known."""
    if not found["patients_known"]:
        return ""
    folds = found["folds"]
    total = folds["repeats"] * folds["folds"]
    return tr(
        "Cross-validation: in {shared} of {folds} a patient is on both sides.",
        shared=folds["shared"],
        folds=pluralize(total, "fold"),
    )


def patient_rows(split: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """Return a row for each patient on both sides, for a table."""
    return [
        {
            tr("Patient"): each["patient"],
            tr("In training"): ", ".join(each["training"]),
            tr("In validation"): ", ".join(each["validation"]),
        }
        for each in split.get("patients") or ()
    ]


def _patients(split: Mapping[str, Any]) -> str:
    if split["num_shared"] is None:
        return str(PATIENTS_NOT_KNOWN)
    if not split["num_shared"]:
        return tr("no patient is on both sides.")
    return tr_many(
        "{number:,} patient is on both sides, with {num_validation_shared} of the {validation_x_rays}.",
        "{number:,} patients are on both sides, with {num_validation_shared} of the {validation_x_rays}.",
        split["num_shared"],
        num_validation_shared=split["num_validation_shared"],
        validation_x_rays=pluralize(split["validation"], "validation X-ray"),
    )
