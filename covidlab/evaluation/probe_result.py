"""What a probe of a data set found, as values for a file and as sentences for people; computes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.files import load_dataclass
from covidlab.language import tr, tr_lazy
from covidlab.metrics import Metric
from covidlab.text import pluralize

BYTES_A_PIXEL = tr_lazy("bytes a pixel")
THUMBNAIL_SIDE = 16

_METRICS = ("header", "stored", "thumbnail")
_MOST_NAMED = 3
_MAY_BE_EITHER = tr_lazy("this may be the disease or a shortcut")


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
            raise ValueError(tr("the values of a probe are expected")) from error
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
            what = tr("The file header, {bytes_a_pixel} left out,", bytes_a_pixel=BYTES_A_PIXEL)
            if all(one.name == BYTES_A_PIXEL for one in self.properties):
                return tr(
                    "{what} is the same for all X-rays (n = {num_films:,}), so it cannot tell the classes apart.",
                    what=what,
                    num_films=self.num_films,
                )
            return self._not_found(what, self.stored)
        strongest = sorted((one for one in self.properties if one.is_alarm), key=lambda one: -one.told.value)
        named = ", ".join(
            tr("{name} alone in {percent}", name=one.name, percent=_percent(one.told.value))
            for one in strongest[:_MOST_NAMED]
        )
        return tr(
            "The file header alone tells the classes apart in {share_text}{named}. A model may learn this "
            "instead of the disease.",
            share_text=share_text(self.header),
            named=named and f": {named}",
        )

    def _about_bytes(self) -> Iterator[str]:
        for one in self.properties:
            if one.name == BYTES_A_PIXEL and self._is_above_chance(one.told):
                yield (
                    tr(
                        "The number of {bytes_a_pixel} alone tells the classes apart in {share_text}. It depends on what "
                        "the X-ray shows, so {may_be_either}.",
                        bytes_a_pixel=BYTES_A_PIXEL,
                        share_text=share_text(one.told),
                        may_be_either=_MAY_BE_EITHER,
                    )
                )

    def _about_thumbnail(self) -> str:
        what = tr("A grey thumbnail of {thumbnail_side} × {thumbnail_side} pixels", thumbnail_side=THUMBNAIL_SIDE)
        if not self._is_above_chance(self.thumbnail):
            return self._not_found(what, self.thumbnail)
        return tr(
            "{what} tells the classes apart in {share_text}: {may_be_either}.",
            what=what,
            share_text=share_text(self.thumbnail),
            may_be_either=_MAY_BE_EITHER,
        )

    def _is_above_chance(self, told: Metric) -> bool:
        return told.low > 1 / self.num_classes

    def _not_found(self, what: str, told: Metric) -> str:
        if self._is_above_chance(told):
            return tr(
                "{what} may tell the classes apart a little, in {share_text}; among several comparisons this can "
                "be chance.",
                what=what,
                share_text=share_text(told),
            )
        return tr(
            "{what} is not found to tell the classes apart ({value:.2f}, 95 % interval {low:.2f} to "
            "{high:.2f}, n = {n:,}; chance is {value_2:.2f}).",
            what=what,
            value=told.value,
            low=told.low,
            high=told.high,
            n=told.n,
            value_2=1 / self.num_classes,
        )

    def _about_films(self) -> Iterator[str]:
        yield (
            tr(
                "Each class counts alike in these shares; with {classs} {percent} is chance.",
                classs=pluralize(self.num_classes, "class", "classes"),
                percent=_percent(1 / self.num_classes),
            )
        )
        if self.num_patients is None:
            yield PATIENTS_NOT_KNOWN
        if self.num_unreadable:
            verb = "was" if self.num_unreadable == 1 else "were"
            yield tr(
                "{x_rays} could not be read and {verb} left out here.",
                x_rays=pluralize(self.num_unreadable, "X-ray"),
                verb=verb,
            )
        if self.num_films + self.num_unreadable < self.num_known:
            yield tr(
                "These are {num_films:,} X-rays drawn at random from the {num_known:,} of the set.",
                num_films=self.num_films,
                num_known=self.num_known,
            )


def share_text(told: Metric) -> str:
    """A share of X-rays with interval and number, e.g. "97 % of X-rays (95 % interval 87 to 100 %, n = 50)"."""
    return tr(
        "{percent} of X-rays (95 % interval {value:.0f} to {percent_2}, n = {n:,})",
        percent=_percent(told.value),
        value=100 * told.low,
        percent_2=_percent(told.high),
        n=told.n,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
