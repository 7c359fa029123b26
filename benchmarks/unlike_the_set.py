"""How well an X-ray that is unlike the set is told from one that is like it, with the features of the shipped model.

Prints for each folder of OTHERS how many of its pictures are too far from the fifty, and how often the watch of a visit flags ten of
those that were held back when its second distance was chosen (patients with an odd number before the "_" of the file name; all, where there
is no number), with the distance to the set alone too; then how often it flags X-rays of held-out patients of the fifty, of
all classes and of one alone; then the same with two other measures.
"""

import re
from collections.abc import Callable, Iterable, Iterator
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
        most={"type": int, "default": 500, "help": "pictures of each folder"},
        visits={"type": int, "default": 2000, "help": "visits of ten X-rays, in random order"},
    )
    predictor = load_predictor(model_file(Run(DEFAULT_MODEL)))
    features = {folder.name: features_of(predictor, folder, options.most) for folder in options.others}
    for name, measure in MEASURES.items():
        references.embedded = measure(predictor.reference.features)
        # What a reference remembers of its distances belongs to one measure.
        reference = replace(predictor.reference)
        print(f"\nmeasure: {name}; the limit is {reference.limit:.3f}")
        for folder, (rows, held_back) in features.items():
            found = [assess(reference, row) for row in rows]
            print(f"{folder}: {np.mean([each.is_far for each in found]):.0%} of {len(rows)} too far")
            visits = visits_of(
                np.array([(each.distance, each.class_distance) for each in found])[held_back], options.visits
            )
            print_flagged(f"{folder}, {held_back.sum()} held back", [(reference, visit) for visit in visits])
        first = reference.labels[np.unique(reference.patients, return_index=True)[1]]
        for label, class_name in enumerate(reference.classes):
            alone = held_out_visits(reference, np.unique(reference.patients)[first == label], options.visits)
            print_flagged(f"held-out patients of {class_name} alone", alone)
        alarms = print_flagged(
            "held-out patients", held_out_visits(reference, np.unique(reference.patients), options.visits)
        )
        print_target("false alarms on held-out patients", alarms, target=0.05, unit="of the visits")


def features_of(predictor, folder: Path, most: int) -> tuple[np.ndarray, np.ndarray]:
    """What the head takes of the pictures of a folder, evenly chosen, and which were held back; unreadable ones are passed over."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows, held_back = [], []
    for path in files[:: max(1, len(files) // most)][:most]:
        try:
            pixels = decode_file(path).pixels
        except UnreadableImage as refusal:
            print(refusal)
            continue
        activations = predictor.network.frozen(model_input(pixels, resize=predictor.resize)[None])
        rows.append(predictor.network.features(activations).numpy()[0])
        patient = re.match(r"(\d+)_", path.name)
        held_back.append(patient is None or int(patient[1]) % 2 == 1)
    return np.stack(rows), np.array(held_back)


def visits_of(found: np.ndarray, num_visits: int) -> list[np.ndarray]:
    """Visits of ten of these pictures, each (10, 2): distance to the set, and to the class whose X-rays are most alike."""
    generator = np.random.default_rng(0)
    return [generator.permutation(found)[:VISIT] for _ in range(num_visits)]


def held_out_visits(
    reference: Reference, patients: np.ndarray, num_visits: int
) -> Iterator[tuple[Reference, np.ndarray]]:
    """Visits with ten X-rays of held-out patients among these, at most half of them, the others being the set."""
    generator = np.random.default_rng(1)
    num_held_out = min(HELD_OUT_PATIENTS, len(patients) // 2)
    while num_visits:
        out = np.isin(reference.patients, generator.permutation(patients)[:num_held_out])
        if out.sum() < VISIT:
            continue
        known = {name: getattr(reference, name)[~out] for name in ("features", "patients", "labels")}
        rest, features = replace(reference, **known), reference.features[out]
        pairs = distances(features, rest.features)
        to_class = nearest_mean(pairs[:, rest.labels == rest.alike_class])
        yield rest, generator.permutation(np.stack([nearest_mean(pairs), to_class], axis=1))[:VISIT]
        num_visits -= 1


def print_flagged(subject: str, visits: Iterable[tuple[Reference, np.ndarray]]) -> float:
    """Print and return the share of visits that reach the alarm; print that of the distance to the set alone too."""
    both, alone = zip(
        *((is_alarm(known, *visit.T), is_alarm(known, visit[:, 0])) for known, visit in visits), strict=True
    )
    print(
        f"{subject}: flagged in {sum(both):,} of {len(both):,} visits; {sum(alone):,} by the distance to the set alone"
    )
    return float(np.mean(both))


def is_alarm(reference: Reference, *visit_distances: np.ndarray) -> bool:
    """Whether the evidence of a visit reaches the alarm."""
    return max(evidence(reference, *visit_distances)) >= ALARM


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
