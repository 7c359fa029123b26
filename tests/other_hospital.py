"""X-rays of another hospital, made up: blurred patterns, none of which looks like another."""

import csv
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np


def pattern(seed: int) -> np.ndarray:
    """A picture that its perceptual hash tells from every other, uint8 (80, 96)."""
    coarse = np.random.default_rng(seed).integers(20, 236, (10, 12)).astype(np.uint8)
    return cv2.resize(coarse, (96, 80), interpolation=cv2.INTER_LINEAR)


def write_patterns(root: Path, names: Mapping[str, int], rows: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """Write a pattern (its seed) for each name, and metadata.csv with ``rows`` where there are some; return the folder."""
    for name, seed in names.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(root / name), pattern(seed))
    if rows:
        columns = ["file", *dict.fromkeys(column for row in rows.values() for column in row)]
        with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows({"file": name, **row} for name, row in rows.items())
    return root


def class_names(**numbers: int) -> dict[str, int]:
    """Names in folders by class, each with a seed of its own, e.g. covid=3."""
    names = [f"{kind}/xray-{place}.png" for kind, number in numbers.items() for place in range(number)]
    return {name: 1000 + seed for seed, name in enumerate(names)}
