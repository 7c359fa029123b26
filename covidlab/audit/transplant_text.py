"""What the lung transplant found, in plain sentences; read by pages and the command line."""

import math
from collections.abc import Mapping
from typing import Any

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, listed, pluralize

Found = Mapping[str, Any]

# Of a smaller difference of one pair, in logits, shares say nothing.
_SMALLEST_GAP = 1.0
_LARGEST_LOGIT = 700.0

METHOD = tr_lazy(
    "The lungs of one X-ray are stretched until they fill the lungs of another, and their edge fades "
    "into it. The frame is all of the X-ray outside the lungs, with the outline of the lungs and the "
    "exposure: the tissue around the lungs is made equally bright. Opacities and vessels go with the "
    "lungs. Heads that learned from neither patient read all four pictures. The shares are of what "
    "parts the two X-rays of a pair, on the scale of the logit, averaged over exchanging the frame "
    "first and the lungs first."
)
NOT_APART = tr_lazy(
    "On X-rays that it has not seen the model does not part these classes on the scale of the logit, "
    "so there is nothing to share out."
)


def sentences(found: Found) -> list[str]:
    """Return the shares, which of the two counts more, and what the controls say."""
    if not is_apart(found):
        return [str(NOT_APART)]
    said = [f"{describe_shares(found)} {describe_winner(found)}", describe_same_class(found), describe_put_back(found)]
    if estimated := found["num_estimated"]:
        said.append(
            tr(
                "The lungs of {estimated:,} of {x_rays} are an estimate.",
                estimated=estimated,
                x_rays=pluralize(found["num_films"], "X-ray"),
            )
        )
    return said if found["patients_known"] else [*said, str(INTERVALS_WITHOUT_PATIENTS)]


def is_apart(found: Found) -> bool:
    """Whether the model parts the classes, so that there is something to share out."""
    return found["frame"]["value"] is not None and found["gap"]["low"] > 0


def describe_shares(found: Found) -> str:
    """Return both shares with their intervals."""
    frame, lungs = found["frame"], found["lungs"]
    names = class_names(found)
    return tr(
        "Of what parts {positive} from {others} in the logit, {percent} goes with the frame "
        "({interval_text}) and {percent_2} with the lungs ({range}), n = {pairs} of {patients}.",
        positive=names["positive"],
        others=names["others"],
        percent=_percent(frame),
        interval_text=interval_text(frame),
        percent_2=_percent(lungs),
        range=_range(lungs),
        pairs=pluralize(frame["n"], "pair"),
        patients=_patients(found, frame),
    )


def describe_winner(found: Found) -> str:
    """Return which of the two counts more, where the interval tells."""
    frame = found["frame"]
    if frame["low"] > 0.5:
        return tr("The frame counts more than the lungs.")
    if frame["high"] < 0.5:
        return tr("The lungs count more than the frame.")
    return tr("Which of the two counts more cannot be told: one half lies within the interval.")


def describe_same_class(found: Found) -> str:
    """Return what the lungs of another patient of the same class change, and what of the share of the lungs is owed to it."""
    said = _moved(found, "same_class", tr("Control: lungs of another patient of the same class move the logit by"))
    # Towards the other class, on the mean of both sides: so much would the share of the lungs be, were the class no matter.
    owed = (found["same_class"]["others"]["value"] - found["same_class"]["positive"]["value"]) / 2
    points = f"{abs(100 * owed):.0f}"
    if points == "0":
        return said
    if owed > 0:
        return tr("{said} So the share of the lungs may be {points} points too high.", said=said, points=points)
    return tr("{said} So the share of the lungs may be {points} points too low.", said=said, points=points)


def describe_put_back(found: Found) -> str:
    """Return what an X-ray's own lungs change, once they were in another frame."""
    return _moved(
        found, "put_back", tr("Control: its own lungs, stretched into another frame and put back, move it by")
    )


def class_names(found: Found) -> dict[str, str]:
    """Return what both sides are called: "positive" and "others"."""
    classes = found["classes"]
    others = [name for name in classes if name != found["positive_class"]]
    return {
        "positive": class_name(found["positive_class"]),
        "others": class_name(others[0]) if len(others) == 1 else tr("the other classes"),
    }


def interval_text(one: Mapping[str, Any]) -> str:
    """Return "95 % interval 62 to 81"."""
    return tr("95 % interval {range}", range=_range(one))


def _moved(found: Found, name: str, begin: str) -> str:
    names = class_names(found)
    parts = [
        tr(
            "{signed_percent} of this difference in {names} ({range}; {patients})",
            signed_percent=signed_percent(one["value"]),
            names=names[side],
            range=_range(one),
            patients=_patients(found, one),
        )
        for side, one in found[name].items()
    ]
    return f"{begin} {listed(parts)}."


def _patients(found: Found, one: Mapping[str, Any]) -> str:
    return pluralize(one["num_patients"], "patient" if found["patients_known"] else "X-ray")


def signed_percent(share: float) -> str:
    """Return "+3 %" or "−8 %"."""
    return f"{100 * share:+.0f} %".replace("-", "−")


def _percent(one: Mapping[str, Any]) -> str:
    return f"{100 * one['value']:.0f} %".replace("-", "−")


def _range(one: Mapping[str, Any]) -> str:
    return tr("{low:.0f} to {high:.0f}", low=100 * one["low"], high=100 * one["high"]).replace("-", "−")


def describe_guess(found: Found, guess: float) -> str:
    """Return a guess of the share of the frame beside what was measured."""
    frame = found["frame"]
    is_inside = frame["low"] <= guess <= frame["high"]
    verdict = tr("The guess lies within the interval.") if is_inside else tr("The guess lies outside the interval.")
    return tr(
        "Guessed: {value:.0f} % with the frame. Measured: {percent} ({range}). {verdict}",
        value=100 * guess,
        percent=_percent(frame),
        range=_range(frame),
        verdict=verdict,
    )


def describe_pair(found: Found, pair: Mapping[str, float]) -> str:
    """Return the shares of one pair of both classes, or what the exchange does within one class."""
    gap = pair["whole_a"] - pair["whole_b"]
    if pair not in found["pairs"]:
        moved = [pair[f"frame_{side}"] - pair[f"whole_{side}"] for side in "ab"]
        return tr(
            "A control: both are of one class. The lungs of B move A by {logits}, those of A move B by "
            "{logits_2}; between the classes lie {logits_3} on average.",
            logits=_logits(moved[0]),
            logits_2=_logits(moved[1]),
            logits_3=_logits(found["gap"]["value"]),
        )
    if gap < _SMALLEST_GAP:
        return tr("In this pair A lies {logits} from B: too little to share out.", logits=_logits(gap))
    frame = ((pair["frame_a"] - pair["whole_b"]) + (pair["whole_a"] - pair["frame_b"])) / 2 / gap
    return tr(
        "In this pair, of {gap:.1f} logits between A and B, {percent} goes with the frame and "
        "{percent_2} with the lungs. One pair proves nothing; the bar above is of all pairs.",
        gap=gap,
        percent=_percent({"value": frame}),
        percent_2=_percent({"value": 1 - frame}),
    )


def probability_of(logit: float) -> float:
    """Return the probability that a logit stands for."""
    return 1 / (1 + math.exp(-logit)) if logit > -_LARGEST_LOGIT else 0.0


def _logits(value: float) -> str:
    return tr("{value:+.1f} logits", value=value).replace("-", "−")
