"""What a probe of a data set found, as values for a file and as sentences for people; computes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.files import load_dataclass
from covidlab.metrics import Metric
from covidlab.text import pluralize

BYTES_A_PIXEL = "bytes a pixel"
THUMBNAIL_SIDE = 16

_METRICS = ("header", "stored", "thumbnail")
_MOST_NAMED = 3
_MAY_BE_EITHER = "this may be the disease or a shortcut"


@dataclass(frozen=True)
class PropertyResult:
    """How well one property of the header alone tells the classes apart, and whether it passes the test of the alarm."""

    name: str
    told: Metric
    is_alarm: bool


@dataclass(frozen=True)
class Probe:
    """What very little tells about the classes of a data set; figures are balanced accuracies, chance is 1 / num_classes.

    fingerprint: of the catalog. num_films: X-rays probed. num_known: all X-rays of the set. num_unreadable: passed over.
    num_patients: of the X-rays probed, None where patients are not known. header: the whole file header. stored: the
    header without bytes a pixel, which depend on what the X-ray shows. stored_is_alarm: whether ``stored`` passes the
    test of the alarm. properties: each that is not the same for all X-rays. thumbnail: 16 x 16 pixels, grey.
    """

    fingerprint: str
    num_classes: int
    num_films: int
    num_known: int
    num_unreadable: int
    num_patients: int | None
    header: Metric
    stored: Metric
    stored_is_alarm: bool
    properties: tuple[PropertyResult, ...]
    thumbnail: Metric

    @property
    def is_alarm(self) -> bool:
        """Whether the way the files are stored tells the classes apart beyond chance."""
        return self.stored_is_alarm or any(one.is_alarm for one in self.properties)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Probe":
        """Build a probe from what ``to_dict`` gave; raises ValueError where the values do not fit."""
        try:
            metrics = {name: load_dataclass(Metric, values[name]) for name in _METRICS}
            properties = tuple(
                PropertyResult(str(one["name"]), load_dataclass(Metric, one["told"]), bool(one["is_alarm"]))
                for one in values["properties"]
            )
        except (KeyError, TypeError) as error:
            raise ValueError("the values of a probe are expected") from error
        return load_dataclass(cls, {**values, **metrics, "properties": properties})

    def sentences(self) -> list[str]:
        """Return what was found in plain sentences, each figure with its interval and n."""
        return [
            self._about_header(),
            *self._about_bytes(),
            self._about_thumbnail(),
            *self._about_films(),
        ]

    def _about_header(self) -> str:
        if not self.is_alarm:
            what = f"The file header, {BYTES_A_PIXEL} left out,"
            if all(one.name == BYTES_A_PIXEL for one in self.properties):
                return (
                    f"{what} is the same for all X-rays (n = {self.num_films:,}), so it cannot tell the classes apart."
                )
            return self._not_found(what, self.stored)
        strongest = sorted((one for one in self.properties if one.is_alarm), key=lambda one: -one.told.value)
        named = ", ".join(f"{one.name} alone in {_percent(one.told.value)}" for one in strongest[:_MOST_NAMED])
        return (
            f"The file header alone tells the classes apart in {share_text(self.header)}{named and f': {named}'}. "
            "A model may learn this instead of the disease."
        )

    def _about_bytes(self) -> Iterator[str]:
        for one in self.properties:
            if one.name == BYTES_A_PIXEL and self._is_above_chance(one.told):
                yield (
                    f"The number of {BYTES_A_PIXEL} alone tells the classes apart in {share_text(one.told)}. "
                    f"It depends on what the X-ray shows, so {_MAY_BE_EITHER}."
                )

    def _about_thumbnail(self) -> str:
        what = f"A grey thumbnail of {THUMBNAIL_SIDE} × {THUMBNAIL_SIDE} pixels"
        if not self._is_above_chance(self.thumbnail):
            return self._not_found(what, self.thumbnail)
        return f"{what} tells the classes apart in {share_text(self.thumbnail)}: {_MAY_BE_EITHER}."

    def _is_above_chance(self, told: Metric) -> bool:
        return told.low > 1 / self.num_classes

    def _not_found(self, what: str, told: Metric) -> str:
        if self._is_above_chance(told):
            return (
                f"{what} may tell the classes apart a little, in {share_text(told)}; among several comparisons this can "
                "be chance."
            )
        return (
            f"{what} is not found to tell the classes apart ({told.value:.2f}, 95 % interval {told.low:.2f} to "
            f"{told.high:.2f}, n = {told.n:,}; chance is {1 / self.num_classes:.2f})."
        )

    def _about_films(self) -> Iterator[str]:
        yield (
            f"Each class counts alike in these shares; with {pluralize(self.num_classes, 'class', 'classes')} "
            f"{_percent(1 / self.num_classes)} is chance."
        )
        if self.num_patients is None:
            yield PATIENTS_NOT_KNOWN
        if self.num_unreadable:
            verb = "was" if self.num_unreadable == 1 else "were"
            yield f"{pluralize(self.num_unreadable, 'X-ray')} could not be read and {verb} left out here."
        if self.num_films + self.num_unreadable < self.num_known:
            yield f"These are {self.num_films:,} X-rays drawn at random from the {self.num_known:,} of the set."


def share_text(told: Metric) -> str:
    """A share of X-rays with interval and number, e.g. "97 % of X-rays (95 % interval 87 to 100 %, n = 50)"."""
    return f"{_percent(told.value)} of X-rays (95 % interval {100 * told.low:.0f} to {_percent(told.high)}, n = {told.n:,})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
