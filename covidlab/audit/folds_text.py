"""What cross-validation found, in sentences; read by pages and the command line."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from covidlab.audit.words import figure_text, of_how_many
from covidlab.evaluation.patients_needed import patients_needed, precision_reached
from covidlab.text import class_name, decimal_text, pluralize

Found = Mapping[str, Any]
# The precision that the sentences speak of.
WITHIN = 0.05


def sentences(found: Found) -> list[str]:
    """Return what the part found, the main figure first."""
    said = [
        describe_accuracy(found),
        describe_spread(found),
        describe_one_out(found),
        describe_by_image(found),
        describe_leaks(found),
        describe_permutation(found),
        describe_needed(found, within=WITHIN),
    ]
    return [each for each in said if each]


def describe_accuracy(found: Found) -> str:
    """Return the accuracy with patients kept together, and on what it rests."""
    figures, known = found["figures"], found["num_patients"]
    who = pluralize(found["num_films"], "X-ray") + (f" of {pluralize(known, 'patient')}" if known else "")
    kept = "No head learned from the patient it was tested on." if known else "Patients are not known."
    return (
        f"Accuracy in {pluralize(found['repeats'], 'repeat')} of {found['folds']} folds of {who}: "
        f"{figure_text(figures['accuracy'])}, the median over repeats. {kept}"
    )


def describe_spread(found: Found) -> str:
    """Return how far the repeats lie apart; "" for one repeat."""
    spread = found["spread"]
    if spread["sd"] is None:
        return ""
    return (
        f"Spread over repeats, not an interval: accuracies from {spread['lowest']:.2f} to {spread['highest']:.2f}, standard deviation "
        f"{spread['sd']:.3f}. All repeats have the same X-rays and differ in their folds and first weights alone."
    )


def describe_one_out(found: Found) -> str:
    """Return the accuracy with one patient left out at a time; "" where that was not done."""
    one_out = found.get("one_out")
    if not one_out:
        return ""
    whom = "patient" if found["num_patients"] else "X-ray"
    return (
        f"With one {whom} left out at a time ({pluralize(one_out['heads'], 'head')}): accuracy "
        f"{figure_text(one_out['figures']['accuracy'])}."
    )


def describe_by_image(found: Found) -> str:
    """Return what splits by image would have said."""
    by_image = found["by_image"]
    accuracies, number = by_image["accuracies"], by_image["num_validation"]
    return (
        f"The original 80/20 split by image, with {len(accuracies)} seeds: accuracy {np.mean(accuracies):.2f} on average, from "
        f"{min(accuracies):.2f} to {max(accuracies):.2f}, each on {pluralize(number, 'X-ray')}; one X-ray is "
        f"{decimal_text(round(100 / number, 1))} points. With the published seed: {accuracies[0]:.2f}."
    )


def describe_leaks(found: Found) -> str:
    """Return how often a split by image has a patient on both sides; "" where patients are not known."""
    leaks = found["by_image"]["leaks"]
    if not leaks:
        return ""
    share = decimal_text(round(100 * leaks["with_shared_patient"] / leaks["splits"], 2))
    return (
        f"In {leaks['with_shared_patient']} of {leaks['splits']} such splits ({share} %) a patient is on both sides. Of "
        f"{class_name(found['positive_class'])} validation X-rays, {of_how_many(leaks['positive_shared'], leaks['num_positive'])} "
        "on average have the same patient in training."
    )


def describe_permutation(found: Found) -> str:
    """Return what the permutation test says, and which statistic it compares."""
    test = found["permutation"]
    whom = "patients" if found["num_patients"] else "X-rays"
    return (
        f"Permutation test over {whom}: a least-squares classifier on the features that the head takes reaches a balanced accuracy of "
        f"{test['value']:.2f} on held-out X-rays, and at most {max(test['by_chance']):.2f} with classes permuted over {whom} "
        f"({test['permutations']} times): p = {test['p']:.3f}. This says that the classes can be told apart, not by what."
    )


def describe_needed(found: Found, *, within: float) -> str:
    """Return how many patients of each class a precision would need, and what those here give."""
    share = found["figures"]["sensitivity"]["value"]
    needed = patients_needed(0.9 if share is None else share, within=within)
    said = (
        f"A sensitivity of {0.9 if share is None else share:.2f} is known to within {100 * within:.0f} points with "
        f"{pluralize(needed, 'patient')} of {class_name(found['positive_class'])}, one X-ray each, and a specificity of the same value "
        "with as many of the others (Wilson interval)."
    )
    number = (found.get("class_patients") or {}).get(found["positive_class"])
    if not number or share is None:
        return said
    reached = 100 * precision_reached(share, number)
    return f"{said} The {number} here give {reached:.0f} points to each side."
