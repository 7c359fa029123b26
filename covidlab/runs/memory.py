"""Whether what a run or an audit holds in memory fits, said before it begins: a process that takes too much is killed without a word."""

from covidlab.config import TrainingConfig
from covidlab.errors import DataError
from covidlab.free_memory import machine_memory
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.text import pluralize

# Features of an X-ray are there as they come, as one table, and as what the cross-validation learns from.
_COPIES_OF_FEATURES = 3
# Whatever else an X-ray takes in a run with its cross-validation: 6,000 and 18,000 with one view took 1,121 and 1,429 MB
# (benchmarks/bench_large.py), 26 kB each with the features.
_REST_BYTES = 20_000
_FLOAT_BYTES = 4
# Colours of a prepared X-ray, and its lungs.
_BYTES_A_PIXEL = 3 + 1


def run_memory_bytes(config: TrainingConfig, num_films: int) -> int:
    """Return the least that grows with the set in a run; deeper runs read what they need from the disk."""
    if config.fine_tune != "head":
        return 0
    features = find_backbone(config.backbone).num_features * _FLOAT_BYTES
    return num_films * (_REST_BYTES + len(config.used_views) * features * _COPIES_OF_FEATURES)


def audit_memory_bytes(config: TrainingConfig, num_films: int) -> int:
    """Return the least that grows with the set in an audit, whose parts look at all X-rays at once."""
    side = find_backbone(config.backbone).input_side
    return num_films * side * side * _BYTES_A_PIXEL + run_memory_bytes(config, num_films)


def describe_shortage(needed_bytes: int, *, num_films: int, what: str) -> str:
    """Return in two sentences that more is needed than is free, and what to do; "" where it fits.

    Parameters
    ----------
    what : what needs it, to begin the sentence with, e.g. "An audit"
    """
    free = machine_memory().free
    if needed_bytes <= free:
        return ""
    return tr(
        "{what} on {x_rays} needs at least {needed_bytes:.1f} GB of memory, and {free:.1f} GB are free. "
        "Make a data set of at most {num_films:,} of the X-rays, or use a machine with more memory.",
        what=what,
        x_rays=pluralize(num_films, "X-ray"),
        needed_bytes=needed_bytes / 1e9,
        free=free / 1e9,
        num_films=int(num_films * free / needed_bytes),
    )


def require_memory(needed_bytes: int, *, num_films: int, what: str) -> None:
    """Raise DataError with ``describe_shortage`` where more is needed than is free."""
    if shortage := describe_shortage(needed_bytes, num_films=num_films, what=what):
        raise DataError(shortage)
