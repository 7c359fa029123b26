"""A run of the head on 10,000 X-rays: memory and seconds, with activations that stream from the disk.

The X-rays are small synthetic pictures (one patient for two of them), and what the frozen layers would give is made up and written
straight into the pack: what is measured is everything else, which is what grows with the set. Printed are the largest memory of the
process (resident, all of it) after each part, and the seconds. ``--views`` more than one makes the pack larger: 500 MB a view.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from common import fresh_home, print_load, print_target
from PIL import Image

MEMORY_TARGET_MB = 1500
CHUNK = 500


def main() -> None:
    """Make the set, fill the pack, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num-films", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--views", type=int, default=1)
    options = parser.parse_args()
    print_load()
    with fresh_home() as home, tempfile.TemporaryDirectory() as folder:
        from tests.homes import decide_for_float32

        decide_for_float32(home)
        made = step("pictures", lambda: make_films(Path(folder) / "films", options.num_films))
        catalog = step("catalog", lambda: load(made))
        step("pack", lambda: fill_pack(catalog, options.views))
        run = step("run", lambda: execute(made, options.epochs, options.views))
        print(f"{run.status().state}: {run.status().reason}; of {catalog.num_films:,} X-rays")
        for name in ("film_probabilities.csv", "report.json", "reference.npz"):
            print(f"{name}: {(run.path / name).stat().st_size / 1e6:.1f} MB")
    print_target(f"largest memory, {options.views} view(s)", peak_mb(), target=MEMORY_TARGET_MB, unit="MB")


def step(name: str, work):
    """Do a part of the work and print what it took."""
    started, processor = time.perf_counter(), time.process_time()
    result = work()
    seconds = f"{time.perf_counter() - started:.1f} s (processor {time.process_time() - processor:.1f} s)"
    print(f"{name}: {seconds}, memory so far {peak_mb():.0f} MB", flush=True)
    return result


def peak_mb() -> float:
    """Largest resident memory of this process so far, in MB (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def make_films(folder: Path, num_films: int) -> Path:
    """Write small pictures in two classes and a table of their patients."""
    rows, generator = ["file,patient_id"], np.random.default_rng(0)
    for label, kind in enumerate(("covid", "normal")):
        (folder / kind).mkdir(parents=True)
        for number in range(num_films // 2):
            pixels = generator.integers(0, 200, (64, 64)).astype(np.uint8) + np.uint8(50 * label)
            Image.fromarray(pixels).save(folder / kind / f"{number:05d}.png", compress_level=1)
            rows.append(f"{kind}/{number:05d}.png,{kind}-{number // 2}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n")
    return folder


def load(folder: Path):
    """Return the catalog."""
    from covidlab.data.catalog import load_catalog

    return load_catalog(folder)


def fill_pack(catalog, num_views: int) -> None:
    """Write made-up activations of all X-rays in all views; the classes overlap."""
    from covidlab.config import PRESETS
    from covidlab.learning.activations import open_pack
    from covidlab.learning.backbones.vgg16 import BACKBONE

    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head")
    generator, labels = np.random.default_rng(1), catalog.labels
    sha256s = catalog.films["sha256"].tolist()
    for view in range(num_views):
        for start in range(0, len(sha256s), CHUNK):
            features = generator.normal(size=(len(sha256s[start : start + CHUNK]), 1, 1, 512))
            features += 0.1 * labels[start : start + CHUNK, None, None, None]
            records = np.broadcast_to(features.astype(np.float16), (len(features), 7, 7, 512))
            pack.add([(sha256, view) for sha256 in sha256s[start : start + CHUNK]], records)


def execute(folder: Path, epochs: int, views: int):
    """Execute a run as the command line does, cross-validation and report included."""
    from covidlab.config import TrainingConfig
    from covidlab.runs.execution import Execution
    from covidlab.runs.jobs import EngineName
    from covidlab.runs.store import RunStore

    config = TrainingConfig(dataset=str(folder), epochs=epochs, views=views, batch_size=32)
    run = RunStore().create(config, engine=EngineName.INLINE)
    with run.locked():
        Execution(run).execute()
    return run


if __name__ == "__main__":
    main()
