"""The engine of a Ray cluster as pages see it. The dispatcher (``ray_dispatcher``), a process of its own, hands runs to the nodes.

Neither Ray nor TensorFlow is imported here: the server of the pages stays as small as it is without a cluster.
"""

from covidlab.errors import RunError
from covidlab.files import load_dataclass, read_json
from covidlab.paths import home
from covidlab.runs.engines.base import Description, Engine
from covidlab.runs.engines.local import DISPATCHER, end_worker, ensure_worker
from covidlab.runs.engines.ray_cluster import require_ray
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import Run

# What the dispatcher says of the cluster.
CLUSTER = "cluster.json"


class RayEngine(Engine):
    """The dispatcher takes queued runs by itself; the engine sees to it that there is one."""

    name = EngineName.RAY

    def ready(self) -> None:
        """See Engine."""
        require_ray()
        ensure_worker(DISPATCHER)
        if failure := self.describe().failure:
            raise RunError(failure)

    def submit(self, run: Run) -> None:
        """See Engine: where no cluster answers now, the run waits for one."""
        require_ray()
        ensure_worker(DISPATCHER)

    def end(self) -> None:
        """See Engine: runs are interrupted, and taken up again by the next dispatcher."""
        end_worker(DISPATCHER)

    def describe(self) -> Description:
        """See Engine: as the dispatcher last wrote it down."""
        return load_dataclass(Description, read_json(home() / CLUSTER) or {})
