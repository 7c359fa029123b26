"""The report of an audit as lines for the command line; each part's sentences come from its own ``audit.<part>_text``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from covidlab.audit import (
    attention_text,
    attributes_text,
    calibrated_text,
    curves_text,
    elsewhere_text,
    exam_text,
    flips_text,
    folds_text,
    ladder_text,
    leaks_text,
    planted_text,
    transplant_text,
)
from covidlab.audit.titles import TITLES
from covidlab.language import tr, tr_lazy

# From what a part found to what is said of it. Parts without an entry are named only.
SENTENCES: dict[str, Callable[[Mapping[str, Any]], Sequence[str]]] = {
    "transplant": transplant_text.sentences,
    "attributes": attributes_text.sentences,
    "ladder": ladder_text.sentences,
    "folds": folds_text.sentences,
    "calibration": calibrated_text.sentences,
    "elsewhere": elsewhere_text.sentences,
    "exam": exam_text.sentences,
    "attention": attention_text.sentences,
    "planted": planted_text.sentences,
    "curves": curves_text.sentences,
    "leaks": leaks_text.sentences,
    "flips": flips_text.sentences,
}

OF_ANOTHER_VERSION = tr_lazy(
    "Another version of covidlab computed this part, and what it found cannot be read. Ask for it again."
)


def sentences_of(name: str, found: Mapping[str, Any]) -> list[str]:
    """Return what a part found in plain sentences; that it cannot be read where it has not the values of this version."""
    try:
        return list(SENTENCES[name](found)) if name in SENTENCES else []
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return [str(OF_ANOTHER_VERSION)]


def audit_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the verdict, then what each part found, in plain sentences."""
    lines = []
    if verdict := report.get("verdict"):
        lines += [verdict["sentence"], verdict["not_established"], ""]
    for name, found in (report.get("parts") or {}).items():
        lines.append(f"{str(TITLES.get(name, name)).capitalize()}:")
        if "error" in found:
            lines.append(f"  {tr(found['error'])}")
        else:
            lines += [f"  {sentence}" for sentence in sentences_of(name, found)]
    return lines
