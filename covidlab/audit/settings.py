"""What an audit does: which parts, how many repeats, with what else; plain values, kept in run.json."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from covidlab.config import NUM_REPEATS
from covidlab.errors import UsageError
from covidlab.files import load_dataclass
from covidlab.language import tr

# Needs X-rays of another hospital; an audit without any leaves it out.
ELSEWHERE = "elsewhere"
# In the order in which they are computed: what the first screen of the page needs comes first.
PARTS = (
    "ladder",
    "folds",
    ELSEWHERE,
    "calibration",
    "transplant",
    "attributes",
    "leaks",
    "attention",
)
# Parts that somebody asks for by themselves, each with options of its own: what they find depends on these.
LABS = ("curves", "exam", "planted", "flips")
REPEATS_RANGE = (1, 50)


@dataclass(frozen=True, kw_only=True)
class AuditConfig:
    """What is computed.

    parts: names from ``PARTS`` and ``LABS``. repeats: of the cross-validation. run: id of the run whose model is audited, None
    for the default model. other: folder or ZIP file with X-rays of another hospital, None where there is none. options: of each part that
    has some, plain JSON values.
    """

    parts: tuple[str, ...] = PARTS
    repeats: int = NUM_REPEATS
    run: str | None = None
    other: str | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def validate(self) -> "AuditConfig":
        """Return the settings, without the part on another hospital where none is named; raises UsageError where a value is out of range."""
        unknown = [name for name in self.parts if name not in (*PARTS, *LABS)]
        if unknown or not self.parts:
            raise UsageError(
                tr(
                    "The parts of an audit are {value}. Received: {unknown}.",
                    value=", ".join((*PARTS, *LABS)),
                    unknown=", ".join(unknown) or "none",
                )
            )
        low, high = REPEATS_RANGE
        if not (isinstance(self.repeats, int) and low <= self.repeats <= high):
            raise UsageError(
                tr(
                    "The number of repeats must be a whole number between {low} and {high}. Received: {repeats}.",
                    low=low,
                    high=high,
                    repeats=self.repeats,
                )
            )
        return self if self.other else self._without_other()

    def _without_other(self) -> "AuditConfig":
        parts = tuple(name for name in self.parts if name != ELSEWHERE)
        if not parts:
            raise UsageError(
                tr(
                    "The folder or the ZIP file with X-rays of another hospital is expected, with --other. Received: "
                    "none."
                )
            )
        return replace(self, parts=parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AuditConfig":
        """Build from what ``to_dict`` gave; raises ValueError or TypeError where the values do not fit."""
        config = load_dataclass(cls, values)
        return load_dataclass(cls, {**asdict(config), "parts": tuple(config.parts)})
