"""What heat against lungs says, in sentences."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.exam_text import percent_text
from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.explanation import METHOD_NAMES, Method

Found = Mapping[str, Any]

# From this rank correlation on with maps of heads that learned nothing, most of a map does not depend on learning.
HARDLY_DEPENDS = 0.5
WHOSE_HEADS = tr_lazy(
    "The maps are those of heads that cross-validation trained with the settings of the model, each "
    "of X-rays it has not seen, for the class that the heads call."
)
CITATION = tr_lazy("Sanity check: J. Adebayo et al., Sanity checks for saliency maps (2018), arXiv 1810.03292.")


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
        return tr("{name}: too few maps to say where the heat lies.", name=name)
    share, chance = (100 * figures[each]["value"] for each in ("share", "chance"))
    return tr(
        "{name}: {share:.0f} % of the heat lies inside the lungs, by chance it would be {chance:.0f} %; "
        "the ratio is {value_text}. {against_one}",
        name=name,
        share=share,
        chance=chance,
        value_text=value_text(figures["ratio"]),
        against_one=_against_one(figures["ratio"]),
    )


def describe_randomisation(found: Found, method: Method) -> str:
    """Return in a sentence whether a map depends on what was learned, "" where it was not found out."""
    figures = found.get("randomisation", {}).get(str(method), {})
    random = figures.get("random")
    if not random or random["value"] is None:
        return ""
    repeats = figures.get("repeats")
    between = (
        tr(" Two trained heads agree with {value:.2f}.", value=repeats["value"])
        if repeats and repeats["value"] is not None
        else ""
    )
    return tr(
        "{method_names}: the maps of trained heads and of heads with random weights have a rank "
        "correlation of {value_text}.{between} {dependence}",
        method_names=METHOD_NAMES[method],
        value_text=value_text(random),
        between=between,
        dependence=_dependence(random),
    )


def _dependence(random: Found) -> str:
    """What follows from the rank correlation with maps of random weights, where its whole interval says it."""
    if random["low"] >= HARDLY_DEPENDS:
        return tr("Most of this map does not depend on what was learned.")
    if random["high"] < HARDLY_DEPENDS:
        return tr("This map depends on what was learned.")
    return tr(
        "Whether most of this map depends on what was learned cannot be told: {hardly_depends} lies "
        "within the interval.",
        hardly_depends=HARDLY_DEPENDS,
    )


def describe_phantoms(found: Found, method: Method) -> str:
    """Return in a sentence how often a map points at an opacity of a phantom, "" where that was not found out."""
    figures = found.get("phantoms", {}).get("methods", {}).get(str(method))
    if not figures or figures["points"]["value"] is None:
        return ""
    overlap = figures["overlap"]["value"]
    also = (
        tr(
            " The brightest tenth and the opacities share {overlap:.2f} of their union, {value:.2f} by chance.",
            overlap=overlap,
            value=figures["chance_overlap"]["value"],
        )
        if overlap is not None
        else ""
    )
    return tr(
        "{method_names}, phantoms: the brightest cell lies on an opacity on {percent_text}, by chance on "
        "{value:.0f} %.{also}",
        method_names=METHOD_NAMES[method],
        percent_text=percent_text(figures["points"]),
        value=100 * figures["chance_points"],
        also=also,
    )


def value_text(figure: Found) -> str:
    """Return "1.16 (95 % interval 1.06 to 1.26, n = 50 X-rays of 37 patients)"."""
    # Adding 0 turns a rounded -0.00 into 0.00.
    value, low, high = (number_text(round(figure[end], 2) + 0.0, ".2f") for end in ("value", "low", "high"))
    return tr(
        "{value} (95 % interval {low} to {high}, n = {n} X-rays of {num_patients} patients)",
        value=value,
        low=low,
        high=high,
        n=figure["n"],
        num_patients=figure["num_patients"],
    )


def _against_one(ratio: Found) -> str:
    if ratio["low"] > 1:
        return tr("That is more than chance.")
    if ratio["high"] < 1:
        return tr("That is less than chance.")
    return tr("That cannot be told from chance.")
