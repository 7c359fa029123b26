"""The model on paper of docs/scaling.md: how long the activations of many X-rays take on so many GPUs, and what limits them.

Nothing is measured here; every assumption is an option, so that what is measured elsewhere can be put in its place.
"""

import argparse
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Seconds and bytes; where each comes from stands in docs/scaling.md."""

    xrays: int = 1_000_000
    pass_seconds: float = 1 / 5000
    decode_seconds: float = 0.0125
    cpus_a_gpu: int = 8
    record_bytes: int = 50_176
    merge_seconds: float = 115e-6
    storage_bytes_a_second: float = 2e9
    start_seconds: float = 30.0
    shard_seconds: float = 0.005
    shards_a_gpu: int = 4


def parts_of(assumed: Assumptions, gpus: int) -> dict[str, float]:
    """Return the seconds of what goes on side by side, by name, and of what comes before it ("start")."""
    # A task decodes a batch, then passes it: the two do not overlap.
    an_xray = assumed.decode_seconds / assumed.cpus_a_gpu + assumed.pass_seconds
    # Written into the shard, read from it, written into the pack that all read.
    moved_bytes = 3 * assumed.record_bytes * assumed.xrays
    return {
        "nodes": assumed.xrays * an_xray / gpus,
        "merging": assumed.xrays * assumed.merge_seconds,
        "storage": moved_bytes / assumed.storage_bytes_a_second,
        "start": assumed.start_seconds + assumed.shard_seconds * assumed.shards_a_gpu * gpus,
    }


def main() -> None:
    """Print a line for each number of GPUs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gpus", type=int, nargs="+", default=[1, 8, 64])
    for name, value in vars(Assumptions()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    assumed = replace(Assumptions(), **{name: options[name] for name in vars(Assumptions())})
    print("GPUs  nodes  merging  storage  start  in all  X-rays/s  limited by")
    for gpus in options["gpus"]:
        parts = parts_of(assumed, gpus)
        start = parts.pop("start")
        limit = max(parts, key=parts.get)
        whole = start + parts[limit]
        times = (
            f"{parts['nodes']:5.0f} s {parts['merging']:6.0f} s {parts['storage']:6.0f} s {start:4.0f} s {whole:5.0f} s"
        )
        print(f"{gpus:4} {times} {assumed.xrays / whole:9,.0f}  {limit}")


if __name__ == "__main__":
    main()
