"""A Ray cluster on this machine: a head that computes nothing and nodes that do, with Ray's own cluster utility. For tests.

``python -m covidlab.runs.engines.ray_local`` (``make cluster``) keeps one until Ctrl-C and prints its address.
"""

import argparse
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from covidlab.runs.engines.ray_cluster import require_ray

if TYPE_CHECKING:
    from ray._private.node import Node
    from ray.cluster_utils import Cluster

NUM_NODES = 2
_OBJECT_STORE_BYTES = 100_000_000
# A lost node is noticed within a second or two; by default Ray waits up to half a minute.
_NOTICES_SOON = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 5000,
    "health_check_failure_threshold": 3,
}
_START_SECONDS = 120.0


@contextmanager
def local_cluster(*, num_nodes: int = NUM_NODES, num_cpus: int = 1) -> Iterator["Cluster"]:
    """Keep a cluster of so many nodes, called "node 1" and so on, of so many processors each; ``address`` is its address."""
    require_ray()
    # Nothing leaves the machine.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "node_name": "head", "_system_config": _NOTICES_SOON}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "object_store_memory": _OBJECT_STORE_BYTES})
    try:
        for number in range(1, num_nodes + 1):
            add_node(cluster, f"node {number}", num_cpus=num_cpus)
        cluster.wait_for_nodes(timeout=_START_SECONDS)
        yield cluster
    finally:
        cluster.shutdown()


def add_node(cluster: "Cluster", name: str, *, num_cpus: int = 1) -> "Node":
    """Start one more node, and return it before it has joined; ``cluster.remove_node`` takes it."""
    return cluster.add_node(wait=False, num_cpus=num_cpus, node_name=name, object_store_memory=_OBJECT_STORE_BYTES)


def main() -> None:
    """Keep a cluster until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Start a Ray cluster on this machine.")
    parser.add_argument("--nodes", type=int, default=NUM_NODES)
    parser.add_argument("--cpus", type=int, default=1, help="processors of each node")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with local_cluster(num_nodes=options.nodes, num_cpus=options.cpus) as cluster:
            print(
                f"{options.nodes} nodes are ready. Start the dashboard in another terminal with\n"
                f"    COVIDLAB_ENGINE=ray RAY_ADDRESS={cluster.address} make app\n"
                "Ctrl-C ends the cluster.",
                flush=True,
            )
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
