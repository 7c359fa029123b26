"""What changed labels did, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.audit.words import figure_text
from covidlab.text import pluralize, some_of

Found = Mapping[str, Any]


def sentences(found: Found) -> list[str]:
    """Return what was done, which patients' answers change, and what another seed alone does."""
    return [describe_change(found), describe_patients(found), describe_yardstick(found), describe_accuracy(found)]


def describe_change(found: Found) -> str:
    """Return what was flipped and dropped, and how the heads were trained."""
    done = [
        f"{pluralize(len(found[name]), 'label' if name == 'flip' else 'X-ray')} {word}"
        for name, word in (("flip", "flipped"), ("drop", "dropped"))
        if found[name]
    ]
    whose = "their patient" if found["num_patients"] else "them"
    return (
        f"Training with {' and '.join(done)}, in {pluralize(found['repeats'], 'repeat')} of {found['folds']} folds. "
        f"All X-rays are read by heads that have not learned from {whose}; the true labels judge the answers."
    )


def describe_patients(found: Found) -> str:
    """Return how many patients' answers change; X-rays where patients are not known."""
    total = len(found["patients"])
    named = [each["patient"] or each["files"][0] for each in found["patients"] if each["changed"]]
    said = f"The answer changes for {found['changed']} of {pluralize(total, _whom(found))}"
    return f"{said}: {some_of(named, most=5)}." if named else f"{said}."


def describe_yardstick(found: Found) -> str:
    """Return how many answers change with another seed alone, and whether the labels changed more."""
    changed, moved = ([each[name] for each in found["seeds"]] for name in ("changed", "moved"))
    span = f"{min(changed)}" if min(changed) == max(changed) else f"{min(changed)} to {max(changed)}"
    said = (
        f"With another seed alone it changes for {span} ({len(changed)} seeds). Probabilities move by {100 * found['moved']:.1f} points on "
        f"average; with another seed by {100 * min(moved):.1f} to {100 * max(moved):.1f}."
    )
    if found["changed"] > max(changed):
        return f"{said} More answers change than with any of these seeds."
    if found["moved"] > max(moved):
        return f"{said} Probabilities move more than with any of these seeds, but no more answers change."
    return f"{said} This is no more than a seed alone does."


def describe_accuracy(found: Found) -> str:
    """Return the accuracy before and after, and their paired difference."""
    # No minus before 0.0.
    change = {name: round(100 * value, 1) + 0.0 for name, value in found["difference"].items()}
    return (
        f"Accuracy before: {figure_text(found['before']['accuracy'])}. After: {figure_text(found['after']['accuracy'])}. Difference on "
        f"the same folds: {change['value']:+.1f} points (95 % interval {change['low']:+.1f} to {change['high']:+.1f})."
    )


def patient_rows(found: Found) -> Sequence[dict[str, Any]]:
    """Return a row for each patient, those that move most first, for a table."""
    return [
        {
            "Patient": each["patient"] or each["files"][0],
            "Class": each["class"],
            "X-rays": len(each["files"]),
            "Before": each["before"],
            "After": each["after"],
            "Answer changes": each["changed"],
            "Own label changed": each["touched"],
        }
        for each in found["patients"]
    ]


def _whom(found: Found) -> str:
    return "patient" if found["num_patients"] else "X-ray"
