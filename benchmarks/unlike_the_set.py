"""How well an X-ray that is unlike the set is told from one that is like it, with the features of the shipped model.

Prints for each folder of OTHERS how many of its pictures are too far from the fifty, how often the watch of a visit flags ten
of them, the same with two other measures, and how often the watch flags held-out patients of the fifty.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import print_target, read_options

from covidlab.errors import UnreadableImage
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import model_input
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction import reference as references
from covidlab.prediction.assessment import assess
from covidlab.prediction.loading import load_predictor
from covidlab.prediction.reference import Reference, distances, nearest_mean
from covidlab.prediction.watch import ALARM, evidence
from covidlab.runs.models import model_file
from covidlab.runs.store import Run

VISIT = 10
HELD_OUT_PATIENTS = 10


def main() -> None:
    """Read the pictures, then print what is far and what is flagged."""
    options = read_options(
        __doc__,
        others={"nargs": "+", "type": Path, "help": "folders of pictures", "metavar": "FOLDER"},
        most={"type": int, "default": 100, "help": "pictures of each folder"},
        visits={"type": int, "default": 100, "help": "visits of ten X-rays, in random order"},
    )
    predictor = load_predictor(model_file(Run(DEFAULT_MODEL)))
    features = {folder.name: features_of(predictor, folder, options.most) for folder in options.others}
    for name, measure in MEASURES.items():
        references.embedded = measure(predictor.reference.features)
        # What a reference remembers of its distances belongs to one measure.
        reference = replace(predictor.reference)
        print(f"\nmeasure: {name}; the limit is {reference.limit:.3f}")
        for folder, rows in features.items():
            far = np.mean([assess(reference, row).is_far for row in rows])
            flagged = share_flagged(reference, rows, options.visits)
            print(f"{folder}: {far:.0%} of {len(rows)} too far; flagged in {flagged:.0%} of {options.visits} visits")
        false_alarms = share_of_false_alarms(reference, options.visits)
        print_target("false alarms on held-out patients", false_alarms, target=0.05, unit="of the visits")


def features_of(predictor, folder: Path, most: int) -> np.ndarray:
    """What the head takes of the pictures of a folder, evenly chosen; those that cannot be read are passed over."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = []
    for path in files[:: max(1, len(files) // most)][:most]:
        try:
            pixels = decode_file(path).pixels
        except UnreadableImage as refusal:
            print(refusal)
            continue
        activations = predictor.network.frozen(model_input(pixels, resize=predictor.resize)[None])
        rows.append(predictor.network.features(activations).numpy()[0])
    return np.stack(rows)


def share_flagged(reference: Reference, rows: np.ndarray, num_visits: int) -> float:
    """Share of visits of ten of these pictures that reach the alarm."""
    generator = np.random.default_rng(0)
    found = np.array([assess(reference, row).distance for row in rows])
    flagged = [max(evidence(reference, generator.permutation(found)[:VISIT])) >= ALARM for _ in range(num_visits)]
    return float(np.mean(flagged))


def share_of_false_alarms(reference: Reference, num_visits: int) -> float:
    """Share of visits with X-rays of held-out patients of the set, the others being the set, that reach the alarm."""
    generator = np.random.default_rng(1)
    alarms = 0
    for _ in range(num_visits):
        held_out = np.isin(reference.patients, generator.permutation(np.unique(reference.patients))[:HELD_OUT_PATIENTS])
        rest = replace(reference, features=reference.features[~held_out], patients=reference.patients[~held_out])
        pairs = distances(reference.features[held_out], rest.features)
        alarms += max(evidence(rest, generator.permutation(nearest_mean(pairs)))) >= ALARM
    return alarms / num_visits


def normalized(points: np.ndarray) -> np.ndarray:
    """Points of length 1."""
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)


MEASURES: dict[str, Callable[[np.ndarray], Callable[[np.ndarray], np.ndarray]]] = {
    "cosine (used)": lambda known: normalized,
    "cosine of square roots": lambda known: lambda features: normalized(np.sqrt(features)),
    "cosine of fourth roots": lambda known: lambda features: normalized(features**0.25),
}


if __name__ == "__main__":
    main()
