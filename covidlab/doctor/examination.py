"""All checks in their order, and the report of what they found."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import covidlab
from covidlab.doctor.archive import look_at_archive
from covidlab.doctor.computing import Computing
from covidlab.doctor.contents import look_at_dataset, look_at_decoding, look_at_weights
from covidlab.doctor.findings import Check, Finding, State, fails
from covidlab.doctor.machine import look_at_chromium, look_at_memory, look_at_port, look_at_python
from covidlab.doctor.packages import look_at_engine, look_at_packages
from covidlab.doctor.storage import look_at_disk, look_at_home, look_at_temporary_files

# Raised only where a reader of the JSON would misunderstand it; keys are added without.
FORMAT = 1

Looked = tuple[Check, Finding]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found, in order, and how long it took."""

    looked: tuple[Looked, ...]
    seconds: float

    @property
    def hindrances(self) -> list[str]:
        """Titles of what does not work and is required."""
        return [check.title for check, found in self.looked if check.is_required and found.state is State.FAILS]

    @property
    def can_run(self) -> bool:
        """Whether the app can run here."""
        return not self.hindrances

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "format": FORMAT,
            "covidlab": covidlab.__version__,
            "can_run": self.can_run,
            "seconds": round(self.seconds, 2),
            "checks": [_check_values(check, found) for check, found in self.looked],
        }


def all_checks(computing: Computing) -> tuple[Check, ...]:
    """Return the checks: those that ask ``computing`` last, since it takes longest."""
    return (
        Check(name="python", title="Python", look=look_at_python, is_required=True),
        Check(name="packages", title="Packages", look=look_at_packages, is_required=True),
        Check(name="memory", title="Memory", look=look_at_memory, is_required=True),
        Check(name="home", title="Runs and caches", look=look_at_home, is_required=True),
        Check(name="disk", title="Disk", look=look_at_disk, is_required=True),
        *_archive_checks(),
        Check(name="temporary_files", title="Temporary files", look=look_at_temporary_files),
        Check(name="port", title="Port", look=look_at_port),
        Check(name="engine", title="Engine", look=look_at_engine, is_required=True),
        Check(name="weights", title="Weights", look=look_at_weights, is_required=True),
        Check(name="dataset", title="X-rays", look=look_at_dataset),
        Check(name="decoding", title="Uploads", look=look_at_decoding, is_required=True),
        Check(name="chromium", title="Chromium", look=look_at_chromium),
        Check(name="tensorflow", title="TensorFlow", look=computing.look_at_tensorflow, is_required=True),
        Check(name="gpu", title="GPU", look=computing.look_at_gpu),
        Check(name="precision", title="Precision", look=computing.look_at_precision, is_required=True),
    )


def _archive_checks() -> tuple[Check, ...]:
    """Of who keeps no runs elsewhere nothing is asked."""
    if not os.environ.get("COVIDLAB_ARCHIVE"):
        return ()
    return (Check(name="archive", title="Archive of runs", look=look_at_archive),)


def examine(
    checks: Iterable[Check],
    *,
    before: Callable[[Check], None] = lambda check: None,
    after: Callable[[Check, Finding], None] = lambda check, found: None,
) -> Report:
    """Look at everything; ``before`` and ``after`` are called around each check."""
    started = time.monotonic()
    return Report(looked=tuple(_look(checks, before, after)), seconds=time.monotonic() - started)


def _look(checks: Iterable[Check], before: Callable, after: Callable) -> Iterator[Looked]:
    for check in checks:
        before(check)
        found = _find(check)
        after(check, found)
        yield check, found


def _find(check: Check) -> Finding:
    """What a check finds; a check that fails itself is a finding too, since a broken package may raise anything."""
    try:
        return check.look()
    except Exception as error:
        received = f"{type(error).__name__}: {error}"
        return fails(
            f"This could not be looked at. Received: {received}.", "Run `make install` in the project's folder."
        )


def _check_values(check: Check, found: Finding) -> dict[str, Any]:
    return {
        "name": check.name,
        "title": check.title,
        "state": str(found.state),
        "is_required": check.is_required,
        "sentence": found.sentence,
        "advice": found.advice,
        "facts": dict(found.facts),
    }
