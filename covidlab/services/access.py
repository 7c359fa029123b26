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
from covidlab.language import tr, tr_lazy
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
# What stands after "may".
_DOING = {
    Act.LOOK: tr_lazy("look at this"),
    Act.READ: tr_lazy("let a model read X-rays"),
    Act.TRAIN: tr_lazy("start a training, a sweep or an audit, or change a selection"),
    Act.STOP: tr_lazy("stop a run"),
    Act.DELETE: tr_lazy("delete a run"),
    Act.NOTE: tr_lazy("write notes"),
    Act.ADD: tr_lazy("add or change data sets"),
    Act.OPERATE: tr_lazy("end the trainer or read the metrics"),
}
# Of who may do an act on what they started themselves.
_ON_OWN = {
    Act.STOP: tr_lazy(
        "Your role is {role}: you may stop a run that you started yourself. Another visitor started this one."
    ),
    Act.DELETE: tr_lazy(
        "Your role is {role}: you may delete a run that you started yourself. Another visitor started this one."
    ),
    Act.NOTE: tr_lazy(
        "Your role is {role}: you may write notes on a run that you started yourself. Another visitor started this one."
    ),
}
_ROLES = {Role.VIEWER: tr_lazy("viewer"), Role.STUDENT: tr_lazy("student"), Role.OWNER: tr_lazy("owner")}


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
        return (
            tr("You have no role here. Ask whoever runs this server.") if visitor.is_signed_in else tr("Sign in first.")
        )
    lowest = visitor.lowest.get(act, LOWEST[act])
    if _ORDER.index(visitor.role) < _ORDER.index(lowest):
        role, what = role_name(visitor.role), tr(_DOING[act])
        if lowest is Role.OWNER:
            return tr("Owners may {what}. Your role is {role}.", what=what, role=role)
        return tr("Students and owners may {what}. Your role is {role}.", what=what, role=role)
    return "" if run is None or act not in OWN_ONLY else _why_not_on(visitor, act, run)


def role_name(role: Role) -> str:
    """Return what a role is called, in the language of now; the file of roles has it in English."""
    return tr(_ROLES[role])


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
        return "" if is_open else tr("Another visitor started this run. Only that visitor can stop it here.")
    return tr(_ON_OWN[act].message, role=role_name(visitor.role))
