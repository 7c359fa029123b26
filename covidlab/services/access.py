"""Who may do what: a visitor has a role, and each act has the lowest role that may do it. No Streamlit, no HTTP.

Without a sign-in everybody is an owner who is not signed in: such a visitor does everything, and ends only runs that are
their own or nobody's, as one browser does beside another. With a sign-in a student ends and deletes own runs, an owner all.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from covidlab.errors import AccessError
from covidlab.runs.queue import asked_hash, token_hash
from covidlab.runs.store import Run


class Role(StrEnum):
    """What somebody is here, from the least to the most."""

    VIEWER = "viewer"
    STUDENT = "student"
    OWNER = "owner"


class Act(StrEnum):
    """What somebody does.

    look: see runs and X-rays of sets. read: let a model read an X-ray of one's own. train: begin or continue a run, a sweep, an
    audit; say in a selection on which X-rays. stop: end one. delete: remove a run. note: write notes and tags. add: make,
    change or remove data sets, name a folder of the machine, delete selections. operate: end the trainer, read the server's metrics.
    """

    LOOK = "look"
    READ = "read"
    TRAIN = "train"
    STOP = "stop"
    DELETE = "delete"
    NOTE = "note"
    ADD = "add"
    OPERATE = "operate"


LOWEST: Mapping[Act, Role] = MappingProxyType(
    {
        Act.LOOK: Role.VIEWER,
        Act.READ: Role.VIEWER,
        Act.TRAIN: Role.STUDENT,
        Act.STOP: Role.STUDENT,
        Act.DELETE: Role.STUDENT,
        Act.NOTE: Role.STUDENT,
        Act.ADD: Role.OWNER,
        Act.OPERATE: Role.OWNER,
    }
)
# Of these acts a student does those on own runs and own sets only.
OWN_ONLY = frozenset({Act.STOP, Act.DELETE, Act.NOTE})

_ORDER = tuple(Role)
_DOING = {
    Act.LOOK: "look at this",
    Act.READ: "let a model read X-rays",
    Act.TRAIN: "start a training, a sweep or an audit",
    Act.STOP: "stop a run",
    Act.DELETE: "delete a run",
    Act.NOTE: "write notes",
    Act.ADD: "add or change data sets",
    Act.OPERATE: "end the trainer or read the metrics",
}


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is here.

    role: None where a sign-in is needed and there was none. name: of whom a sign-in or a token proves, "" of others. token: proves
    that a run is one's own; its hash is kept with the run. is_in_charge: whether an owner ends also what others have started, as
    who is signed in does and who is at the machine where others are not owners. lowest: who may do what.
    """

    role: Role | None
    name: str = ""
    token: str = field(default="", repr=False)
    is_signed_in: bool = False
    is_in_charge: bool = False
    lowest: Mapping[Act, Role] = field(default_factory=lambda: LOWEST, repr=False)


def may(visitor: Visitor, act: Act, run: Run | None = None) -> bool:
    """Return whether a visitor may do an act, on a run where it is named."""
    return not why_not(visitor, act, run)


def why_not(visitor: Visitor, act: Act, run: Run | None = None) -> str:
    """Return in one plain sentence why a visitor may not do an act, "" where they may."""
    if visitor.role is None:
        return f"Sign in to {_DOING[act]}."
    lowest = visitor.lowest.get(act, LOWEST[act])
    if _ORDER.index(visitor.role) < _ORDER.index(lowest):
        who = "Owners" if lowest is Role.OWNER else "Students and owners"
        return f"{who} may {_DOING[act]}. Your role is {visitor.role}."
    return "" if run is None or act not in OWN_ONLY else _why_not_on(visitor, act, run)


def require(visitor: Visitor, act: Act, run: Run | None = None) -> None:
    """Raise AccessError where a visitor may not do an act."""
    if why := why_not(visitor, act, run):
        raise AccessError(why)


def is_own(visitor: Visitor, run: Run) -> bool:
    """Return whether a run is known to be this visitor's."""
    kept = asked_hash(run)
    return bool(kept and visitor.token) and hmac.compare_digest(kept, token_hash(visitor.token))


def _why_not_on(visitor: Visitor, act: Act, run: Run) -> str:
    """Why a visitor whose role allows an act may not do it on this run."""
    if is_own(visitor, run):
        return ""
    if visitor.role is Role.OWNER:
        is_open = visitor.is_signed_in or visitor.is_in_charge or act is not Act.STOP or not asked_hash(run)
        return "" if is_open else "Another visitor started this run. Only that visitor can stop it here."
    return f"Your role is {visitor.role}: you may {_DOING[act]} that you started yourself. Another made this one."
