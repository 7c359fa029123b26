"""What the parts of a run cost on this machine, kept in speed.json: measured by a few batches before, and in every run. No TensorFlow.

Earlier versions kept one number for a depth, the seconds of an X-ray in an epoch; it is read where nothing better is known.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from covidlab.config import REFERENCE, TrainingConfig
from covidlab.files import load_dataclass, read_json, write_json
from covidlab.learning.backbones.base import CutPoint
from covidlab.paths import home

_FILE = "speed.json"
_COSTS = "costs"

# Of fewer passes through the frozen layers nothing is kept: the first ones take longer.
MIN_PASSES = 8

# What a step takes however few X-rays it has, as a share of a step of eight (measured on two cores): the head mostly waits for
# its own small operations, deeper layers update millions of weights.
_USUAL_BATCH = 8
_SHARE_OF_A_STEP = {"head": 0.6}
_SHARE_OF_A_DEEP_STEP = 0.15
# Until they are measured: a look at an X-ray against learning it, and writing a checkpoint.
_LOOK_SHARE = 1 / 3
_CHECKPOINT_BYTES_A_SECOND = 400e6
_REST_SECONDS = {"head": 0.3}
_REST_OF_A_DEEP_RUN_SECONDS = 3.0
# A step of the fifty heads of the cross-validation against one of a single head.
_CROSSED_STEPS = 8.0


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds of the parts of a run at one depth, on one device, in one precision; empty or None where not measured.

    steps: of a step of learning, by batch size. crossed: of a step of all heads of the cross-validation, by batch size.
    look: of an X-ray through the layers that learn. epoch: what an epoch takes besides, as its checkpoint. rest: what a run
    takes besides, as building its graphs.
    """

    steps: Mapping[str, float] = field(default_factory=dict)
    crossed: Mapping[str, float] = field(default_factory=dict)
    look: float | None = None
    epoch: float | None = None
    rest: float | None = None


def load_costs(fine_tune: str, *, device: str, precision: str) -> Costs:
    """Return what is known of the parts of a run at this depth."""
    kept = _speed().get(_COSTS, {})
    values = kept.get(_key(fine_tune, device, precision)) if isinstance(kept, dict) else None
    try:
        return load_dataclass(Costs, values or {})
    except ValueError:
        return Costs()


def keep_costs(fine_tune: str, *, device: str, precision: str, **measured) -> None:
    """Add what was measured, by the names of ``Costs``, to what is known; of batch sizes each keeps its newest figure."""
    speed, known = _speed(), asdict(load_costs(fine_tune, device=device, precision=precision))
    for name, value in measured.items():
        known[name] = {**known[name], **value} if isinstance(value, Mapping) else value
    kept = {**speed.get(_COSTS, {}), _key(fine_tune, device, precision): known}
    write_json(home() / _FILE, {**speed, _COSTS: kept, "device": device}, durable=False)


def keep_pass_seconds(seconds: float, *, precision: str) -> None:
    """Keep what an X-ray takes through the frozen layers of the head."""
    write_json(home() / _FILE, {**_speed(), _with_precision("pass", precision): seconds}, durable=False)


def pass_seconds(*, precision: str, otherwise: float) -> float:
    """Return what an X-ray takes through the frozen layers."""
    return _number(_speed().get(_with_precision("pass", precision)), otherwise)


def speed_stamp() -> str:
    """Return what changes whenever something was measured; "" while nothing has been."""
    try:
        return str((home() / _FILE).stat().st_mtime_ns)
    except OSError:
        return ""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds of the parts of a run with given settings, measured ones where there are any.

    step, crossed: of a step of learning, and of all heads of the cross-validation, at the run's batch size.
    """

    step: float
    crossed: float
    look: float
    epoch: float
    rest: float
    is_measured: bool


def pace_of(config: TrainingConfig, cut: CutPoint, *, device: str, precision: str) -> Pace:
    """Return how fast the parts of a run are, or are expected to be while nothing was measured."""
    depth, batch = config.fine_tune, config.batch_size
    costs = load_costs(depth, device=device, precision=precision)
    of_earlier_version = _speed().get(_with_precision(depth, precision))
    film = _number(of_earlier_version, cut.film_seconds)
    share = _SHARE_OF_A_STEP.get(depth, _SHARE_OF_A_DEEP_STEP)
    step = _at_batch_size(costs.steps, batch, share=share) or film * (share * _USUAL_BATCH + (1 - share) * batch)
    checkpoint_seconds = cut.checkpoint_bytes / 2 / _CHECKPOINT_BYTES_A_SECOND
    return Pace(
        step=step,
        crossed=_at_batch_size(costs.crossed, batch, share=share) or _CROSSED_STEPS * step,
        look=_number(costs.look, film * _LOOK_SHARE),
        epoch=_number(costs.epoch, checkpoint_seconds),
        rest=_number(costs.rest, _REST_SECONDS.get(depth, _REST_OF_A_DEEP_RUN_SECONDS)),
        is_measured=bool(costs.steps) or of_earlier_version is not None,
    )


def _at_batch_size(measured: Mapping[str, float], batch_size: int, *, share: float) -> float | None:
    """The seconds of a step at a batch size: as measured, else on the line through what was measured at others."""
    sizes = {int(size): seconds for size, seconds in measured.items() if str(size).isdigit()}
    if not sizes or batch_size in sizes:
        return sizes.get(batch_size)
    known, seconds = np.array(list(sizes), float), np.array(list(sizes.values()), float)
    if len(known) == 1:
        # A line through one point needs to know how much of it does not depend on the size.
        each = (1 - share) / _USUAL_BATCH
        return float(seconds[0] * (share + each * batch_size) / (share + each * known[0]))
    slope, always = np.polyfit(known, seconds, 1)
    # Noise may tilt a line of measurements; a step is never quicker than its share of the quickest.
    return float(max(max(slope, 0.0) * batch_size + max(always, 0.0), seconds.min() * batch_size / known.max()))


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _key(fine_tune: str, device: str, precision: str) -> str:
    return f"{device} | {fine_tune} | {precision}"


def _with_precision(what: str, precision: str) -> str:
    # float32 has no name of its own, as in the files of earlier versions.
    return what if precision == REFERENCE else f"{what} {precision}"


def _speed() -> dict:
    return read_json(home() / _FILE) or {}
