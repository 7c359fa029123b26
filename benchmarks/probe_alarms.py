"""How often the probe of a data set raises an alarm: on sets without a shortcut, and on sets with one.

Prints the share of alarms on phantoms without a shortcut, on the X-rays of --dataset with their classes given to the patients
at random, and on phantoms that are stored in colour where they have opacities; then the alarm on the X-rays of --dataset.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import fresh_home, print_target, read_options

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.evaluation.probe import probe
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig

NUMBERS = (24, 30, 36, 40)
MOST_FALSE_ALARMS = 0.05


def main() -> None:
    """Probe many small sets and print the shares."""
    options = read_options(__doc__, seeds={"type": int, "default": 40, "help": "sets of each kind"})
    seeds = range(options.seeds)
    with fresh_home() as home:
        curated = load_catalog(options.dataset)
        clean = alarms("phantoms without a shortcut", (phantoms(home, seed, "none") for seed in seeds))
        print_target("false alarms on phantoms", clean, target=MOST_FALSE_ALARMS, unit="of the sets")
        shuffled = alarms("classes at random", (with_random_classes(curated, seed) for seed in seeds))
        print_target(
            "false alarms on X-rays with random classes", shuffled, target=MOST_FALSE_ALARMS, unit="of the sets"
        )
        planted = alarms("phantoms in colour", (phantoms(home, seed, "jpeg_colour") for seed in seeds))
        print_target("alarms on phantoms with a shortcut", planted, target=0.95, unit="of the sets", at_least=True)
        started = time.perf_counter()
        print("\n".join(probe(curated).sentences()))
        print(f"{curated.num_films} X-rays in {time.perf_counter() - started:.1f} s")


def alarms(what: str, catalogs: Iterable[Catalog]) -> float:
    """Share of the sets that raise an alarm; prints which thumbnails tell the classes apart too."""
    probes = [probe(catalog) for catalog in catalogs]
    thumbnails = sum(one.thumbnail.low > 1 / one.num_classes for one in probes)
    raised = sum(one.is_alarm for one in probes)
    print(f"{what}: {raised} of {len(probes)} raise an alarm; the thumbnail tells {thumbnails} apart", flush=True)
    return raised / len(probes)


def phantoms(home: Path, seed: int, shortcut: str) -> Catalog:
    """A small set of phantoms."""
    folder = home / f"{shortcut}-{seed}"
    number = NUMBERS[seed % len(NUMBERS)]
    make_phantoms(folder, PhantomConfig(num_films=number, size=256, seed=seed, shortcut=shortcut))
    return load_catalog(folder)


def with_random_classes(catalog: Catalog, seed: int) -> Catalog:
    """The same X-rays, each patient with a class at random, so that no property can tell the classes apart."""
    patients, patient_of = np.unique(catalog.films["patient_id"].to_numpy(dtype=str), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(np.arange(len(patients)) % len(catalog.classes))
    return replace(catalog, films=catalog.films.assign(**{"class": np.array(catalog.classes)[drawn[patient_of]]}))


if __name__ == "__main__":
    main()
