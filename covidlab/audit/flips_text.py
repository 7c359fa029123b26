"""What changed labels did, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.language import tr, tr_many
from covidlab.text import class_name, listed, metric_text, pluralize, some_of

Found = Mapping[str, Any]


def sentences(found: Found) -> list[str]:
    """Return what was done, which patients' answers change, and what another seed alone does."""
    return [describe_change(found), describe_patients(found), describe_yardstick(found), describe_accuracy(found)]


def describe_change(found: Found) -> str:
    """Return what was flipped and dropped, and how the heads were trained."""
    done = []
    if found["flip"]:
        done.append(tr_many("{number:,} label flipped", "{number:,} labels flipped", len(found["flip"])))
    if found["drop"]:
        done.append(tr_many("{number:,} X-ray dropped", "{number:,} X-rays dropped", len(found["drop"])))
    whose = tr("their patient") if found["num_patients"] else "them"
    return tr(
        "Training with {done}, in {repeats} of {folds} folds. All X-rays are read by heads that have not "
        "learned from {whose}; the true labels judge the answers.",
        done=listed(done or ["–"]),
        repeats=pluralize(found["repeats"], "repeat"),
        folds=found["folds"],
        whose=whose,
    )


def describe_patients(found: Found) -> str:
    """Return how many patients' answers change; X-rays where patients are not known."""
    total = len(found["patients"])
    named = [each["patient"] or each["files"][0] for each in found["patients"] if each["changed"]]
    said = tr(
        "The answer changes for {changed} of {pluralize}",
        changed=found["changed"],
        pluralize=pluralize(total, _whom(found)),
    )
    return f"{said}: {some_of(named, most=5)}." if named else f"{said}."


def describe_yardstick(found: Found) -> str:
    """Return how many answers change with another seed alone, and whether the labels changed more."""
    changed, moved = ([each[name] for each in found["seeds"]] for name in ("changed", "moved"))
    span = (
        f"{min(changed)}"
        if min(changed) == max(changed)
        else tr("{changed} to {changed_2}", changed=min(changed), changed_2=max(changed))
    )
    said = tr(
        "With another seed alone it changes for {span} ({num_changed} seeds). Probabilities move by "
        "{value:.1f} points on average; with another seed by {value_2:.1f} to {value_3:.1f}.",
        span=span,
        num_changed=len(changed),
        value=100 * found["moved"],
        value_2=100 * min(moved),
        value_3=100 * max(moved),
    )
    if found["changed"] > max(changed):
        return tr("{said} More answers change than with any of these seeds.", said=said)
    if found["moved"] > max(moved):
        return tr("{said} Probabilities move more than with any of these seeds, but no more answers change.", said=said)
    return tr("{said} This is no more than a seed alone does.", said=said)


def describe_accuracy(found: Found) -> str:
    """Return the accuracy before and after, and their paired difference."""
    # No minus before 0.0.
    change = {name: round(100 * value, 1) + 0.0 for name, value in found["difference"].items()}
    return tr(
        "Accuracy before: {figure_text}. After: {figure_text_2}. Difference on the same folds: "
        "{value:+.1f} points (95 % interval {low:+.1f} to {high:+.1f}).",
        figure_text=metric_text(found["before"]["accuracy"]),
        figure_text_2=metric_text(found["after"]["accuracy"]),
        value=change["value"],
        low=change["low"],
        high=change["high"],
    )


def patient_rows(found: Found) -> Sequence[dict[str, Any]]:
    """Return a row for each patient, those that move most first, for a table."""
    return [
        {
            tr("Patient"): each["patient"] or each["files"][0],
            tr("Class"): class_name(each["class"]),
            tr("X-rays"): len(each["files"]),
            tr("Before"): each["before"],
            tr("After"): each["after"],
            tr("Answer changes"): each["changed"],
            tr("Own label changed"): each["touched"],
        }
        for each in found["patients"]
    ]


def _whom(found: Found) -> str:
    return "patient" if found["num_patients"] else "X-ray"
