"""What is said of one file that somebody brings: its JSON, and the line for people. ``predict`` and the HTTP API say the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from covidlab.imaging.prepared import PreparedImage
from covidlab.imaging.receipt import Check, Verdict
from covidlab.language import tr
from covidlab.prediction.answer import describe
from covidlab.prediction.assessment import Assessment
from covidlab.prediction.gate import receipt, refusal
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.serialize import REFUSED, prediction_values, refusal_values


@dataclass(frozen=True, kw_only=True)
class FileAnswer:
    """values: what JSON says of a file. text: the line for people."""

    values: dict[str, Any]
    text: str

    @property
    def is_refused(self) -> bool:
        """Whether no number is given."""
        return self.values["status"] == REFUSED


def refused(file: str, why: str, *, sha256: str = "", checks: Sequence[Check] = ()) -> FileAnswer:
    """Return that a file is not read, and why."""
    values = {**refusal_values(why, file=file), **_further(checks, sha256)}
    return FileAnswer(values=values, text=tr("{file}: refused. {why}", file=file, why=why))


def refused_before(file: str, image: PreparedImage, *, sha256: str, anyway: bool) -> FileAnswer | None:
    """Return that header or pixels of an X-ray speak against reading it; None where the model is to be asked."""
    why = "" if anyway else refusal(image.checks)
    return refused(file, why, sha256=sha256, checks=image.checks) if why else None


def answer_of(
    file: str, image: PreparedImage, prediction: Prediction, *, sha256: str, anyway: bool, audit: Sequence[str]
) -> FileAnswer:
    """Return what is said of an X-ray that a model has read.

    ``anyway``: a number is given also where a check refuses it. ``audit``: the verdict on the model, and what that does not
    establish.
    """
    lines = whole_receipt(image.checks, prediction.assessment)
    if why := "" if anyway else refusal(lines):
        return refused(file, why, sha256=sha256, checks=lines)
    against = (line.sentence for line in lines if line.verdict is not Verdict.PASS)
    values = {**prediction_values(prediction, file=file), "audit": list(audit), **_further(lines, sha256)}
    return FileAnswer(values=values, text=" ".join((f"{file}: {describe(prediction)}", *prediction.notes, *against)))


def whole_receipt(checks: Sequence[Check], assessment: Assessment | None) -> list[Check]:
    """All lines of the receipt. A model file without its run has no X-rays to compare with; that alone refuses nothing."""
    lines = receipt(checks, assessment)
    if assessment is not None:
        return lines
    return [replace(line, verdict=Verdict.WARN) if line.name == "distance" else line for line in lines]


def answer_file(
    file: str,
    image: PreparedImage,
    read: Callable[[PreparedImage], Prediction],
    *,
    sha256: str,
    anyway: bool,
    audit: Sequence[str],
) -> FileAnswer:
    """Return what is said of a decoded file; ``read`` asks the model, where nothing speaks against it before."""
    before = refused_before(file, image, sha256=sha256, anyway=anyway)
    return before or answer_of(file, image, read(image), sha256=sha256, anyway=anyway, audit=audit)


def _further(lines: Sequence[Check], sha256: str) -> dict[str, Any]:
    """What JSON says of every file beside the answer."""
    return {"checks": [line.to_dict() for line in lines], "sha256": sha256}
