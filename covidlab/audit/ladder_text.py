"""What people read of the ladder: a line a rung, what each input is, and how the lungs are known."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.verdict import rung_of
from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, metric_text, pluralize

# What a model sees at each rung, in a sentence.
INPUTS = {
    "one-bit": tr_lazy("Whether the file is stored in colour or in grey, and nothing else."),
    "header": tr_lazy(
        "What the file says before its pixels: size, format, colour or grey, JPEG settings, bytes a pixel."
    ),
    "thumbnail": tr_lazy("The X-ray as 256 grey values."),
    "outline-only": tr_lazy("The outline of the lungs as a white line on black."),
    "margins-only": tr_lazy("What lies outside the box around the lungs; all else is black."),
    "lungs-only": tr_lazy("The lungs; all else is black."),
    "lungs-black": tr_lazy("The X-ray with the lungs black; their outline stays visible."),
    "markers-removed": tr_lazy("The X-ray with letters and marks filled in from around them."),
    "whole": tr_lazy("The X-ray, unchanged."),
    "model": tr_lazy("The X-ray; the model learns from turned copies of it as well."),
}
# Told by a plain logistic regression; all other rungs by VGG16 and a head with the settings of the model.
BY_REGRESSION = ("one-bit", "header", "thumbnail")

TYPICAL = tr_lazy(
    "The X-ray shown first is the one in the middle of its class by its probability with the lungs black."
)
_FIRST = {
    "whole": tr_lazy("whole X-rays {figure}"),
    "lungs-black": tr_lazy("with the lungs black {figure}"),
    "one-bit": tr_lazy("by one bit of the file, colour or grey, {figure}"),
}


def sentences(found: Mapping[str, Any]) -> list[str]:
    """Return what the ladder found, a sentence a rung, the least input first."""
    return [*(rung_sentence(rung) for rung in found["rungs"]), how_measured(found), *lungs_sentences(found)]


def rung_title(rung: Mapping[str, Any]) -> str:
    """Return what a rung is called, in the language of now; stored in English."""
    return tr(rung["title"])


def rung_sentence(rung: Mapping[str, Any]) -> str:
    """Return e.g. "Lungs black: accuracy 0.94 (95 % interval 0.84 to 0.98, n = 50), AUC 0.98 (0.94 to 1.00)."."""
    title, accuracy, auc = rung_title(rung), rung["accuracy"], rung["auc"]
    if accuracy["value"] is None:
        return tr("{upper}{title}: no X-ray to compute it on.", upper=title[0].upper(), title=title[1:])
    area = (
        ""
        if auc["value"] is None
        else tr(", AUC {value:.2f} ({low:.2f} to {high:.2f})", value=auc["value"], low=auc["low"], high=auc["high"])
    )
    return tr(
        "{upper}{title}: accuracy {figure_text}{area}.",
        upper=title[0].upper(),
        title=title[1:],
        figure_text=metric_text(accuracy),
        area=area,
    )


def how_measured(found: Mapping[str, Any]) -> str:
    """Return how all rungs were measured, and what chance gives."""
    patients = found.get("num_patients")
    whose = tr(" of {patients}", patients=pluralize(patients, "patient")) if patients else ""
    over = tr("patients") if patients else tr("X-rays (patients are not known)")
    return tr(
        "All on the same {num_folds} folds, {repeats}, of {x_rays}{whose}; intervals over {over}. Always "
        "answering {class_name} gives {chance:.2f}.",
        num_folds=found["num_folds"],
        repeats=pluralize(found["num_repeats"], "repeat"),
        x_rays=pluralize(found["num_films"], "X-ray"),
        whose=whose,
        over=over,
        class_name=class_name(found["largest_class"]),
        chance=found["chance"],
    )


def first_sentence(found: Mapping[str, Any]) -> str:
    """Return what the first screen shows over all X-rays: with the lungs black, of whole X-rays, by one bit of the file."""
    said = []
    for name, words in _FIRST.items():
        rung = rung_of(found, name)
        if rung is not None and rung["accuracy"]["value"] is not None:
            said.append(str(words).format(figure=metric_text(rung["accuracy"])))
    return tr("Of all X-rays these models call right: {said}.", said=", ".join(said)) if said else ""


def typical_xray(found: Mapping[str, Any]) -> int | None:
    """Return the place of the X-ray that is shown first: see ``TYPICAL``; None where no X-ray of the class has been followed."""
    rung = rung_of(found, "lungs-black") or rung_of(found, "whole")
    positive = found["classes"].index(found["positive_class"])
    known = sorted(
        (rung["probabilities"][film], film)
        for film in found["epochs"]["xrays"]
        if found["labels"][film] == positive and rung["probabilities"][film] is not None
    )
    return known[(len(known) - 1) // 2][1] if known else None


def lungs_sentences(found: Mapping[str, Any]) -> list[str]:
    """Return how many lungs are estimated or missing; empty where the set has masks of all."""
    lungs, lines = found["lungs"], []
    if lungs["estimated"]:
        lines.append(
            tr(
                "The lungs of {x_rays} are estimated; the set has no mask of them.",
                x_rays=pluralize(lungs["estimated"], "X-ray"),
            )
        )
    if lungs["missing"]:
        lines.append(
            tr(
                "No lungs were found in {x_rays}; where lungs are needed, these are left out.",
                x_rays=pluralize(lungs["missing"], "X-ray"),
            )
        )
    return lines
