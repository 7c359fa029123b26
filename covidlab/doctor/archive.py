"""The archive of runs, where COVIDLAB_ARCHIVE names one: whether it can be reached and written."""

import secrets
import threading
from collections.abc import Callable
from typing import Any

from covidlab.doctor.findings import Finding, fails, limited, works

WAIT_SECONDS = 20.0

# One name, so that at most one stays where nothing may be removed.
TRIAL = "covidlab-doctor.txt"
_ADVICE = (
    "Mend COVIDLAB_ARCHIVE or what it needs, or leave it unset: runs that have ended then stay on this machine only."
)


def look_at_archive(seconds: float = WAIT_SECONDS) -> Finding:
    """Write a small object where copies of runs will lie, read it and remove it."""
    answers: list[Finding] = []
    # A store that does not answer takes minutes until its library says so.
    thread = threading.Thread(target=lambda: answers.append(_tried(_look)), name="look-at-archive", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        return fails(f"The archive of runs has not answered in {seconds:.0f} s.", _ADVICE)
    return answers[0]


def _tried(look: Callable[[], Finding]) -> Finding:
    from covidlab.errors import CovidLabError

    try:
        return look()
    except (CovidLabError, ImportError) as error:
        return fails(f"The archive of runs cannot be used. {error}", _ADVICE)


def _look() -> Finding:
    from covidlab.object_store import StoreError
    from covidlab.runs.archive import open_archive

    archive = open_archive()
    content = secrets.token_hex(8).encode()
    archive.store.write(TRIAL, content)
    facts: dict[str, Any] = {"archive": archive.shown}
    if archive.store.read(TRIAL, most=100) != content:
        return fails(f"{archive.shown} does not give back what was written to it.", _ADVICE, **facts)
    try:
        archive.store.remove([TRIAL])
    except StoreError as error:
        advice = f"A run that goes on after it was copied cannot be copied again. Allow removing objects. {error}"
        return limited(f"{archive.shown} can be read and written, and nothing can be removed.", advice, **facts)
    return works(f"Runs that have ended are copied to {archive.shown}, which can be read and written.", **facts)
