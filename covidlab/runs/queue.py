"""Who waits for the trainer: in which order, from when, who asked, and who may cancel. No TensorFlow here.

run.json keeps what somebody typed as a name ("asked_by"), what the run was expected to take when it was made
("expected_seconds"), and the hash of a token that only the browser of who asked has ("asked_token_sha256"). Runs of earlier
versions and those of the command line have none of these: nobody is named, and anybody may end them.
"""

import hashlib
import heapq
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from covidlab.language import tr
from covidlab.runs.jobs import Job
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.text import about_seconds, one_line, pluralize

MAX_NAME = 40
# What a report takes over from run.json is shown, exported and handed in: who asked is none of it.
_OF_THE_ASKER = ("asked_by", "asked_token_sha256")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A run in the queue.

    position: 0 trains, 1 is next. starts_in: seconds until it begins, 0 where it trains. takes: seconds that it still takes
    from then on; nan where that is not known. node: of a cluster, on which it is executed, else "".
    """

    run: Run
    position: int
    starts_in: float
    takes: float
    asked_by: str
    node: str = ""


def asked_facts(*, name: str, token: str, expected_seconds: float) -> dict[str, Any]:
    """Return what run.json keeps of who asked for a run: a name shortened to one line, and the hash of their token."""
    facts: dict[str, Any] = {"expected_seconds": round(expected_seconds, 1)}
    if typed := one_line(name, max_length=MAX_NAME):
        facts["asked_by"] = typed
    if token:
        facts["asked_token_sha256"] = token_hash(token)
    return facts


def without_asker(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of run.json without who asked for the run."""
    return {name: value for name, value in facts.items() if name not in _OF_THE_ASKER}


def asked_by(run: Run) -> str:
    """Return the name of who asked for a run, "" where none was typed."""
    return one_line(run.load_facts().get("asked_by") or "", max_length=MAX_NAME)


def may_cancel(run: Run, token: str) -> bool:
    """Return whether the visitor with this token may end a run: who asked for it, or anybody where that is not known."""
    kept = asked_hash(run)
    return not kept or hmac.compare_digest(kept, token_hash(token))


def asked_hash(run: Run) -> str:
    """Return the hash of the token of who asked for a run, "" where that is not known."""
    return str(run.load_facts().get("asked_token_sha256") or "")


def token_hash(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def places_of(runs: Sequence[Run]) -> list[Place]:
    """Return the places of runs of one engine that train or wait, from the oldest on: so the trainer takes them.

    A run begins when all before it have ended; behind a run of which nobody knows how long it takes, that is not known. Where a
    cluster trains several at once, the next one begins when the first of these has ended.
    """
    statuses = [(run, run.status()) for run in runs]
    training = [(run, status) for run, status in statuses if status.state.is_training]
    waiting = [(run, status) for run, status in statuses if status.state is State.QUEUED]
    places: list[Place] = []
    for position, (run, status) in enumerate([*training, *waiting], start=1 - len(training)):
        starts_in = next_start(places) if position > 0 else 0.0
        how = {"takes": _rest(run, status), "asked_by": asked_by(run), "node": status.node}
        places.append(Place(run=run, position=max(0, position), starts_in=starts_in, **how))
    return places


def next_start(places: Sequence[Place]) -> float:
    """Return in how many seconds one more run would begin behind these; nan where nobody knows.

    As many are executed at once as are executed now, but one at least.
    """
    ends = [_known(place.takes) for place in places if not place.position] or [0.0]
    heapq.heapify(ends)
    for place in places:
        if place.position:
            heapq.heapreplace(ends, ends[0] + _known(place.takes))
    return ends[0] if math.isfinite(ends[0]) else math.nan


def _known(seconds: float) -> float:
    return math.inf if math.isnan(seconds) else seconds


def _rest(run: Run, status: Status) -> float:
    """Seconds that a run will still take; nan where nobody knows."""
    if status.state is State.STALLED:
        return math.nan
    rest = [] if status.remaining_seconds is None else [status.remaining_seconds]
    # What is left of the epochs is known better than the whole; what comes after them only the estimate knows.
    if isinstance(expected := run.load_facts().get("expected_seconds"), int | float):
        rest.append(max(0.0, expected - status.elapsed_seconds))
    return max(rest, default=math.nan)


def describe_place(place: Place) -> str:
    """Return who stands where, e.g. "1. Run 12 (Anna) starts in about 40 s"; plain text, to be escaped as the place demands."""
    run = tr("Run {number}", number=place.run.number) + (f" ({place.asked_by})" if place.asked_by else "")
    if place.position:
        return f"{place.position}. {run} {_starts(place.starts_in)}"
    does = tr("is an audit under way") if place.run.load_job() == Job.AUDIT else tr("trains")
    does += tr(" on {node}", node=place.node) if place.node else ""
    return f"{run} {does}" + (
        "" if math.isnan(place.takes) else tr(", {about_seconds} left", about_seconds=about_seconds(place.takes))
    )


def describe_wait(places: Sequence[Place]) -> str:
    """Return one sentence on what a run that is started now waits for; "" where it begins at once."""
    if not places:
        return ""
    return tr(
        "It waits for {runs} and {starts}.", runs=pluralize(len(places), "run"), starts=_starts(next_start(places))
    )


def _starts(seconds: float) -> str:
    if math.isnan(seconds):
        return tr("starts when those before it have ended")
    return tr("starts now") if seconds < 1 else tr("starts in {about_seconds}", about_seconds=about_seconds(seconds))
