"""Homes in which tests compute: nothing is measured there, and what is computed once serves all tests."""

from pathlib import Path

from covidlab.config import FINE_TUNE_DEPTHS
from covidlab.files import write_json
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.precision import decision_key
from covidlab.learning.processor import cpu_device_name


def decide_for_float32(home: Path) -> None:
    """Keep in this home that float32 is the fastest here, so that tests measure nothing and compare with the reference."""
    keys = [decision_key(cpu_device_name(), BACKBONE, depth) for depth in FINE_TUNE_DEPTHS]
    write_json(home / "precision.json", {key: {"precision": "float32"} for key in keys}, durable=False)


def compute_once(home: Path, activations: Path) -> None:
    """Let a new home compute in float32 and share the activations in a folder with others."""
    decide_for_float32(home)
    (home / "activations").symlink_to(activations)
