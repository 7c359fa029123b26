"""What the lung transplant found, in plain sentences; read by pages and the command line."""

from collections.abc import Mapping
from typing import Any

from covidlab.text import class_name, pluralize

Found = Mapping[str, Any]

METHOD = (
    "The lungs of one X-ray are stretched until they fill the lungs of another, and their edge fades into it. The frame is all of the "
    "X-ray outside the lungs, with the outline of the lungs and the exposure: the tissue around the lungs is made equally bright. "
    "Opacities and vessels go with the lungs. Heads that learned from neither patient read all four pictures. The shares are of "
    "what parts the two X-rays of a pair, on the scale of the logit, averaged over exchanging the frame first and the lungs first."
)
NOT_APART = "On X-rays that it has not seen the model does not part these classes on the scale of the logit, so there is nothing to share out."


def sentences(found: Found) -> list[str]:
    """Return the shares, which of the two counts more, and what the controls say."""
    if not is_apart(found):
        return [NOT_APART]
    said = [describe_shares(found), describe_winner(found), describe_same_class(found), describe_put_back(found)]
    if estimated := found["num_estimated"]:
        said.append(f"The lungs of {estimated:,} of {pluralize(found['num_films'], 'X-ray')} are an estimate.")
    return said


def is_apart(found: Found) -> bool:
    """Whether the model parts the classes, so that there is something to share out."""
    return found["frame"]["value"] is not None and found["gap"]["low"] > 0


def describe_shares(found: Found) -> str:
    """Return both shares with their intervals."""
    frame, lungs = found["frame"], found["lungs"]
    names = class_names(found)
    return (
        f"Of what parts {names['positive']} from {names['others']} in the logit, {_percent(frame)} goes with the frame "
        f"({interval_text(frame)}) and {_percent(lungs)} with the lungs ({_range(lungs)}), n = {pluralize(frame['n'], 'pair')} of "
        f"{pluralize(frame['num_patients'], 'patient')}."
    )


def describe_winner(found: Found) -> str:
    """Return which of the two counts more, where the interval tells."""
    frame = found["frame"]
    if frame["low"] > 0.5:
        return "The frame counts more than the lungs."
    if frame["high"] < 0.5:
        return "The lungs count more than the frame."
    return "Which of the two counts more cannot be told: one half lies within the interval."


def describe_same_class(found: Found) -> str:
    """Return what the lungs of another patient of the same class change."""
    return _moved(found, "same_class", "Control: lungs of another patient of the same class move the logit by")


def describe_put_back(found: Found) -> str:
    """Return what an X-ray's own lungs change, once they were in another frame."""
    return _moved(found, "put_back", "Control: its own lungs, stretched into another frame and put back, move it by")


def class_names(found: Found) -> dict[str, str]:
    """Return what both sides are called: "positive" and "others"."""
    classes = found["classes"]
    others = [name for name in classes if name != found["positive_class"]]
    return {
        "positive": class_name(found["positive_class"]),
        "others": class_name(others[0]) if len(others) == 1 else "the other classes",
    }


def interval_text(one: Mapping[str, Any]) -> str:
    """Return "95 % interval 62 to 81"."""
    return f"95 % interval {_range(one)}"


def _moved(found: Found, name: str, begin: str) -> str:
    names = class_names(found)
    parts = [
        f"{signed_percent(one['value'])} of that in {names[side]} ({_range(one)}; {pluralize(one['num_patients'], 'patient')})"
        for side, one in found[name].items()
    ]
    return f"{begin} {' and '.join(parts)}."


def signed_percent(share: float) -> str:
    """Return "+3 %" or "−8 %"."""
    return f"{100 * share:+.0f} %".replace("-", "−")


def _percent(one: Mapping[str, Any]) -> str:
    return f"{100 * one['value']:.0f} %".replace("-", "−")


def _range(one: Mapping[str, Any]) -> str:
    return f"{100 * one['low']:.0f} to {100 * one['high']:.0f}".replace("-", "−")
