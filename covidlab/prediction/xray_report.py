"""All that the page about one X-ray says, as plain values; ``report_pdf`` prints it.

It knows nothing of a patient: there is no place for a file's name, its content hash or a tag. Whoever makes the report may
type a reference, which is the only thing that tells one page from another.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from covidlab.imaging.receipt import Check

MAX_REFERENCE = 60

_PICTURES = ("picture", "heatmap")
_SENTENCES = ("limits", "further", "about_map", "audit")


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A number with its 95 % interval, or that of 95 % of the models; None where that is not known. n: of X-rays or models."""

    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """One of the X-rays of the set that are nearest, in words; ``distance`` as the report's own."""

    label: str
    view: str
    age_group: str
    distance: float


@dataclass(frozen=True, kw_only=True, eq=False)
class XrayReport:
    """All that stands on the page; plain values, with nothing that names a patient, a file or a machine.

    reference: what the clinician typed, at most 60 characters. made_on: date, e.g. "2026-11-26". version: of covidlab.
    checks: the receipt. picture: the X-ray, JPEG or PNG. heatmap: the X-ray with the heat map on it, or its colours with
    transparency; b"" where none was asked for. heatmap_label: the class that the heat map explains, map_method: how it was
    made. about_map: sentences that were said of it (its trial first), or why there is none.
    label: the class that the X-ray resembles, in words; "" where no number is given, or the models of the folds disagree.
    probability: of ``positive_label``, between which values 95 % of the models lie; its ``n`` counts ``probability_source``, e.g. "models of repeated folds". limits: sentences that limit the number, they
    stand before it. further: sentences that go with it (votes, predictive values). refusal: why no number is given.
    distance, distance_limit: to the nearest X-rays of the set, and the limit beyond which no plain number is given.
    model: its name, e.g. "run 12". dataset, num_films, num_patients: what it learned from; the last is None where patients
    are not known, 0 where nobody counted them. figures: by name, cross-validated. audit: the verdict on the model and what that
    does not establish; empty where there is no audit.
    """

    made_on: str
    version: str
    picture: bytes
    model: str
    dataset: str
    num_films: int
    reference: str = ""
    checks: tuple[Check, ...] = ()
    heatmap: bytes = b""
    heatmap_label: str = ""
    map_method: str = ""
    about_map: tuple[str, ...] = ()
    label: str = ""
    positive_label: str = ""
    probability: Interval | None = None
    probability_source: str = "models"
    limits: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    refusal: str = ""
    distance: float | None = None
    distance_limit: float | None = None
    nearest: tuple[Nearest, ...] = ()
    num_patients: int | None = None
    figures: tuple[tuple[str, Interval], ...] = ()
    audit: tuple[str, ...] = ()


def report_values(report: XrayReport) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a report as values that JSON knows, and its pictures by name: its way to another process."""
    values = asdict(report)
    return values, {name: values.pop(name) for name in _PICTURES}


def report_from_values(values: Mapping[str, Any], parts: Mapping[str, bytes]) -> XrayReport:
    """Return the report that ``report_values`` took apart."""
    return XrayReport(
        **{
            **values,
            **{name: bytes(parts[name]) for name in _PICTURES},
            "checks": tuple(map(Check.from_dict, values["checks"])),
            "probability": _interval(values["probability"]),
            **{name: tuple(values[name]) for name in _SENTENCES},
            "nearest": tuple(Nearest(**each) for each in values["nearest"]),
            "figures": tuple((name, _interval(figure)) for name, figure in values["figures"]),
        }
    )


def _interval(values: Mapping[str, Any] | None) -> Interval | None:
    return Interval(**values) if values else None
