"""Where a run stands, in the words the pages and the command line share."""

from covidlab.language import tr, tr_lazy
from covidlab.runs.status import State, Status
from covidlab.text import about_seconds, device_text

STATE_NAMES = {
    State.QUEUED: tr_lazy("queued"),
    State.RUNNING: tr_lazy("running"),
    State.STALLED: tr_lazy("stalled"),
    State.FINISHED: tr_lazy("finished"),
    State.STOPPED: tr_lazy("stopped"),
    State.FAILED: tr_lazy("failed"),
    State.INTERRUPTED: tr_lazy("interrupted"),
    State.DAMAGED: tr_lazy("damaged"),
    State.NEWER: tr_lazy("newer"),
}
# What trainers write as a phase besides what they say through ``tr``: here, so that it is translated.
PHASES = (
    tr_lazy("training"),
    tr_lazy("learning"),
    tr_lazy("evaluating"),
    tr_lazy("cross-validating"),
    tr_lazy("waiting"),
    tr_lazy("waiting to go on"),
    tr_lazy("waiting to resume"),
)


def describe_failure(status: Status) -> str:
    """Return how a run ended before its time and why, e.g. "Stopped after epoch 3.", "Failed. The disk is full."."""
    # The trainer wrote the reason, in English.
    if status.reason.startswith(status.state.capitalize()):
        return tr(status.reason)
    state = str(STATE_NAMES[status.state])
    return f"{state[:1].upper()}{state[1:]}. {tr(status.reason)}"


def describe_progress(status: Status) -> str:
    """Return the line of a running run, e.g. "Epoch 3 of 25 · training · about 18 s left"."""
    # A person counts the epoch under way, the status the finished ones.
    epoch = min(status.epoch + 1, status.epochs)
    parts = [
        _describe_step(status.unit, epoch, status.epochs),
        # The trainer wrote the phase, in English.
        tr(status.phase) if status.phase else str(STATE_NAMES[status.state]),
    ]
    if status.node:
        parts.append(tr("on {node}", node=status.node) + (f", {device_text(status.device)}" if status.device else ""))
    if status.remaining_seconds:
        parts.append(tr("{about_seconds} left", about_seconds=about_seconds(status.remaining_seconds)))
    return " · ".join(parts)


def _describe_step(unit: str, step: int, steps: int) -> str:
    if unit == "trial":
        return tr("Trial {step} of {steps}", step=step, steps=steps)
    if unit == "part":
        return tr("Part {step} of {steps}", step=step, steps=steps)
    return tr("Epoch {step} of {steps}", step=step, steps=steps)
