"""What a visitor chooses in the lab of planted shortcuts; no TensorFlow."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from covidlab.audit.phantom_marks import pool_config
from covidlab.errors import UsageError
from covidlab.files import load_dataclass
from covidlab.language import tr, tr_lazy
from covidlab.phantom.film import PhantomConfig

# "jpeg_colour" changes no pixel: no network could use it.
SHORTCUTS = {
    "letter": tr_lazy("a letter in the corner"),
    "border": tr_lazy("a light frame"),
    "brightness": tr_lazy("a brighter X-ray"),
}
STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
CONTRASTS = {0.1: tr_lazy("hardly to be seen"), 0.3: tr_lazy("faint"), 0.5: tr_lazy("clear"), 0.8: tr_lazy("dense")}
NUMBERS = (20, 40, 80)
# How the held-out phantoms are marked: as those learned from, not at all, or as those of the other class were.
AS_LEARNED, REMOVED, SWAPPED = "as_learned", "removed", "swapped"
CONDITIONS = {
    AS_LEARNED: tr_lazy("mark as learned"),
    REMOVED: tr_lazy("mark removed"),
    SWAPPED: tr_lazy("mark swapped"),
}
# Held out: phantoms behind those that are learned from, the same for all choices.
FIRST_HELD_OUT, NUM_HELD_OUT = max(NUMBERS), 40


@dataclass(frozen=True, kw_only=True)
class PlantedOptions:
    """shortcut: which mark. strength: it agrees with the class with probability (1 + strength) / 2. contrast: of the opacities.
    num: phantoms to learn from."""

    shortcut: str = "letter"
    strength: float = 1.0
    contrast: float = 0.3
    num: int = 40

    def validate(self) -> "PlantedOptions":
        """Return self; raises UsageError where a value is not one of those that are offered."""
        for name, value, offered in (
            ("shortcut", self.shortcut, tuple(SHORTCUTS)),
            (tr("strength of the shortcut"), self.strength, STRENGTHS),
            (tr("contrast of the opacities"), self.contrast, tuple(CONTRASTS)),
            (tr("number of phantoms"), self.num, NUMBERS),
        ):
            if value not in offered:
                raise UsageError(
                    tr(
                        "The {name} must be one of {map}. Received: {value}.",
                        name=name,
                        map=", ".join(map(str, offered)),
                        value=value,
                    )
                )
        return self

    @property
    def phantoms(self) -> PhantomConfig:
        """The settings of the simulator."""
        return pool_config(shortcut=self.shortcut, contrast=self.contrast)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PlantedOptions":
        """Build from the options of a part; what is missing has its default."""
        return load_dataclass(cls, dict(values)).validate()
