"""How the maps of the shipped model do on the X-rays of --dataset: on trial, against the lungs, and in seconds, by method.

For the class that each X-ray resembles. Lungs are those of the masks that came with the set, else estimated. The model was
trained on the curated fifty, so on those the maps are of X-rays that it knows.
"""

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import mean, median

from common import fresh_home, print_load, read_options

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.imaging.decode import decode_file
from covidlab.imaging.encode import fit
from covidlab.imaging.prepare import model_input
from covidlab.intervals import wilson_interval
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.explaining import explain, log_odds_reader, put_on_trial
from covidlab.prediction.explanation import METHOD_NAMES, Method
from covidlab.prediction.loading import ModelFile, load_predictor
from covidlab.prediction.lung_attention import LungAttention, Lungs, find_lungs, hottest_place, lung_attention

LUNGS_SIDE = 512


@dataclass
class Tally:
    """What is counted for one method. attention: by the class explained."""

    passed: list[bool] = field(default_factory=list)
    explaining_seconds: list[float] = field(default_factory=list)
    trial_seconds: list[float] = field(default_factory=list)
    attention: dict[str, list[LungAttention]] = field(default_factory=dict)
    hottest: Counter = field(default_factory=Counter)


def main() -> None:
    """Explain every X-ray by every method, put the map on trial, print the tallies."""
    options = read_options(
        __doc__,
        every={"type": int, "default": 1, "help": "take every nth X-ray"},
        methods={"nargs": "+", "default": list(Method), "choices": list(Method), "help": "methods to look at"},
    )
    with fresh_home():
        predictor = load_predictor(ModelFile(path=DEFAULT_MODEL / "model.keras"))
        catalog = load_catalog(options.dataset)
        tallies = {Method(method): Tally() for method in options.methods}
        print_load()
        for number, file in enumerate(catalog.films["file"][:: options.every], start=1):
            look_at(predictor, catalog, file, tallies)
            if number % 10 == 0:
                print_tallies(tallies, number)
        if number % 10:
            print_tallies(tallies, number)
        print_load()


def look_at(predictor, catalog: Catalog, file: str, tallies: dict[Method, Tally]) -> None:
    """Explain one X-ray by each method and count what is found."""
    pixels = decode_file(catalog.film_path(file)).pixels
    prepared = model_input(pixels, resize=predictor.resize)
    lungs = lungs_of(catalog, file, pixels)
    classes = list(predictor.card.classes)
    log_odds = [log_odds_reader(predictor, name)(prepared[None])[0] for name in classes]
    name = classes[int(np.argmax(log_odds))]
    for method, tally in tallies.items():
        started = time.perf_counter()
        explanation = explain(predictor, prepared, method=method, class_name=name)
        explained = time.perf_counter()
        trial = put_on_trial(predictor, prepared, explanation)
        tally.explaining_seconds.append(explained - started)
        if trial is None:
            continue
        tally.trial_seconds.append(time.perf_counter() - explained)
        tally.passed.append(trial.passed)
        tally.hottest[str(hottest_place(explanation.heatmap, lungs).place)] += 1
        attention = lungs and lung_attention(explanation.heatmap, lungs)
        if attention:
            tally.attention.setdefault(name, []).append(attention)


def lungs_of(catalog: Catalog, file: str, pixels: np.ndarray) -> Lungs | None:
    """The lungs by the set's mask, else estimated."""
    mask = catalog.mask_path(file)
    return find_lungs(fit(pixels, LUNGS_SIDE), decode_file(mask).pixels if mask else None)


def print_tallies(tallies: dict[Method, Tally], num_films: int) -> None:
    """Print what was found so far."""
    print(f"{num_films} X-rays")
    for method, tally in tallies.items():
        passed, number = sum(tally.passed), len(tally.passed)
        low, high = wilson_interval(passed, number)
        print(
            f"{METHOD_NAMES[method]}: {passed} of {number} maps pass ({low:.2f} to {high:.2f}); map "
            f"{median(tally.explaining_seconds):.2f} s, trial {median(tally.trial_seconds):.2f} s (medians); brightest "
            f"place: {dict(tally.hottest)}"
        )
        for name, found in tally.attention.items():
            share, chance = mean(each.share for each in found), mean(each.chance for each in found)
            ratios = [each.ratio for each in found]
            print(
                f"  {name} (n {len(found)}): {share:.2f} of the heat in the lungs, {chance:.2f} by chance; mean ratio "
                f"{mean(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
