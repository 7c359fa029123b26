"""What is known of an X-ray before any number is given: one sentence for each property looked at, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from covidlab.language import tr, tr_lazy


class Verdict(StrEnum):
    """What a check says: nothing speaks against reading, read with care, or give no plain number."""

    PASS = "pass"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Check:
    """One line of the receipt.

    name: of the property, one of ``NAMES``. verdict: see ``Verdict``. sentence: what was found, for people; what cannot be
    known is said to be unknown, and ``is_known`` is False.
    """

    name: str
    verdict: Verdict
    sentence: str
    is_known: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON says of the check."""
        return asdict(self) | {"verdict": str(self.verdict)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Check":
        """Return the check that ``to_dict`` wrote; raises ValueError for a property that does not exist."""
        name, known = str(values["name"]), bool(values["is_known"])
        if name not in NAMES:
            raise ValueError(tr("a property of the receipt is expected, received {name}", name=name))
        sentence = values["sentence"]
        # As it came: a sentence that can be translated stays one.
        return cls(name, Verdict(values["verdict"]), sentence if isinstance(sentence, str) else str(sentence), known)


# The properties in the order of the receipt, and what people call them.
NAMES = {
    "file": tr_lazy("File"),
    "modality": tr_lazy("Kind of picture"),
    "body part": tr_lazy("Body part"),
    "chest": tr_lazy("Chest X-ray"),
    "view": tr_lazy("View"),
    "colour": tr_lazy("Colour"),
    "size": tr_lazy("Size"),
    "depth": tr_lazy("Grey levels"),
    "inversion": tr_lazy("Black and white"),
    "rotation": tr_lazy("Rotation"),
    "crop": tr_lazy("Crop"),
    "exposure": tr_lazy("Exposure"),
    "blur": tr_lazy("Sharpness"),
    "text": tr_lazy("Text and letters"),
    "age": tr_lazy("Age"),
    "tags": tr_lazy("Tags"),
    "known": tr_lazy("Known to the set"),
    "distance": tr_lazy("Distance to the set"),
}


# Where a file should be mended: nothing here does it.
NOT_CHANGED = tr_lazy("The model reads the file unchanged.")


def in_order(checks: Iterable[Check]) -> list[Check]:
    """Return the checks in the order of ``NAMES``."""
    order = list(NAMES)
    return sorted(checks, key=lambda check: order.index(check.name))


def worst(checks: Sequence[Check]) -> Verdict:
    """Return the gravest verdict, PASS where there is none."""
    order = list(Verdict)
    return max((check.verdict for check in checks), key=order.index, default=Verdict.PASS)
