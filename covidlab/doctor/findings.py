"""What a check says, and a check: its name, how it looks, and whether the app needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How well something works."""

    WORKS = "works"
    LIMITED = "limited"
    FAILS = "does not work"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found.

    sentence: for people. advice: what to do about it, "" where nothing is to be done. facts: JSON values for programs.
    """

    state: State
    sentence: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question about this machine. name: for programs. title: for people. is_required: whether the app cannot run without."""

    name: str
    title: str
    look: Callable[[], Finding]
    is_required: bool = False


def works(sentence: str, **facts: Any) -> Finding:
    """Return that all is well."""
    return Finding(state=State.WORKS, sentence=sentence, facts=facts)


def limited(sentence: str, advice: str, **facts: Any) -> Finding:
    """Return that it works in part, or slowly, and what to do about it."""
    return Finding(state=State.LIMITED, sentence=sentence, advice=advice, facts=facts)


def fails(sentence: str, advice: str, **facts: Any) -> Finding:
    """Return that it does not work, and what to do about it."""
    return Finding(state=State.FAILS, sentence=sentence, advice=advice, facts=facts)
