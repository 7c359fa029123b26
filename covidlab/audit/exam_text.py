"""What the examination of maps says, in sentences; pages and the command line use them."""

from collections.abc import Mapping
from typing import Any

from covidlab.prediction.explanation import METHOD_NAMES, Method

NOT_EXAMINED = "was not examined on phantoms with a planted tag"
RULE = (
    "A method passes where the limits of both 95 % intervals keep the rule: it points at the tag on more than half of the phantoms "
    "on which the model uses the tag, and on fewer than a fifth of those on which the model does not."
)
HOW_KNOWN = (
    "Whether a model uses the tag is known without a map: each phantom is read with the tag and without it. "
    "The model uses the tag where that lowers the log odds by 1 or more."
)


def sentences(found: Mapping[str, Any]) -> list[str]:
    """Return how each method does, the rule, and how it is known that a model uses the tag."""
    lines = [method_warning(found, method) for method in Method if str(method) in found.get("methods", {})]
    return [*lines, describe_near(found), RULE, HOW_KNOWN]


def method_warning(found: Mapping[str, Any] | None, method: Method | str) -> str:
    """Return in a sentence how a method did in the examination, to be shown wherever its maps are.

    Parameters
    ----------
    found : what ``exam.compute`` returned; None where no examination was done
    """
    name = METHOD_NAMES[Method(method)]
    figures = (found or {}).get("methods", {}).get(str(method))
    if not figures:
        return f"{name} {NOT_EXAMINED}."
    verdict = "passed" if figures["passed"] else "did not pass"
    return (
        f"{name} {verdict} the examination on phantoms: it points at a planted tag on {percent_text(figures['power'])} "
        f"where the model uses the tag, and on {percent_text(figures['wrong'])} where the model does not."
    )


def describe_near(found: Mapping[str, Any]) -> str:
    """Return how often the brightest cell lies on the tag or beside it, which a person who looks may take for pointing at it."""
    parts = (
        f"{METHOD_NAMES[Method(name)]} on {percent_text(figures['near'])}"
        for name, figures in found.get("methods", {}).items()
        if figures.get("near")
    )
    return f"On the tag's cell or one of the three beside it: {'; '.join(parts)}. By chance it would be 4 cells of 49."


def is_failed(found: Mapping[str, Any] | None, method: Method | str) -> bool:
    """Whether a method was examined and did not pass."""
    figures = (found or {}).get("methods", {}).get(str(method))
    return bool(figures) and not figures["passed"]


def percent_text(figure: Mapping[str, Any]) -> str:
    """Return a share as people read it, e.g. "61 % (95 % interval 49 to 73 %, n = 60 phantoms)"."""
    if figure.get("value") is None:
        return "no share (n = 0 phantoms)"
    value, low, high = (f"{100 * figure[end]:.0f}" for end in ("value", "low", "high"))
    return f"{value} % (95 % interval {low} to {high} %, n = {figure['n']} phantoms)"


def level_name(share: float | str) -> str:
    """Return on which phantoms the tag was while a model learned, short."""
    if isinstance(share, str):
        return "on half, whatever the class"
    return "on none" if share == 0 else f"on {100 * share:.0f} % of a class"


def level_sentences(found: Mapping[str, Any]) -> list[str]:
    """Return for each share of the tag what the model does with it, known without maps."""
    return [
        f"Tag {level_name(level['share'])}: the tag adds {level['change']['value']:.1f} to the log odds "
        f"(95 % interval {level['change']['low']:.1f} to {level['change']['high']:.1f}, n = {level['change']['n']} phantoms); "
        f"the model uses it on {100 * level['used']['value']:.0f} % of readings."
        for level in found.get("levels", [])
    ]
