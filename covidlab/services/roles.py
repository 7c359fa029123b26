"""Which role somebody has: one small file, who vouches for them, and what holds where nobody does.

The file is COVIDLAB_ROLES, by default ``roles.toml`` in COVIDLAB_HOME:

    default = "viewer"                    who is signed in and not named; "none" turns them away
    api = "student"                       requests with the token COVIDLAB_API_TOKEN
    [people]
    "anna@example.org" = "owner"
    [acts]                                the lowest role that may, where it differs
    add = "student"

Without the file everybody is an owner. A trusted proxy names people in the header that COVIDLAB_USER_HEADER names; it counts
only from the addresses in COVIDLAB_PROXIES (services.guard takes it out of all other requests).
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from covidlab.errors import SetupError
from covidlab.language import tr
from covidlab.paths import home
from covidlab.services.access import LOWEST, Act, Role, Visitor
from covidlab.text import one_line

ROLES_SETTING, USER_HEADER, PROXIES = "COVIDLAB_ROLES", "COVIDLAB_USER_HEADER", "COVIDLAB_PROXIES"
NOBODY = "none"
_MAX_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Somebody for whom a provider or a proxy vouches. subject: tells them from all others. names: by which the file may name them."""

    name: str
    subject: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What the file says. people: role by name in small letters. default: of the others, None turns them away."""

    people: Mapping[str, Role] = field(default_factory=dict)
    default: Role | None = Role.OWNER
    api: Role = Role.OWNER
    lowest: Mapping[Act, Role] = field(default_factory=lambda: LOWEST)
    is_there: bool = False

    def visitor(self, identity: Identity) -> Visitor:
        """Return the visitor for whom somebody vouches."""
        named = (self.people.get(name.casefold()) for name in identity.names)
        role = next((role for role in named if role is not None), self.default)
        name, token = one_line(identity.name, max_length=_MAX_NAME), f"user:{identity.subject}"
        return Visitor(role=role, name=name, token=token, is_signed_in=True, lowest=self.lowest)

    def unnamed(self, *, is_here: bool, token: str = "") -> Visitor:
        """Return a visitor for whom nobody vouches and nobody must: an owner at this machine, the default role elsewhere."""
        role = Role.OWNER if is_here else self.default
        return Visitor(role=role, token=token, is_in_charge=is_here and self.is_there, lowest=self.lowest)

    def program(self, *, is_named: bool) -> Visitor:
        """Return the visitor that has the token of the API; ``is_named``: its runs are its own."""
        token = "user:api" if is_named else ""
        return Visitor(role=self.api, name="API", token=token, is_signed_in=is_named, lowest=self.lowest)


def load_roles() -> Roles:
    """Return what the file says, as it is now; raises SetupError where it cannot be understood, so that nobody gets in by it."""
    path = Path(os.environ.get(ROLES_SETTING) or home() / "roles.toml")
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(ROLES_SETTING):
            raise SetupError(
                tr(
                    "{roles_setting} must name a file of roles. Received: {path}.",
                    roles_setting=ROLES_SETTING,
                    path=path,
                )
            ) from None
        return Roles()
    except OSError as error:
        raise SetupError(tr("The file of roles cannot be read: {path}.", path=path)) from error
    return _load(path, facts.st_ino, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4)
def _load(path: Path, inode: int, mtime_ns: int, num_bytes: int) -> Roles:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(tr("The file of roles cannot be read: {path}. {error}", path=path, error=error)) from error
    return roles_from(values)


def roles_from(values: Mapping[str, Any]) -> Roles:
    """Return the roles in the content of the file; raises SetupError for what it does not know."""
    if unknown := values.keys() - {"default", "api", "people", "acts"}:
        raise SetupError(
            tr(
                "default, api, people and acts are expected in the file of roles. Received: {unknown}.",
                unknown=min(unknown),
            )
        )
    people, acts = values.get("people", {}), values.get("acts", {})
    if not (isinstance(people, Mapping) and isinstance(acts, Mapping)):
        raise SetupError(tr("people and acts are expected as tables in the file of roles: [people], [acts]."))
    default = values.get("default", Role.VIEWER)
    return Roles(
        people={str(name).casefold(): _role(role) for name, role in people.items()},
        default=None if default == NOBODY else _role(default),
        api=_role(values.get("api", Role.VIEWER)),
        lowest={**LOWEST, **{_act(act): _role(role) for act, role in acts.items()}},
        is_there=True,
    )


def _role(value: object) -> Role:
    if value not in tuple(Role):
        raise SetupError(tr("A role must be one of {role}. Received: {value}.", role=", ".join(Role), value=value))
    return Role(value)


def _act(value: str) -> Act:
    if value not in tuple(Act):
        raise SetupError(tr("An act must be one of {act}. Received: {value}.", act=", ".join(Act), value=value))
    return Act(value)


def proxy_header() -> str:
    """Return the name of the header in which a trusted proxy names people, in small letters; "" where there is none."""
    return (os.environ.get(USER_HEADER) or "").strip().lower()


def proxy_identity(headers: Mapping[str, str]) -> Identity | None:
    """Return whom the proxy names; the headers are those that ``services.guard`` has let through."""
    name = (headers.get(proxy_header()) or "").strip() if proxy_header() else ""
    return Identity(name=name, subject=f"proxy|{name}", names=(name,)) if name else None
