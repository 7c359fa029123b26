"""What people read of the ladder: a line a rung, what each input is, and how the lungs are known."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.verdict import figure_text, rung_of
from covidlab.text import class_name, pluralize

# What a model sees at each rung, in a sentence.
INPUTS = {
    "one-bit": "Whether the file is stored in colour or in grey, and nothing else.",
    "header": "What the file says before its pixels: size, format, colour or grey, JPEG settings, bytes a pixel.",
    "thumbnail": "The X-ray as 256 grey values.",
    "outline-only": "The outline of the lungs as a white line on black.",
    "margins-only": "What lies outside the box around the lungs; all else is black.",
    "lungs-only": "The lungs; all else is black.",
    "lungs-black": "The X-ray with the lungs black; their outline stays visible.",
    "markers-removed": "The X-ray with letters and marks filled in from around them.",
    "whole": "The X-ray, unchanged.",
    "model": "The X-ray; the model learns from turned copies of it as well.",
}
# Told by a plain logistic regression; all other rungs by VGG16 and a head with the settings of the model.
BY_REGRESSION = ("one-bit", "header", "thumbnail")

TYPICAL = "The X-ray shown first is the one in the middle of its class by its probability with the lungs black."
_FIRST = {
    "whole": "whole X-rays {}",
    "lungs-black": "with the lungs black {}",
    "one-bit": "by one bit of the file, colour or grey, {}",
}


def sentences(found: Mapping[str, Any]) -> list[str]:
    """Return what the ladder found, a sentence a rung, the least input first."""
    return [*(rung_sentence(rung) for rung in found["rungs"]), how_measured(found), *lungs_sentences(found)]


def rung_sentence(rung: Mapping[str, Any]) -> str:
    """Return e.g. "Lungs black: accuracy 0.94 (95 % interval 0.84 to 0.98, n = 50), AUC 0.98 (0.94 to 1.00)."."""
    title, accuracy, auc = rung["title"], rung["accuracy"], rung["auc"]
    if accuracy["value"] is None:
        return f"{title[0].upper()}{title[1:]}: no X-ray to compute it on."
    area = "" if auc["value"] is None else f", AUC {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})"
    return f"{title[0].upper()}{title[1:]}: accuracy {figure_text(accuracy)}{area}."


def how_measured(found: Mapping[str, Any]) -> str:
    """Return how all rungs were measured, and what chance gives."""
    patients = found.get("num_patients")
    whose = f" of {pluralize(patients, 'patient')}" if patients else ""
    over = "patients" if patients else "X-rays (patients are not known)"
    return (
        f"All on the same {found['num_folds']} folds, {pluralize(found['num_repeats'], 'repeat')}, of "
        f"{pluralize(found['num_films'], 'X-ray')}{whose}; intervals over {over}. "
        f"Always answering {class_name(found['largest_class'])} gives {found['chance']:.2f}."
    )


def first_sentence(found: Mapping[str, Any]) -> str:
    """Return what the first screen shows over all X-rays: with the lungs black, of whole X-rays, by one bit of the file."""
    said = []
    for name, words in _FIRST.items():
        rung = rung_of(found, name)
        if rung is not None and rung["accuracy"]["value"] is not None:
            said.append(words.format(figure_text(rung["accuracy"])))
    return f"Of all X-rays these models call right: {', '.join(said)}." if said else ""


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
            f"The lungs of {pluralize(lungs['estimated'], 'X-ray')} are estimated; the set has no mask of them."
        )
    if lungs["missing"]:
        lines.append(
            f"No lungs were found in {pluralize(lungs['missing'], 'X-ray')}; where lungs are needed, these are left out."
        )
    return lines
