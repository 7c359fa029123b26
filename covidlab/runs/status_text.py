"""Where a run stands, in the words the pages and the command line share."""

from covidlab.language import tr
from covidlab.runs.status import Status
from covidlab.text import about_seconds


def describe_progress(status: Status) -> str:
    """Return the line of a running run, e.g. "Epoch 3 of 25 · training · about 18 s left"."""
    # A person counts the epoch under way, the status the finished ones.
    epoch = min(status.epoch + 1, status.epochs)
    parts = [
        tr("{capitalize} {epoch} of {epochs}", capitalize=status.unit.capitalize(), epoch=epoch, epochs=status.epochs),
        status.phase or status.state,
    ]
    if status.node:
        parts.append(tr("on {node}", node=status.node) + (f", {status.device}" if status.device else ""))
    if status.remaining_seconds:
        parts.append(tr("{about_seconds} left", about_seconds=about_seconds(status.remaining_seconds)))
    return " · ".join(parts)
