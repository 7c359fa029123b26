"""McNemar's test of two runs, over X-rays and over patients, and why two runs cannot be tested; arithmetic in evaluation.mcnemar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from covidlab.evaluation.mcnemar import McNemar, over_films, over_patients
from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.reference import Reference
from covidlab.runs.changes import CROSS_VALIDATION, figures_of
from covidlab.runs.comparing import NOT_CROSSED, OTHER_XRAYS, held_out_answers, told_right
from covidlab.runs.store import Run
from covidlab.text import pluralize

SAME_RUN = tr_lazy("Choose two different runs.")
NO_ANSWERS = tr_lazy("A run keeps no answers to held-out X-rays, as those of earlier versions. Train it again.")
OTHER_CLASSES = tr_lazy("The runs have other classes for the same X-rays, so they did not learn the same.")
OTHER_PATIENTS = tr_lazy(
    "The runs have other patients for the same X-rays, so their folds differ. Train the earlier one again."
)
OTHER_FOLDS = tr_lazy("The runs were cross-validated with other folds. Train the earlier one again.")


@dataclass(frozen=True, kw_only=True)
class PairedTests:
    """McNemar's test over X-rays, and over patients where these are known; ``refusal`` where there is none.

    do_patients_repeat: whether a patient has several X-rays, so that the test over X-rays finds differences too often.
    """

    refusal: str = ""
    xrays: McNemar | None = None
    patients: McNemar | None = None
    do_patients_repeat: bool = False
    has_more_classes: bool = False


def paired_tests(first: Run, second: Run) -> PairedTests:
    """Return the tests of two runs on the same X-rays in the same folds.

    An X-ray is told right where the mean probability of models that had not seen its patient is on the right side; of more than
    two classes, as far as the positive class goes.
    """
    if refusal := why_not_tested(first, second):
        return PairedTests(refusal=str(refusal))
    known, other = held_out_answers(first), held_out_answers(second)
    right = told_right(known) > 0, told_right(other) > 0
    return PairedTests(
        xrays=over_films(*right),
        patients=over_patients(*right, known.patients) if known.patients_known else None,
        do_patients_repeat=len(np.unique(known.patients)) < known.num_films,
        has_more_classes=len(known.classes) > 2,
    )


def why_not_tested(first: Run, second: Run) -> str:
    """Return in a sentence why two runs cannot be compared X-ray by X-ray; "" where they can."""
    if first.id == second.id:
        return SAME_RUN
    crossed = [figures_of(run, CROSS_VALIDATION) for run in (first, second)]
    if not all(crossed):
        return NOT_CROSSED
    if len({run.load_facts().get("data", {}).get("fingerprint") for run in (first, second)}) > 1:
        return OTHER_XRAYS
    known = [held_out_answers(run) for run in (first, second)]
    if known[0] is None or known[1] is None:
        return NO_ANSWERS
    return _why_unlike(*known) or ("" if _folds(crossed[0]) == _folds(crossed[1]) else OTHER_FOLDS)


def describe_tests(found: PairedTests, *, names: tuple[str, str]) -> list[str]:
    """Return a sentence for each test, the one to go by first, and what limits them."""
    if found.xrays is None:
        return [found.refusal]
    said = []
    if found.patients is not None and found.do_patients_repeat:
        said.append(
            tr(
                "McNemar's exact test over {patients}, each counted once, for the run that told more of the "
                "patient's X-rays right: {only_first} for {names}, {only_second} for {names_2}, {p_text}. Go by "
                "this one.",
                patients=pluralize(found.patients.number, "patient"),
                **_counts(found.patients, names),
            )
        )
    said.append(
        tr(
            "McNemar's exact test over {x_rays}: {only_first} told right by {names} alone, {only_second} by "
            "{names_2} alone, {p_text}.",
            x_rays=pluralize(found.xrays.number, "X-ray"),
            **_counts(found.xrays, names),
        )
        + _limit(found)
    )
    if found.has_more_classes:
        said.append(tr("Told right here means: put into the positive class or kept out of it rightly."))
    return said


def _counts(test: McNemar, names: tuple[str, str]) -> dict[str, Any]:
    """What both sentences say of a test."""
    return {
        "only_first": test.only_first,
        "names": names[0],
        "only_second": test.only_second,
        "names_2": names[1],
        "p_text": _p_text(test.p),
    }


def _limit(found: PairedTests) -> str:
    if found.patients is None:
        return tr(" Patients are not known; if they repeat, it finds differences too often.")
    if found.do_patients_repeat:
        return tr(" It finds differences too often here, since patients have several X-rays.")
    return tr(" Each is of a patient of its own, so it is the test over patients too.")


def _why_unlike(first: Reference, second: Reference) -> str:
    if first.sha256s != second.sha256s:
        return OTHER_XRAYS
    if not _same_classes(first, second):
        return OTHER_CLASSES
    same = first.patients_known == second.patients_known and np.array_equal(first.patients, second.patients)
    return "" if same else OTHER_PATIENTS


def _same_classes(first: Reference, second: Reference) -> bool:
    named = [np.array(one.classes)[one.labels].tolist() for one in (first, second)]
    return named[0] == named[1] and _positive(first) == _positive(second)


def _positive(known: Reference) -> str:
    return known.classes[known.positive_index]


def _folds(crossed: dict) -> Sequence:
    return crossed.get("folds"), crossed.get("repeats")


def _p_text(p: float) -> str:
    if p < 0.001:
        return f"p < {number_text(0.001)}"
    return f"p = {number_text(p, '.2f' if p >= 0.095 else '.3f')}"
