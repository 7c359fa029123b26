"""What the examination of maps says, in sentences; pages and the command line use them."""

from collections.abc import Mapping
from typing import Any

from covidlab.language import tr, tr_lazy
from covidlab.prediction.explanation import METHOD_NAMES, Method

RULE = tr_lazy(
    "A method passes where the limits of both 95 % intervals keep the rule: it points at the tag on "
    "more than half of the phantoms on which the model uses the tag, and on fewer than a fifth of "
    "those on which the model does not."
)
HOW_KNOWN = tr_lazy(
    "Whether a model uses the tag is known without a map: each phantom is read with the tag and "
    "without it. The model uses the tag where that lowers the log odds by 1 or more."
)

_PASSED = tr_lazy(
    "{name} passed the examination on phantoms: it points at a planted tag on {percent_text} "
    "where the model uses the tag, and on {percent_text_2} where the model does not."
)
_FAILED = tr_lazy(
    "{name} did not pass the examination on phantoms: it points at a planted tag on {percent_text} "
    "where the model uses the tag, and on {percent_text_2} where the model does not."
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
    name = str(METHOD_NAMES[Method(method)])
    figures = (found or {}).get("methods", {}).get(str(method))
    if not figures:
        return tr("{name} was not examined on phantoms with a planted tag.", name=name)
    sentence = _PASSED if figures["passed"] else _FAILED
    return str(sentence).format(
        name=name,
        percent_text=percent_text(figures["power"]),
        percent_text_2=percent_text(figures["wrong"]),
    )


def describe_near(found: Mapping[str, Any]) -> str:
    """Return how often the brightest cell lies on the tag or beside it, which a person who looks may take for pointing at it."""
    parts = (
        tr(
            "{method_names} on {percent_text}",
            method_names=str(METHOD_NAMES[Method(name)]),
            percent_text=percent_text(figures["near"]),
        )
        for name, figures in found.get("methods", {}).items()
        if figures.get("near")
    )
    return tr(
        "On the tag's cell or one of the three beside it: {parts}. By chance it would be 4 cells of 49.",
        parts="; ".join(parts),
    )


def percent_text(figure: Mapping[str, Any]) -> str:
    """Return a share as people read it, e.g. "61 % (95 % interval 49 to 73 %, n = 60 phantoms)"."""
    if figure.get("value") is None:
        return tr("no share (n = 0 phantoms)")
    value, low, high = (100 * figure[end] for end in ("value", "low", "high"))
    return tr(
        "{value:.0f} % (95 % interval {low:.0f} to {high:.0f} %, n = {n} phantoms)",
        value=value,
        low=low,
        high=high,
        n=figure["n"],
    )


def level_name(share: float | str) -> str:
    """Return on which phantoms the tag was while a model learned, short."""
    if isinstance(share, str):
        return tr("on half, whatever the class")
    return tr("on none") if share == 0 else tr("on {value:.0f} % of a class", value=100 * share)


def level_sentences(found: Mapping[str, Any]) -> list[str]:
    """Return for each share of the tag what the model does with it, known without maps."""
    return [
        tr(
            "Tag {level_name}: the tag adds {value:.1f} to the log odds (95 % interval {low:.1f} to "
            "{high:.1f}, n = {n} phantoms); the model uses it on {value_2:.0f} % of readings.",
            level_name=level_name(level["share"]),
            value=level["change"]["value"],
            low=level["change"]["low"],
            high=level["change"]["high"],
            n=level["change"]["n"],
            value_2=100 * level["used"]["value"],
        )
        for level in found.get("levels", [])
    ]
