"""Activations of many X-rays on a Ray cluster of one node and of two, each of one processor of this machine.

The dispatcher's own code hands out the shards and merges them; a first extraction of a few X-rays, which is not counted, loads
TensorFlow on each node. ``--num-xrays 10000`` is the figure of docs/scaling.md. Processor seconds are those of all nodes: on a
machine that does other work they tell more than the clock.
"""

import argparse
import asyncio
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import psutil
from common import fresh_home, print_load
from PIL import Image


def main() -> None:
    """Make the set, then extract it with each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num-xrays", type=int, default=500)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warm = make_xrays(Path(folder) / "few", 8 * max(options.workers), seed=1)
        many = make_xrays(Path(folder) / "many", options.num_xrays, seed=2)
        rates = [measure(workers, warm, many, precision=options.precision) for workers in options.workers]
    for workers, rate in zip(options.workers[1:], rates[1:], strict=True):
        print(f"{workers} workers: {rate / rates[0]:.2f} times the rate of {options.workers[0]}")


def make_xrays(folder: Path, number: int, *, seed: int) -> Path:
    """Write grey pictures in two classes."""
    generator = np.random.default_rng(seed)
    for kind in ("covid", "normal"):
        (folder / kind).mkdir(parents=True)
        for place in range(number // 2):
            pixels = generator.integers(0, 255, (256, 256)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"{place:05d}.jpg", quality=60)
    return folder


def measure(workers: int, warm: Path, many: Path, *, precision: str) -> float:
    """Print what the extraction took, and return X-rays a second."""
    from covidlab.runs.engines.ray_cluster import RayCluster
    from covidlab.runs.engines.ray_local import local_cluster

    print_load()
    with fresh_home(), local_cluster(num_nodes=workers) as nodes:
        import ray

        cluster = RayCluster(nodes.address)
        cluster.connect()
        extract(warm, cluster, precision=precision)
        before, started = processor_seconds(), time.perf_counter()
        said, num_xrays = extract(many, cluster, precision=precision)
        seconds, taken = time.perf_counter() - started, processor_seconds() - before
        ray.shutdown()
    print(
        f"{workers} worker(s), {num_xrays:,} X-rays, {precision}: {seconds:.1f} s, {num_xrays / seconds:.1f} X-rays/s; "
        f"{1000 * taken / num_xrays:.0f} ms of processor an X-ray. {said}",
        flush=True,
    )
    return num_xrays / seconds


def extract(folder: Path, cluster, *, precision: str) -> tuple[str, int]:
    """Compute the activations of a set as the dispatcher does; return what its log says, and how many X-rays there were."""
    from covidlab.config import TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.runs.engines.ray_extraction import Extraction
    from covidlab.runs.engines.ray_shards import Wanted
    from covidlab.runs.store import RunStore

    config, catalog = TrainingConfig(dataset=str(folder)), load_catalog(folder)
    run = RunStore().create(config)
    views = dict.fromkeys(range(catalog.num_films), (0,))
    wanted = Wanted(config=config, catalog=catalog, precision=precision, views=views)
    with run.locked():
        asyncio.run(Extraction(run, wanted, cluster).complete())
    return (run.path / "log.txt").read_text().strip().split(" ", 1)[1], catalog.num_films


def processor_seconds() -> float:
    """What this process and the cluster that it has started have taken."""
    own, found = psutil.Process(), 0.0
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            found += times.user + times.system
    return found


if __name__ == "__main__":
    main()
