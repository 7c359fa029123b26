"""What of the preparation of X-rays fits on the disk; a run goes on without keeping the rest. No TensorFlow.

Two things are kept for later runs: each X-ray at the side the network takes, and what the frozen layers give for each of its
views. At the depth "block4" 10,000 X-rays in eight views give 32 GB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from covidlab.config import PRESETS, TrainingConfig
from covidlab.files import free_bytes
from covidlab.learning.activations import activation_keys, open_film_pack, open_pack
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import INPUT
from covidlab.paths import home
from covidlab.text import pluralize

# Left free for runs, their models and their logs.
SPARE_BYTES = 20_000_000
# Left free for everybody else where not all of a large set fits: what is kept then is chosen, not needed.
LEFT_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is written to the disk; ``missing_bytes`` is what all of it would take, ``disk_bytes`` what there is for it.

    activations: all that the frozen layers give. num_passes: where not all, of how many passes it is kept, the first that are
    computed; the others are computed at each reading. films: X-rays as they are prepared.
    """

    activations: bool = True
    num_passes: int = 0
    films: bool = True
    missing_bytes: int = 0
    disk_bytes: int = 0


EVERYTHING = Kept()


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What no earlier run has kept: passes through the frozen layers, and X-rays to prepare; bytes of one of each."""

    num_passes: int
    num_films: int
    pass_bytes: int
    film_bytes: int


def count_missing(config: TrainingConfig, sha256s: Sequence[str], *, precision: str) -> Missing:
    """Return what a run would have to compute and keep for X-rays of these contents."""
    backbone, preset = find_backbone(config.backbone), PRESETS[config.preset]
    films = open_film_pack(preset.resize, side=backbone.input_side)
    num_passes = 0
    if backbone.cut_point(config.fine_tune).layer != INPUT:
        pack = open_pack(
            backbone, preset, fine_tune=config.fine_tune, precision=precision, augmentation=config.augmentation
        )
        num_passes = len(pack.missing(activation_keys(sha256s, config.used_views)))
    return Missing(
        num_passes=num_passes,
        num_films=len(films.missing(activation_keys(sha256s, [0]))),
        pass_bytes=backbone.record_bytes(config.fine_tune),
        film_bytes=films.record_bytes,
    )


def plan_kept(missing: Missing, *, run_bytes: int) -> Kept:
    """Return what fits beside the ``run_bytes`` of the run itself: everything, the prepared X-rays and some passes, or nothing."""
    disk_bytes = max(0, free_bytes(home()) - run_bytes - SPARE_BYTES)
    of_films = missing.num_films * missing.film_bytes
    needed = of_films + missing.num_passes * missing.pass_bytes
    keeps_all = needed <= disk_bytes or not missing.num_passes
    keeps_films = of_films <= disk_bytes
    left = disk_bytes - LEFT_FREE_BYTES - of_films * keeps_films
    return Kept(
        activations=keeps_all,
        num_passes=0 if keeps_all else max(0, left // missing.pass_bytes),
        films=keeps_films,
        missing_bytes=needed,
        disk_bytes=disk_bytes,
    )


def describe_kept(kept: Kept, *, fine_tune: str) -> str:
    """Return in plain words that the disk is too small to keep what is computed, and what follows; "" where it is not."""
    if kept.activations and kept.films:
        return ""
    what, it = ("The prepared X-rays", "them") if kept.activations else ("What the frozen layers give", "it")
    if not kept.activations and kept.num_passes:
        it = "the others"
        then = f"so the run keeps it on the disk for {pluralize(kept.num_passes, 'pass', 'passes')} of an X-ray, and "
    else:
        then = "so the run "
    then += (
        f"keeps {it} in memory, and the next run computes {it} again."
        if fine_tune == "head"
        else f"computes {it} again in every epoch, which takes longer."
    )
    return f"{what} would take {_gigabytes(kept.missing_bytes)} of the disk and {_gigabytes(kept.disk_bytes)} can be used, {then}"


def _gigabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e9:.1f} GB" if num_bytes >= 1e8 else f"{num_bytes / 1e6:.0f} MB"
