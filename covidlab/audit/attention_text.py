"""What heat against lungs says, in sentences."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.exam_text import percent_text
from covidlab.prediction.explanation import METHOD_NAMES, Method

Found = Mapping[str, Any]

# From this rank correlation on with maps of heads that learned nothing, most of a map does not depend on learning.
HARDLY_DEPENDS = 0.5
WHOSE_HEADS = (
    "The maps are those of heads that cross-validation trained with the settings of the model, each of X-rays it has not seen, for "
    "the class that the heads call."
)
CITATION = "Sanity check: J. Adebayo et al., Sanity checks for saliency maps (2018), arXiv 1810.03292."


def sentences(found: Found) -> list[str]:
    """Return where the heat lies, whether it depends on what was learned, and how it does on phantoms."""
    return [
        *(describe_lungs(found, method) for method in methods(found)),
        *(said for method in methods(found) if (said := describe_randomisation(found, method))),
        *(said for method in methods(found) if (said := describe_phantoms(found, method))),
        WHOSE_HEADS,
    ]


def methods(found: Found) -> list[Method]:
    """Return the methods that maps were made with."""
    return [method for method in Method if str(method) in found.get("methods", {})]


def describe_lungs(found: Found, method: Method) -> str:
    """Return in a sentence how much of the heat lies inside the lungs, over chance."""
    figures, name = found["methods"][str(method)], METHOD_NAMES[method]
    if figures["ratio"]["value"] is None:
        return f"{name}: too few maps to say where the heat lies."
    share, chance = (100 * figures[each]["value"] for each in ("share", "chance"))
    return (
        f"{name}: {share:.0f} % of the heat lies inside the lungs, by chance it would be {chance:.0f} %; the ratio is "
        f"{value_text(figures['ratio'])}. {_against_one(figures['ratio'])}"
    )


def describe_randomisation(found: Found, method: Method) -> str:
    """Return in a sentence whether a map depends on what was learned, "" where it was not found out."""
    figures = found.get("randomisation", {}).get(str(method), {})
    random = figures.get("random")
    if not random or random["value"] is None:
        return ""
    repeats = figures.get("repeats")
    between = (
        f" Two trained heads agree with {repeats['value']:.2f}." if repeats and repeats["value"] is not None else ""
    )
    return (
        f"{METHOD_NAMES[method]}: the maps of trained heads and of heads with random weights have a rank correlation of "
        f"{value_text(random)}.{between} {_dependence(random)}"
    )


def _dependence(random: Found) -> str:
    """What follows from the rank correlation with maps of random weights, where its whole interval says it."""
    if random["low"] >= HARDLY_DEPENDS:
        return "Most of this map does not depend on what was learned."
    if random["high"] < HARDLY_DEPENDS:
        return "This map depends on what was learned."
    return f"Whether most of this map depends on what was learned cannot be told: {HARDLY_DEPENDS} lies within the interval."


def describe_phantoms(found: Found, method: Method) -> str:
    """Return in a sentence how often a map points at an opacity of a phantom, "" where that was not found out."""
    figures = found.get("phantoms", {}).get("methods", {}).get(str(method))
    if not figures or figures["points"]["value"] is None:
        return ""
    overlap = figures["overlap"]["value"]
    also = (
        f" The brightest tenth and the opacities share {overlap:.2f} of their union, {figures['chance_overlap']['value']:.2f} by chance."
        if overlap is not None
        else ""
    )
    return (
        f"{METHOD_NAMES[method]}, phantoms: the brightest cell lies on an opacity on {percent_text(figures['points'])}, "
        f"by chance on {100 * figures['chance_points']:.0f} %.{also}"
    )


def value_text(figure: Found) -> str:
    """Return "1.16 (95 % interval 1.06 to 1.26, n = 50 X-rays of 37 patients)"."""
    # Adding 0 turns a rounded -0.00 into 0.00.
    value, low, high = (f"{round(figure[end], 2) + 0.0:.2f}" for end in ("value", "low", "high"))
    return f"{value} (95 % interval {low} to {high}, n = {figure['n']} X-rays of {figure['num_patients']} patients)"


def _against_one(ratio: Found) -> str:
    if ratio["low"] > 1:
        return "That is more than chance."
    if ratio["high"] < 1:
        return "That is less than chance."
    return "That cannot be told from chance."
