"""What a node of a cluster is asked to do for a run. Ray imports this on the node; TensorFlow is loaded once it is needed."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlab.errors import CovidLabError
from covidlab.language import said_by, tr_lazy
from covidlab.runs.engines.ray_cluster import Need, own_node
from covidlab.runs.engines.ray_environment import Limits, settle
from covidlab.runs.engines.ray_lease import LeasedRun, LeaseLost
from covidlab.runs.jobs import Job
from covidlab.runs.recovery import record_failure
from covidlab.runs.status import State

if TYPE_CHECKING:
    from covidlab.runs.engines.ray_shards import Wanted


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attempt ended: in a state, without a lease, or at once because shards (``wanted``) are to be computed first."""

    state: str = ""
    is_lease_lost: bool = False
    wanted: "Wanted | None" = None


def carry_out(path: str, lease: str, values: Mapping[str, str], need: Need, limits: Limits) -> Outcome:
    """Execute a run, its lock held by the dispatcher, whatever its job."""
    run = LeasedRun(Path(path), lease=lease, node=own_node())
    try:
        settle(values)
        if limits.shard_from and (wanted := _wanted(run, limits.shard_from)):
            return Outcome(wanted=wanted)
        return Outcome(state=_execute(run, need, limits))
    except LeaseLost:
        return Outcome(is_lease_lost=True)
    except CovidLabError as error:
        record_failure(run, said_by(error))
    # The outermost frame of the node: whatever happens is recorded.
    except Exception as error:
        traceback.print_exc()
        record_failure(run, tr_lazy("Unexpected error: {name}. See log.txt of the run.", name=type(error).__name__))
    return Outcome(state=State.FAILED)


def _wanted(run: LeasedRun, shard_from: int) -> "Wanted | None":
    from covidlab.runs.engines.ray_shards import find_wanted

    run.require_lease()
    return find_wanted(run, at_least=shard_from)


def _execute(run: LeasedRun, need: Need, limits: Limits) -> str:
    from covidlab.runs.starting import start_job

    options: dict[str, Any] = {}
    if run.load_job() == Job.SWEEP:
        from covidlab.runs.engines.ray_trials import Spread

        options["spread"] = Spread(need, heads_from=limits.heads_from)
    return start_job(run, **options).state
