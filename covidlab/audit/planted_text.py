"""What the lab of planted shortcuts says, in sentences, and its lesson of five steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from covidlab.audit.exam_text import percent_text
from covidlab.audit.planted_options import AS_LEARNED, CONDITIONS, REMOVED, SHORTCUTS, SWAPPED, PlantedOptions
from covidlab.language import tr, tr_lazy
from covidlab.text import metric_text

Found = Mapping[str, Any]

CHANCE = 0.5
CITATION = tr_lazy("R. Geirhos et al., Shortcut learning in deep neural networks (2020), arXiv 2004.07780.")
NO_PLACE = tr_lazy("A brighter X-ray has no place that a map could point at.")


@dataclass(frozen=True)
class Step:
    """One step of the lesson: what to do, what to look at, and the settings that go with it."""

    do: str
    look: str
    options: PlantedOptions


STEPS = (
    Step(
        tr_lazy("Train on phantoms with clear opacities and a letter that says nothing: strength 0."),
        tr_lazy("Do the three accuracies agree, and does more of the heat lie inside the lungs than by chance?"),
        PlantedOptions(strength=0.0, contrast=0.5),
    ),
    Step(
        tr_lazy("Now put the letter on all phantoms with opacities and on no other: strength 1."),
        tr_lazy("How much does the accuracy rise with the mark, and what happens where the mark is swapped?"),
        PlantedOptions(strength=1.0, contrast=0.5),
    ),
    Step(
        tr_lazy("Make the opacities faint, so that the letter is the easier sign."),
        tr_lazy("Does the score fall to chance without the mark, and does the heat leave the lungs?"),
        PlantedOptions(strength=1.0, contrast=0.3),
    ),
    Step(
        tr_lazy("Weaken the letter: strength 0.6, so that it is right on 80 % of phantoms."),
        tr_lazy("Is the accuracy still lowest where the mark is swapped, though the mark is often wrong?"),
        PlantedOptions(strength=0.6, contrast=0.3),
    ),
    Step(
        tr_lazy("Plant a brighter X-ray in place of the letter."),
        tr_lazy(
            "Does the score fall again without the mark? No map can point at brightness, so heat inside the "
            "lungs proves nothing."
        ),
        PlantedOptions(shortcut="brightness", strength=1.0, contrast=0.3),
    ),
)


def sentences(found: Found) -> list[str]:
    """Return the settings, the accuracies, what follows, and where the maps lie."""
    return [describe_settings(found), describe_accuracy(found), verdict(found), *describe_maps(found)]


def describe_settings(found: Found) -> str:
    """Return in a sentence what the heads learned from."""
    options = PlantedOptions.from_dict(found["options"])
    return tr(
        "{num_heads} heads learned from {num} phantoms with {shortcuts} of strength {strength:.1f} and "
        "opacities of contrast {contrast:.1f}; they read {num_held_out} others.",
        num_heads=found["num_heads"],
        num=options.num,
        shortcuts=SHORTCUTS[options.shortcut],
        strength=options.strength,
        contrast=options.contrast,
        num_held_out=found["num_held_out"],
    )


def describe_accuracy(found: Found) -> str:
    """Return the three accuracies with intervals as one sentence."""
    parts = (f"{name} {percent_text(found['accuracy'][condition])}" for condition, name in CONDITIONS.items())
    return tr("Accuracy: {parts}.", parts="; ".join(parts))


def verdict(found: Found) -> str:
    """Return what follows from the accuracies, by the intervals."""
    learned, removed, swapped = (found["accuracy"][condition] for condition in (AS_LEARNED, REMOVED, SWAPPED))
    if learned["low"] <= CHANCE:
        return tr("Even with the mark the heads are not shown to do better than chance.")
    if removed["low"] <= CHANCE:
        below = (
            tr(" With the mark swapped they are worse than chance: they read the mark.")
            if swapped["high"] < CHANCE
            else ""
        )
        return tr("Without the mark the heads are not shown to do better than chance.{below}", below=below)
    if removed["high"] < learned["low"]:
        return tr("The heads lose accuracy without the mark: they use it, and something else too.")
    return tr("No loss of accuracy without the mark can be seen with so few phantoms.")


def describe_maps(found: Found) -> list[str]:
    """Return where the Grad-CAM maps of phantoms with opacities lie."""
    ratios = {condition: found["lungs"][condition]["grad-cam"] for condition in CONDITIONS}
    said = [
        tr(
            "Heat inside the lungs over chance (Grad-CAM, phantoms with opacities): {ratio_text} with the "
            "mark as learned, {ratio_text_2} without it.",
            ratio_text=ratio_text(ratios[AS_LEARNED]),
            ratio_text_2=ratio_text(ratios[REMOVED]),
        )
    ]
    points = found["points"]["grad-cam"]
    said.append(
        str(NO_PLACE)
        if points is None
        else tr("The brightest cell lies on the mark on {percent_text}.", percent_text=percent_text(points))
    )
    return said


def ratio_text(ratio: Found) -> str:
    """Return "0.57 (95 % interval 0.41 to 0.73, n = 20)"."""
    if ratio["value"] is None:
        return tr("not defined")
    return metric_text(ratio)
