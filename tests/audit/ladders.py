"""What a ladder finds, made up, for pages under test."""

from covidlab.audit.ladder_text import INPUTS
from covidlab.data.catalog import Catalog

NEEDS_LUNGS = ("outline-only", "margins-only", "lungs-only", "lungs-black")
FOLLOWED = ("whole", "lungs-black", "lungs-only", "margins-only")


def figure(value: float, n: int) -> dict:
    return {
        "value": value,
        "low": value - 0.1,
        "high": min(1.0, value + 0.05),
        "n": n,
        "method": "bootstrap over patients",
    }


def made_up_ladder(catalog: Catalog, *, without_lungs: tuple[int, ...] = (), epochs: int = 2) -> dict:
    """Each X-ray of the positive class has its own probability, so that their order is known; the lungs of some are missing."""
    number, labels = catalog.num_films, catalog.labels.tolist()
    ends = [0.6 + 0.02 * film if label == catalog.positive_index else 0.1 for film, label in enumerate(labels)]
    rungs = []
    for name in INPUTS:
        missing = without_lungs if name in NEEDS_LUNGS else ()
        counted = number - len(missing)
        rungs.append(
            {
                "name": name,
                "title": name.replace("-", " "),
                "accuracy": figure(0.94, counted),
                "auc": figure(0.98, counted),
                "difference": None
                if name in ("one-bit", "header", "thumbnail", "whole")
                else {"value": 0.02, "low": -0.05, "high": 0.08},
                "probabilities": [None if film in missing else end for film, end in enumerate(ends)],
            }
        )
    of_film = {
        name: [
            [None] * (epochs + 1) if film in without_lungs and name in NEEDS_LUNGS else [0.5] * epochs + [end]
            for film, end in enumerate(ends)
        ]
        for name in FOLLOWED
    }
    accuracy = [[0.5, 0.4, 0.6]] * epochs + [[0.94, 0.84, 0.99]]
    return {
        "classes": list(catalog.classes),
        "positive_class": catalog.positive_class,
        "chance": 0.5,
        "largest_class": catalog.classes[0],
        "num_films": number,
        "num_patients": catalog.num_patients,
        "num_folds": 5,
        "num_repeats": 10,
        "files": catalog.films["file"].tolist(),
        "labels": labels,
        "lungs": {"known": 0, "estimated": number - len(without_lungs), "missing": len(without_lungs)},
        "rungs": rungs,
        "epochs": {
            "xrays": list(range(number)),
            "models": {name: {"accuracy": accuracy, "probabilities": of_film[name]} for name in FOLLOWED},
        },
    }
