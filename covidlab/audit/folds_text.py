"""What cross-validation found, in sentences; read by pages and the command line."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from covidlab.audit.words import of_how_many, people
from covidlab.evaluation.patients_needed import patients_needed, precision_reached
from covidlab.language import tr
from covidlab.text import class_name, metric_text, plain_number, pluralize

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
    who = pluralize(found["num_films"], "X-ray") + (
        tr(" of {patients}", patients=pluralize(known, "patient")) if known else ""
    )
    kept = tr("No head learned from the patient it was tested on.") if known else tr("Patients are not known.")
    return tr(
        "Accuracy in {repeats} of {folds} folds of {who}: {figure_text}, the median over repeats. {kept}",
        repeats=pluralize(found["repeats"], "repeat"),
        folds=found["folds"],
        who=who,
        figure_text=metric_text(figures["accuracy"]),
        kept=kept,
    )


def describe_spread(found: Found) -> str:
    """Return how far the repeats lie apart; "" for one repeat."""
    spread = found["spread"]
    if spread["sd"] is None:
        return ""
    return tr(
        "Spread over repeats, not an interval: accuracies from {lowest:.2f} to {highest:.2f}, standard "
        "deviation {sd:.3f}. All repeats have the same X-rays and differ in their folds and first "
        "weights alone.",
        lowest=spread["lowest"],
        highest=spread["highest"],
        sd=spread["sd"],
    )


def describe_one_out(found: Found) -> str:
    """Return the accuracy with one patient left out at a time; "" where that was not done."""
    one_out = found.get("one_out")
    if not one_out:
        return ""
    values = {
        "heads": pluralize(one_out["heads"], "head"),
        "figure_text": metric_text(one_out["figures"]["accuracy"]),
    }
    if found["num_patients"]:
        return tr("With one patient left out at a time ({heads}): accuracy {figure_text}.", **values)
    return tr("With one X-ray left out at a time ({heads}): accuracy {figure_text}.", **values)


def describe_by_image(found: Found) -> str:
    """Return what splits by image would have said."""
    by_image = found["by_image"]
    accuracies, number = by_image["accuracies"], by_image["num_validation"]
    return tr(
        "The original 80/20 split by image, with {num_accuracies} seeds: accuracy {mean:.2f} on average, "
        "from {accuracies:.2f} to {accuracies_2:.2f}, each on {x_rays}; one X-ray is {decimal_text} "
        "points. With the published seed: {accuracies_3:.2f}.",
        num_accuracies=len(accuracies),
        mean=float(np.mean(accuracies)),
        accuracies=min(accuracies),
        accuracies_2=max(accuracies),
        x_rays=pluralize(number, "X-ray"),
        decimal_text=plain_number(round(100 / number, 1)),
        accuracies_3=accuracies[0],
    )


def describe_leaks(found: Found) -> str:
    """Return how often a split by image has a patient on both sides; "" where patients are not known."""
    leaks = found["by_image"]["leaks"]
    if not leaks:
        return ""
    share = plain_number(round(100 * leaks["with_shared_patient"] / leaks["splits"], 2))
    return tr(
        "In {with_shared_patient} of {splits} such splits ({share} %) a patient is on both sides. Of "
        "{class_name} validation X-rays, {of_how_many} on average have the same patient in training.",
        with_shared_patient=leaks["with_shared_patient"],
        splits=leaks["splits"],
        share=share,
        class_name=class_name(found["positive_class"]),
        of_how_many=of_how_many(leaks["positive_shared"], leaks["num_positive"]),
    )


def describe_permutation(found: Found) -> str:
    """Return what the permutation test says, and which statistic it compares."""
    test = found["permutation"]
    return tr(
        "Permutation test over {whom}: a least-squares classifier on the features that the head takes "
        "reaches a balanced accuracy of {value:.2f} on held-out X-rays, and at most {by_chance:.2f} with "
        "classes permuted over {whom} ({permutations} times): p = {p:.3f}. This says that the classes "
        "can be told apart, not by what.",
        whom=people(patients_known=found["num_patients"]),
        value=test["value"],
        by_chance=max(test["by_chance"]),
        permutations=test["permutations"],
        p=test["p"],
    )


def describe_needed(found: Found, *, within: float) -> str:
    """Return how many patients of each class a precision would need, and what those here give."""
    share = found["figures"]["sensitivity"]["value"]
    needed = patients_needed(0.9 if share is None else share, within=within)
    said = tr(
        "A sensitivity of {value:.2f} is known to within {value_2:.0f} points with {patients} of "
        "{class_name}, one X-ray each, and a specificity of the same value with as many of the others "
        "(Wilson interval).",
        value=0.9 if share is None else share,
        value_2=100 * within,
        patients=pluralize(needed, "patient"),
        class_name=class_name(found["positive_class"]),
    )
    number = (found.get("class_patients") or {}).get(found["positive_class"])
    if not number or share is None:
        return said
    reached = 100 * precision_reached(share, number)
    return tr(
        "{said} The {number} here give {reached:.0f} points to each side.", said=said, number=number, reached=reached
    )
