"""What a node of a cluster takes over from the machine that asks before it computes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from covidlab.paths import home
from covidlab.runs.engines.ray_cluster import Need

# What a node must know of the settings of the machine that asks; tokens stay there.
_PASSED_ON = ("COVIDLAB_DATASET", "COVIDLAB_MODEL")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From when on work is shared out among nodes.

    shard_from: missing passes through the frozen layers, fewer of which take one node less time than a second one takes to load
    TensorFlow; 0 for never. heads_from: X-rays of a sweep, of fewer of which the heads learn where the sweep is.
    """

    shard_from: int = 512
    heads_from: int = 2000


def environment(need: Need) -> dict[str, str]:
    """Return the environment of a task that takes ``need``."""
    named = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
        "COVIDLAB_HOME": str(home().absolute())
    }
    threads = str(int(need.cpus))
    return {**named, "TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}


def settle(values: Mapping[str, str]) -> None:
    """Take over an environment, and load TensorFlow under it."""
    from covidlab.learning.quiet import load_tensorflow_quietly

    os.environ.update(values)
    load_tensorflow_quietly()
