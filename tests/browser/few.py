"""A few of the curated X-rays, for tests that train and to which their number means nothing."""

import csv
from pathlib import Path

from covidlab.data.decisions import Decision
from covidlab.data.selections import change_decision, create_selection

FEW = "few"
NUM_PATIENTS = 6


def choose_few(rows: list[dict]) -> list[dict]:
    """The first X-ray of each of the first six patients of both classes; ``rows`` are those of metadata.csv."""
    chosen: dict[str, dict[str, dict]] = {}
    for row in rows:
        of_class = chosen.setdefault(row["class"], {})
        if len(of_class) < NUM_PATIENTS:
            of_class.setdefault(row["patient_id"], row)
    return [row for of_class in chosen.values() for row in of_class.values()]


def read_rows(folder: Path) -> list[dict]:
    """The rows of a set's metadata.csv."""
    with open(folder / "metadata.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def select_few(folder: Path) -> None:
    """Make the selection "few" in a copy of the curated set."""
    rows = read_rows(folder)
    kept = choose_few(rows)
    create_selection(folder, FEW)
    for row in rows:
        if row not in kept:
            change_decision(folder, FEW, row["file"], Decision(action="exclude", sha256=row["sha256"]))
