"""How well the estimated lungs agree with known masks: Dice over the X-rays of --dataset that have a mask, and over phantoms.

The shape and its weights were chosen while looking at the curated fifty, so those figures are kind; the phantoms, whose masks
are exact, were not looked at.
"""

import time
from pathlib import Path

import numpy as np
from common import fresh_home, print_load, read_options

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.imaging.decode import decode_file
from covidlab.imaging.encode import fit
from covidlab.imaging.lungs import estimated_lungs
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig

LONGEST_SIDE = 256


def main() -> None:
    """Print Dice and seconds for the X-rays of the set, then for phantoms."""
    options = read_options(__doc__, phantoms={"type": int, "default": 40, "help": "synthetic X-rays"})
    with fresh_home() as home:
        print_load()
        report("the set", load_catalog(options.dataset))
        report("phantoms", phantoms(home, options.phantoms))


def phantoms(home: Path, number: int) -> Catalog:
    """A set of phantoms with exact masks."""
    make_phantoms(home / "phantoms", PhantomConfig(num_films=number, size=LONGEST_SIDE, seed=10))
    return load_catalog(home / "phantoms")


def report(what: str, catalog: Catalog) -> None:
    """Print median, quartiles and worst Dice, how many had no plausible estimate, and the median time."""
    dices, seconds = [], []
    for file in catalog.films["file"]:
        mask = catalog.mask_path(file)
        if mask is None:
            continue
        pixels = fit(decode_file(catalog.film_path(file)).pixels, LONGEST_SIDE)
        known = fit(decode_file(mask).pixels, LONGEST_SIDE)[..., 0] > 127
        started = time.perf_counter()
        estimate = estimated_lungs(pixels)
        seconds.append(time.perf_counter() - started)
        if estimate is not None:
            dices.append(dice(estimate, known))
    print(f"{what}: {len(seconds)} X-rays with a mask, {len(seconds) - len(dices)} without a plausible estimate")
    if dices:
        low, middle, high = np.percentile(dices, (25, 50, 75))
        print(
            f"  Dice: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}, worst {min(dices):.3f} (n {len(dices)})"
        )
        print(f"  {1000 * np.median(seconds):.0f} ms an X-ray (median)", flush=True)


def dice(estimate: np.ndarray, known: np.ndarray) -> float:
    """Twice the area in common over the sum of both areas (Dice 1945)."""
    return 2 * float((estimate & known).sum()) / float(estimate.sum() + known.sum())


if __name__ == "__main__":
    main()
