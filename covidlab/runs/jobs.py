"""What a run is: a job, and the name of the engine that executes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Job(StrEnum):
    """What a run does: train one model, try many settings, or find out what a model learned."""

    TRAIN = "train"
    SWEEP = "sweep"
    AUDIT = "audit"


class EngineName(StrEnum):
    """Who executes a run: the worker of this machine, the process that made the run, or the nodes of a Ray cluster."""

    LOCAL = "local"
    INLINE = "inline"
    RAY = "ray"


class Origin(StrEnum):
    """What version 0.1.0 wrote where ``engine`` stands now: who made the run."""

    DASHBOARD = "dashboard"
    COMMAND_LINE = "command line"
    SHIPPED = "shipped"


_ENGINE_OF_ORIGIN = {
    Origin.DASHBOARD: EngineName.LOCAL,
    Origin.COMMAND_LINE: EngineName.INLINE,
    Origin.SHIPPED: EngineName.INLINE,
}


def engine_of(facts: Mapping[str, Any]) -> str:
    """Return the engine a run.json names, in the words of any version; "" where it names none.

    An engine that only a later version has comes back as it is written: no engine of this version takes its runs.
    """
    return str(facts.get("engine") or _ENGINE_OF_ORIGIN.get(facts.get("origin"), ""))


def job_of(facts: Mapping[str, Any]) -> str:
    """Return the job a run.json names; before there were others, every run trained."""
    return str(facts.get("job") or Job.TRAIN)
