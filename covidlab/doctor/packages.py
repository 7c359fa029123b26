"""The installed packages against the lock file, and Ray where somebody wants it."""

import os
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from covidlab.doctor.findings import Finding, fails, limited, works
from covidlab.errors import UsageError
from covidlab.paths import PROJECT_ROOT
from covidlab.text import pluralize, some_of

LOCK = PROJECT_ROOT / "requirements.lock"

_PIN = re.compile(r"^(\S+)==(\S+?)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)
_INSTALL = "Run `make install` in the project's folder."


def look_at_packages() -> Finding:
    """Whether each package of the lock file is here, in its version."""
    if not LOCK.is_file():
        return limited(
            f"There is no {LOCK.name}, so nothing says which versions belong together.", "Install covidlab again."
        )
    locked = locked_versions(LOCK.read_text(encoding="utf-8"))
    found = {name: _installed(name) for name in locked}
    missing = [name for name in locked if found[name] is None]
    other = [f"{name} {found[name]}" for name in locked if found[name] not in (None, locked[name])]
    facts = {"locked": len(locked), "missing": missing, "other_versions": other}
    if missing:
        return fails(
            f"{pluralize(len(missing), 'package is', 'packages are')} missing: {some_of(missing)}.", _INSTALL, **facts
        )
    if other:
        sentence = f"{pluralize(len(other), 'package has', 'packages have')} another version than was tested: {some_of(other)}."
        return limited(sentence, _INSTALL, **facts)
    return works(f"All {len(locked)} packages have the versions of {LOCK.name}.", **facts)


def look_at_engine() -> Finding:
    """What executes runs, and whether Ray is here."""
    from covidlab.runs.engines import chosen_engine

    ray = _installed("ray")
    facts = {"engine": os.environ.get("COVIDLAB_ENGINE") or "local", "ray": ray}
    said_of_ray = f"Ray {ray} is installed." if ray else "Ray is not installed; this engine does not need it."
    if facts["engine"] == "ray" and not ray:
        advice = "Install it with `pip install -r requirements-ray.txt`, or leave COVIDLAB_ENGINE unset."
        return fails("COVIDLAB_ENGINE is ray, and Ray is not installed.", advice, **facts)
    try:
        chosen_engine()
    except UsageError as error:
        return fails(str(error), "Leave COVIDLAB_ENGINE unset.", **facts)
    return works(f"The engine {facts['engine']} executes runs. {said_of_ray}", **facts)


def locked_versions(lock: str) -> Mapping[str, str]:
    """Return the version of each package that this platform needs."""
    return {name: pinned for name, pinned, marker in _PIN.findall(lock) if not marker or _applies(marker)}


def _applies(marker: str) -> bool:
    """Whether a condition of the lock file holds here; not, where nothing can tell."""
    try:
        from packaging.markers import Marker
    except ImportError:
        return False
    return Marker(marker).evaluate()


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
