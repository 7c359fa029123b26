"""Which examination of maps holds for the model of a run: one that an audit made, else the one that ships; read by pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from covidlab.audit.exam_settings import NETWORK, exam_settings
from covidlab.audit.exam_text import method_warning
from covidlab.config import TrainingConfig
from covidlab.files import read_json
from covidlab.language import tr_lazy
from covidlab.paths import SHIPPED_EXAM
from covidlab.prediction.explanation import Method
from covidlab.runs.audits import load_part
from covidlab.runs.store import RunStore

PART = "exam"
OTHER_SETTINGS = tr_lazy("It was done with other settings of the same network.")


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownExam:
    """found: as ``audit.exam.examine`` says. has_same_settings: as the model in question. is_shipped: whether it came with covidlab."""

    found: Mapping[str, Any]
    has_same_settings: bool
    is_shipped: bool = False


def known_exam(config: TrainingConfig) -> KnownExam | None:
    """Return the newest examination with the settings of a model, else one of the same network, else None.

    A model that learned deeper than its head has none: the examination trains heads.
    """
    wanted, others = exam_settings(config), []
    for found, is_shipped in _exams():
        settings = found.get("settings", {})
        if settings == wanted:
            return KnownExam(found=found, has_same_settings=True, is_shipped=is_shipped)
        if all(settings.get(name) == wanted[name] for name in NETWORK):
            others.append(KnownExam(found=found, has_same_settings=False, is_shipped=is_shipped))
    return others[0] if others else None


def exam_line(config: TrainingConfig, method: Method | str) -> str:
    """Return how a method did in the examination that holds for a model, or that it was not examined, for wherever its maps are."""
    exam = known_exam(config)
    line = method_warning(exam.found if exam else None, method)
    return line if exam is None or exam.has_same_settings else f"{line} {OTHER_SETTINGS}"


def _exams() -> Iterator[tuple[Mapping[str, Any], bool]]:
    """What examinations found, the newest first, and last the one that ships; and whether it is that."""
    for run in RunStore().list():
        part = load_part(run, PART)
        if part is not None and not part.error:
            yield part.found, False
    if shipped := read_json(SHIPPED_EXAM):
        yield shipped["found"], True
