"""Where runs are executed: by the worker of this machine, by the nodes of a Ray cluster, or in the calling process."""

import os
from collections.abc import Callable

from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.runs.engines.base import Engine
from covidlab.runs.engines.local import LocalEngine
from covidlab.runs.engines.ray import RayEngine
from covidlab.runs.jobs import EngineName

# Engines that can execute the dashboard's runs. "inline" is none of them: a page would wait for the training.
ENGINES: dict[str, Callable[[], Engine]] = {EngineName.LOCAL: LocalEngine, EngineName.RAY: RayEngine}


def chosen_engine() -> Engine:
    """Return the engine COVIDLAB_ENGINE names, by default "local"; raises UsageError where there is none of that name."""
    name = os.environ.get("COVIDLAB_ENGINE") or EngineName.LOCAL
    if name not in ENGINES:
        raise UsageError(
            tr("COVIDLAB_ENGINE must be {engines}. Received: {name}.", engines=" or ".join(ENGINES), name=name)
        )
    return ENGINES[name]()
