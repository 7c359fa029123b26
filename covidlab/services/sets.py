"""Data sets that people make: who made each, and that others of the same role leave it alone. No Streamlit.

``set-makers.json`` in COVIDLAB_HOME keeps, by the name of a set, the hash of what proves that it is somebody's own. Sets of earlier
versions and of the command line are nobody's: owners change those.
"""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from covidlab.errors import AccessError, CovidLabError
from covidlab.files import read_json, write_json
from covidlab.intake.sets import remove_dataset, rename_dataset
from covidlab.language import tr
from covidlab.paths import home
from covidlab.runs.queue import token_hash
from covidlab.services.access import Act, Role, Visitor, require, role_name, why_not
from covidlab.services.acts import note_act

FILE = "set-makers.json"

Made = TypeVar("Made")


def why_not_set(visitor: Visitor, folder: Path) -> str:
    """Return why a visitor may not change a data set or add to it, "" where they may; a set that is not there yet is free."""
    if why := why_not(visitor, Act.ADD):
        return why
    if visitor.role is Role.OWNER or not folder.exists() or _is_own(visitor, folder):
        return ""
    return tr(
        "Another made this data set. Your role is {role}: you may change those that you made yourself.",
        role=role_name(visitor.role),
    )


def add_to_set(visitor: Visitor, folder: Path, begin: Callable[[], Made]) -> Made:
    """Return what ``begin`` returns, which adds X-rays to a set; a new set is the visitor's. Raises AccessError."""
    _require_set(visitor, folder)
    before, is_new = _makers().get(folder.name), not folder.exists()
    if is_new:
        _change({folder.name: token_hash(visitor.token) if visitor.token else None})
    try:
        made = begin()
    except CovidLabError:
        # Perhaps another one is just making a set of this name, and it is theirs.
        if is_new:
            _change({folder.name: before})
        raise
    note_act(visitor, Act.ADD)
    return made


def rename_set(visitor: Visitor, folder: Path, name: str) -> Path:
    """Give a set another name; raises AccessError, and what ``rename_dataset`` raises."""
    _require_set(visitor, folder)
    renamed = rename_dataset(folder, name)
    if renamed.name != folder.name:
        _change({renamed.name: _makers().get(folder.name), folder.name: None})
    note_act(visitor, Act.ADD)
    return renamed


def remove_set(visitor: Visitor, folder: Path) -> None:
    """Remove a set for good; raises AccessError, and what ``remove_dataset`` raises."""
    _require_set(visitor, folder)
    remove_dataset(folder)
    _change({folder.name: None})
    note_act(visitor, Act.ADD)


def _require_set(visitor: Visitor, folder: Path) -> None:
    require(visitor, Act.ADD)
    if why := why_not_set(visitor, folder):
        raise AccessError(why)


def _is_own(visitor: Visitor, folder: Path) -> bool:
    kept = _makers().get(folder.name)
    return bool(visitor.token) and isinstance(kept, str) and hmac.compare_digest(kept, token_hash(visitor.token))


def _makers() -> dict[str, object]:
    return read_json(home() / FILE) or {}


def _change(makers: dict[str, object]) -> None:
    """Keep who made which set; None forgets it."""
    home().mkdir(parents=True, exist_ok=True)
    with FileLock(home() / f".{FILE}.lock"):
        changed = {**_makers(), **makers}
        write_json(home() / FILE, {name: maker for name, maker in changed.items() if maker})
