"""Where things lie: the project, its assets, runs and caches, the data set in use."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
ASSETS = Path(__file__).resolve().parent / "assets"


# A run directory that ships with the package (evaluation.default_model makes it).
DEFAULT_MODEL = ASSETS / "default_model"
# What a run on the curated fifty recorded, to be played where nothing can be trained (runs.recorded_run).
RECORDED_RUN = ASSETS / "recorded_run"
# What the examination of maps found with the default settings (runs.shipped_exam makes it).
SHIPPED_EXAM = ASSETS / "exam.json"


# Where the fifty belong, beside the code; their list lies there from the beginning.
OWN_DATASET = PROJECT_ROOT / "dataset"


def home() -> Path:
    """Folder of runs and caches: COVIDLAB_HOME, by default ``~/.covidlab``."""
    return Path(os.environ.get("COVIDLAB_HOME") or Path.home() / ".covidlab")


def dataset_folder() -> Path:
    """Folder of the data set in use: COVIDLAB_DATASET, by default ``dataset/`` beside the code."""
    return Path(os.environ.get("COVIDLAB_DATASET") or OWN_DATASET)


def is_dataset_named() -> bool:
    """Whether somebody has named the folder of the data set, instead of leaving it to the project's own ``dataset/``."""
    return bool(os.environ.get("COVIDLAB_DATASET"))
