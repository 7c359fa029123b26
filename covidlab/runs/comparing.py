"""Which of two groups of repeats is better, from what their runs have written down; the arithmetic is in evaluation.comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from covidlab.errors import ModelError
from covidlab.evaluation.comparison import (
    POWER,
    Comparison,
    Interval,
    Side,
    compare,
    patients_to_see,
    smallest_seen,
)
from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.reference import Reference, load_reference
from covidlab.runs.store import Run
from covidlab.text import pluralize

THRESHOLD = 0.5
NOT_CROSSED = tr_lazy(
    "Only runs with a cross-validation can be compared: those where just the head learned, that were not stopped."
)
OTHER_XRAYS = tr_lazy("The runs are on other X-rays, so the difference may be one of the X-rays.")
NO_FOLDS = tr_lazy(
    "Which is better is not told: these runs do not keep the accuracy of each fold, as those of "
    "earlier versions. Train them again."
)
SAME_RIGHT = tr_lazy("Both told the same number of X-rays right in each fold, so nothing tells them apart.")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What can be said of two groups; ``refusal`` where nothing can, then all else is empty.

    seeds: a sentence for each group on its repeats. intervals: sentences on the difference, over patients and over folds.
    needed: how many patients would show the difference, "" where that is not known.
    """

    refusal: str = ""
    headline: str = ""
    can_tell: bool = False
    seeds: Sequence[str] = ()
    intervals: Sequence[str] = ()
    needed: str = ""
    comparison: Comparison | None = None


def which_is_better(first: Sequence[Run], second: Sequence[Run], *, names: tuple[str, str]) -> Verdict:
    """Return what can be said of two groups of runs, each of the same settings but for the seed.

    Parameters
    ----------
    names : what the groups are called
    """
    reports = [[_crossed(run) for run in group] for group in (first, second)]
    if not all(reports[0]) or not all(reports[1]) or not first or not second:
        return Verdict(refusal=str(NOT_CROSSED))
    if len({run.load_facts().get("data", {}).get("fingerprint") for run in (*first, *second)}) > 1:
        return Verdict(refusal=str(OTHER_XRAYS))
    known = [[held_out_answers(run) for run in group] for group in (first, second)]
    references = [reference for group in known for reference in group]
    patients = _patients(references)
    sides = [
        _side(group, of_group if patients is not None else []) for group, of_group in zip(reports, known, strict=True)
    ]
    found = compare(*sides, patients)
    accuracy = reports[0][0]["accuracy"]
    number = reports[0][0].get("num_patients")
    return Verdict(
        headline=_headline(found, names, [_reached(group) for group in reports], n=accuracy["n"], num_patients=number),
        can_tell=found.can_tell,
        seeds=[_describe_seeds(name, side) for name, side in zip(names, sides, strict=True)],
        intervals=_describe_intervals(found, num_patients=number),
        needed=_describe_needed(found, num_patients=number),
        comparison=found,
    )


def _headline(
    found: Comparison, names: tuple[str, str], accuracies: Sequence[str], *, n: int, num_patients: int | None
) -> str:
    what = pluralize(num_patients, "patient") if num_patients else pluralize(n, "X-ray")
    reached = tr(
        "Cross-validated accuracy with its 95 % interval, n = {x_rays}: {names} {accuracies}, {names_2} "
        "{accuracies_2}, a difference of {signed}.",
        x_rays=pluralize(n, "X-ray"),
        names=names[0],
        accuracies=accuracies[0],
        names_2=names[1],
        accuracies_2=accuracies[1],
        signed=_signed(found.difference),
    )
    if found.together is None:
        folds = found.over_folds
        return f"{reached} {SAME_RIGHT if folds is not None and folds.error == folds.mean == 0 else NO_FOLDS}"
    ends = tr(
        "95 % interval {signed} to {signed_2}",
        signed=_signed(found.together.low),
        signed_2=_signed(found.together.high),
    )
    if not found.can_tell:
        return tr(
            "No difference can be seen with {what}. {reached} The {ends} holds 0.",
            what=what,
            reached=reached,
            ends=ends,
        )
    return tr(
        "{names} is better. {reached} The {ends} leaves out 0.",
        names=names[int(found.difference > 0)],
        reached=reached,
        ends=ends,
    )


def _reached(reports: Sequence[Mapping]) -> str:
    """The accuracy of a group with an interval: of one run its own, of several their mean with that of the run in the middle."""
    figures = sorted((report["accuracy"] for report in reports), key=lambda figure: figure["value"])
    middle, mean = figures[len(figures) // 2], sum(figure["value"] for figure in figures) / len(figures)
    ends = tr("{low:.2f} to {high:.2f}", low=middle["low"], high=middle["high"])
    return (
        f"{number_text(mean, '.2f')} ({ends})"
        if len(figures) == 1
        else tr(
            "{mean:.2f} (mean of {num_figures} seeds; the middle one {ends})",
            mean=mean,
            num_figures=len(figures),
            ends=ends,
        )
    )


def _describe_seeds(name: str, side: Side) -> str:
    number = len(side.accuracies)
    if number == 1:
        return tr("{name}: one seed, so the spread of seeds is not known.", name=name)
    low, high = min(side.accuracies), max(side.accuracies)
    return tr(
        "{name}: {low:.2f} to {high:.2f} over {number} seeds. That is what the seed changes; other "
        "patients may change more.",
        name=name,
        low=low,
        high=high,
        number=number,
    )


def _describe_intervals(found: Comparison, *, num_patients: int | None) -> list[str]:
    sentences = []
    if (own := found.over_patients) is not None:
        told = {"number": own.number, "ends": _ends(own)}
        sentences.append(
            tr(
                "Interval over {number} patients: {ends}. So far the difference could change with other patients "
                "to read.",
                **told,
            )
            if num_patients
            else tr(
                "Interval over {number} X-rays: {ends}. So far the difference could change with other X-rays to read.",
                **told,
            )
        )
    if (own := found.over_folds) is not None:
        sentences.append(
            tr(
                "Interval over {number} folds: {ends}. So far it could change with other X-rays to learn from "
                "(corrected for folds that share X-rays: Nadeau and Bengio 2003).",
                number=own.number,
                ends=_ends(own),
            )
        )
    if found.together is not None:
        sentences.append(tr("The interval that decides takes both together, so that it holds where both change."))
    return sentences


def _describe_needed(found: Comparison, *, num_patients: int | None) -> str:
    """How many patients would show the difference by the rule, and which difference those here would show."""
    if found.together is None or found.together.error == 0:
        return ""
    # What other X-rays to read and to learn from could change shrinks with the number of patients, so both count.
    own = replace(found.together, number=found.over_patients.number)
    told = {"share": 100 * POWER, "here": _number(own.number, num_patients), "smallest": smallest_seen(own)}
    needed = patients_to_see(own)
    if needed is not None:
        return tr(
            "If the true difference is {signed}, {share:.0f} of 100 studies like this would show it with about {needed}. "
            "With {here} they would show one of {smallest:.2f} or more. That number is as uncertain as the difference.",
            signed=_signed(own.mean),
            needed=_number(needed, num_patients),
            **told,
        )
    none = (
        tr("No number of patients shows a difference of 0.")
        if num_patients
        else tr("No number of X-rays shows a difference of 0.")
    )
    return f"{none} " + tr(
        "With {here} {share:.0f} of 100 studies like this would show one of {smallest:.2f} or more.", **told
    )


def _number(number: int, num_patients: int | None) -> str:
    return pluralize(number, "patient") if num_patients else pluralize(number, "X-ray")


def _ends(interval: Interval) -> str:
    return tr(
        "{signed} to {signed_2}, {p_text}",
        signed=_signed(interval.low),
        signed_2=_signed(interval.high),
        p_text=_p_text(interval.p),
    )


def _p_text(p: float) -> str:
    return f"p < {number_text(0.01)}" if p < 0.005 else f"p = {number_text(p, '.2f')}"


def _signed(value: float) -> str:
    rounded = round(value, 2)
    return number_text(rounded, "+.2f").replace("-", "−") if rounded else number_text(0.0, ".2f")


def _crossed(run: Run) -> dict | None:
    crossed = (run.report() or {}).get("cross_validation") or {}
    return crossed if (crossed.get("accuracy") or {}).get("value") is not None else None


def held_out_answers(run: Run) -> Reference | None:
    """Return what a run keeps of its X-rays, where models that had not seen the patient have read all of them; else None."""
    try:
        known = load_reference(run.reference_path)
    except ModelError:
        return None
    return known if known.num_films and np.isfinite(known.out_of_fold).all() else None


def _patients(references: Sequence[Reference | None]) -> np.ndarray | None:
    """The patient of each X-ray, where all runs keep answers on the same X-rays."""
    first = references[0]
    if first is None or any(other is None or other.sha256s != first.sha256s for other in references):
        return None
    return first.patients


def _side(reports: Sequence[dict], references: Sequence[Reference]) -> Side:
    folds = [report.get("fold_accuracies") for report in reports]
    arrays = [np.array(own, float) for own in folds if own]
    is_known = len(arrays) == len(reports) and len({array.shape for array in arrays}) == 1
    right = [told_right(reference) for reference in references]
    return Side(
        accuracies=[report["accuracy"]["value"] for report in reports],
        folds=np.stack(arrays) if is_known else None,
        right=np.mean(right, axis=0) if right else None,
    )


def told_right(known: Reference) -> np.ndarray:
    """Return whether each X-ray was told right by the mean of the repeats, as far as positive or not goes; (films,) float."""
    return ((known.out_of_fold >= THRESHOLD) == (known.labels == known.positive_index)).astype(float)
