"""The verdict of an audit: one sentence that follows from the figures by a stated rule, and what it does not establish."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name, metric_text

# "It does not need them" stands only where the interval excludes a loss of more than this share of what whole X-rays give
# above chance: that no difference is seen in few X-rays does not mean that there is none.
TOLERATED_LOSS = 0.25
# Kept with its figures by audit.ladder; the verdict compares these two.
WHOLE, LUNGS_BLACK = "whole", "lungs-black"


class Case(StrEnum):
    """What the figures say of the lungs."""

    NO_LUNGS = "no lungs"
    NO_BETTER_THAN_CHANCE = "no better than chance"
    NOT_NEEDED = "not needed"
    NEEDED = "needed"
    PARTLY = "partly"
    OUTSIDE_TOO = "outside too"
    NOT_CLEAR = "not clear"


RULE = tr_lazy(
    "The same folds with whole X-rays and with the lungs black, every interval over patients. Heads "
    "with the settings of the model are trained on each of both, and with the lungs black their outline "
    "stays visible: so this says what can be told without the lungs, not what one trained model "
    "looks at. Chance is the share of the largest class. The model does not need the lungs if its "
    "accuracy with the lungs black lies above chance (the whole 95 % interval), and the 95 % "
    "interval of the paired difference excludes a loss of more than a quarter of what whole X-rays "
    "give above chance. It needs them if the paired difference lies below 0 and the lungs black give "
    "nothing above chance, and it uses them in part if the difference lies below 0 and the lungs "
    "black still give more than chance. In every other case the X-rays are too few to say what the "
    "lungs add. A difference that cannot be seen is not taken for none."
)

_ANOTHER_HOSPITAL = tr_lazy("how it does on X-rays of another hospital")
_THIRD_HOSPITAL = tr_lazy("how it does on X-rays of a third hospital")
_BEYOND = {
    Case.NO_LUNGS: tr_lazy("whether the model uses the lungs, and {other_hospital}"),
    Case.NO_BETTER_THAN_CHANCE: tr_lazy("that nothing can be learned from these X-rays, and {other_hospital}"),
    Case.NOT_NEEDED: tr_lazy(
        "what the model uses instead, that the lungs alone would not be enough, and {other_hospital}"
    ),
    Case.NEEDED: tr_lazy("that what the model uses inside the lungs is the disease, and {other_hospital}"),
    Case.PARTLY: tr_lazy(
        "that what the model uses inside the lungs is the disease, what it uses outside them, and {other_hospital}"
    ),
    Case.OUTSIDE_TOO: tr_lazy("that the model does without the lungs, what it uses outside them, and {other_hospital}"),
    Case.NOT_CLEAR: tr_lazy("that the model needs the lungs, or that it does not, and {other_hospital}"),
}

_SENTENCES = {
    Case.NO_LUNGS: (
        tr_lazy(
            "With whole X-rays the model reaches {whole}. The lungs of too few X-rays are known or found, so "
            "whether it needs them cannot be said."
        )
    ),
    Case.NO_BETTER_THAN_CHANCE: (
        tr_lazy(
            "With whole X-rays the model reaches {whole}, and always answering {largest_class} gives "
            "{chance}: it is not shown to do better than chance."
        )
    ),
    Case.NOT_NEEDED: (
        tr_lazy(
            "With the lungs black the model still reaches {black}: it does not need them. Whole X-rays give "
            "{with_whole}."
        )
    ),
    Case.NEEDED: (
        tr_lazy(
            "With the lungs black the model falls from {with_whole} to {black}, which is not more than "
            "chance ({chance}): it needs them."
        )
    ),
    Case.PARTLY: (
        tr_lazy(
            "With the lungs black the model falls from {with_whole} to {black}: it uses them, and something "
            "else as well."
        )
    ),
    Case.OUTSIDE_TOO: (
        tr_lazy(
            "With the lungs black the model still reaches {black}, with whole X-rays {with_whole}: what lies "
            "outside the lungs tells the classes apart too. These X-rays are too few to say what the lungs "
            "add: the accuracy with the lungs black may be {between}."
        )
    ),
    Case.NOT_CLEAR: (
        tr_lazy(
            "With the lungs black the model reaches {black}, with whole X-rays {with_whole}; the accuracy "
            "with the lungs black may be {between}. These X-rays are too few to say whether it needs them."
        )
    ),
}

_ELSEWHERE = {
    "accuracy": tr_lazy("On X-rays of another hospital it reaches {there}, in this set {here}."),
    "specificity": tr_lazy("On X-rays of another hospital its specificity is {there}, in this set {here}."),
    "sensitivity": tr_lazy("On X-rays of another hospital its sensitivity is {there}, in this set {here}."),
}


def verdict_of(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the verdict from what the parts found (by name); None where the ladder is missing.

    Returns
    -------
    dict with "case" (see ``Case``), "sentence", "rule" and "not_established", or None
    """
    ladder = found.get("ladder") or {}
    whole = rung_of(ladder, WHOLE)
    if whole is None or not _is_known(whole.get("accuracy")):
        return None
    black = rung_of(ladder, LUNGS_BLACK)
    case, elsewhere = _case(ladder, whole, black), _about_elsewhere(found.get("elsewhere") or {})
    beyond = str(_BEYOND[case]).format(other_hospital=_THIRD_HOSPITAL if elsewhere else _ANOTHER_HOSPITAL)
    return {
        "case": str(case),
        "sentence": " ".join([_sentence(case, ladder, whole, black), *elsewhere]),
        "rule": str(RULE),
        "not_established": " ".join(
            [tr("What it does not establish: {beyond}.", beyond=beyond), *_about_lungs(case, ladder)]
        ),
    }


def rung_of(ladder: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return one rung of what the ladder found by its name, None where it has none."""
    return next((rung for rung in ladder.get("rungs") or () if rung.get("name") == name), None)


def _case(ladder: Mapping, whole: Mapping, black: Mapping | None) -> Case:
    chance = ladder["chance"]
    if whole["accuracy"]["low"] <= chance:
        return Case.NO_BETTER_THAN_CHANCE
    if black is None or not _is_known(black.get("accuracy")) or not _is_known(black.get("difference")):
        return Case.NO_LUNGS
    is_above, difference = black["accuracy"]["low"] > chance, black["difference"]
    if difference["high"] < 0:
        return Case.PARTLY if is_above else Case.NEEDED
    # Over the X-rays whose lungs are known, which may be fewer.
    lead = black["accuracy"]["value"] - difference["value"] - chance
    if not is_above:
        return Case.NOT_CLEAR
    return Case.NOT_NEEDED if difference["low"] > -TOLERATED_LOSS * lead else Case.OUTSIDE_TOO


def _sentence(case: Case, ladder: Mapping, whole: Mapping, black: Mapping | None) -> str:
    values = {
        "whole": metric_text(whole["accuracy"]),
        "chance": number_text(ladder["chance"], ".2f"),
        "largest_class": class_name(ladder["largest_class"]),
    }
    if black is not None and case not in (Case.NO_LUNGS, Case.NO_BETTER_THAN_CHANCE):
        accuracy, difference = black["accuracy"], black["difference"]
        values |= {
            "black": metric_text(accuracy),
            "with_whole": _with_whole(whole["accuracy"], accuracy, difference),
            "between": _between(difference),
        }
    return str(_SENTENCES[case]).format(**values)


def _with_whole(whole: Mapping, black: Mapping, difference: Mapping) -> str:
    """What whole X-rays give on the X-rays whose lungs are known; with an interval where these are all."""
    if whole["n"] == black["n"]:
        return metric_text(whole)
    return tr("{value:.2f} on the same X-rays", value=black["value"] - difference["value"])


def _between(difference: Mapping) -> str:
    """From where to where a difference may lie, e.g. "from 0.12 lower to 0.04 higher"."""
    low, high = (
        tr("{by:.2f} lower", by=-end) if end < 0 else tr("{by:.2f} higher", by=end)
        for end in (difference["low"], difference["high"])
    )
    return tr("from {low} to {high}", low=low, high=high)


def _about_elsewhere(elsewhere: Mapping) -> list[str]:
    """How the same settings do on X-rays of another hospital, where that is known."""
    # Of X-rays of one side alone there is no accuracy.
    for name, sentence in _ELSEWHERE.items():
        there, here = ((elsewhere.get(where) or {}).get(name) for where in ("elsewhere", "here"))
        if _is_known(there) and _is_known(here):
            return [str(sentence).format(there=metric_text(there), here=metric_text(here))]
    return []


def _about_lungs(case: Case, ladder: Mapping) -> list[str]:
    """What the lungs are taken from, where it is not the masks of the set."""
    estimated = (ladder.get("lungs") or {}).get("estimated", 0)
    if not estimated or case in (Case.NO_BETTER_THAN_CHANCE, Case.NO_LUNGS):
        return []
    return [
        tr(
            "The lungs of {estimated:,} of {num_films:,} X-rays are estimated.",
            estimated=estimated,
            num_films=ladder["num_films"],
        )
    ]


def _is_known(figure: Mapping | None) -> bool:
    return bool(figure) and figure.get("value") is not None
