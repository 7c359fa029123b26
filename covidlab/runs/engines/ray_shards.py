"""Passes through the frozen layers in shards: what a node finds missing for a run, and a shard as a node computes it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.learning.activation_shards import AnyPack
from covidlab.learning.activations import ActivationPack, open_film_pack, open_pack
from covidlab.learning.backbones import find_backbone
from covidlab.paths import home
from covidlab.runs.datasets import recorded_path
from covidlab.runs.engines.ray_environment import settle
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run

# Columns of the catalog that a pass needs.
_NEEDED = ["file", "sha256"]
PREPARED, ACTIVATIONS = "prepared", "activations"


@dataclass(frozen=True, kw_only=True, eq=False)
class Wanted:
    """What is missing for a run: of the X-rays of ``catalog``, by position, the views that have no activation yet."""

    config: TrainingConfig
    catalog: Catalog
    precision: str
    views: Mapping[int, tuple[int, ...]]

    @property
    def num_passes(self) -> int:
        """How many passes through the frozen layers there are to do."""
        return sum(len(views) for views in self.views.values())

    def packs(self) -> "Packs":
        """Return the packs that all read."""
        backbone, preset = find_backbone(self.config.backbone), PRESETS[self.config.preset]
        how = {"precision": self.precision, "augmentation": self.config.augmentation}
        return Packs(
            films=open_film_pack(preset.resize, side=backbone.input_side),
            activations=open_pack(backbone, preset, fine_tune=self.config.fine_tune, **how),
        )

    def shard(self, positions: Sequence[int]) -> "Wanted":
        """Return a part: the X-rays at these positions, counted from 0 anew."""
        films = self.catalog.films.iloc[list(positions)].reset_index(drop=True)
        views = {place: self.views[position] for place, position in enumerate(positions)}
        return replace(self, catalog=replace(self.catalog, films=films), views=views)

    def still_missing(self) -> "Wanted":
        """Return what has no activation by now."""
        pack, sha256s = self.packs().activations, self.catalog.films["sha256"].tolist()
        left = {
            position: tuple(view for view in views if (sha256s[position], view) not in pack)
            for position, views in self.views.items()
        }
        return replace(self, views={position: views for position, views in left.items() if views})

    def shards(self, num_films: int) -> Iterator["Wanted"]:
        """Yield parts of at most so many X-rays; all views of an X-ray are in one of them, so it is decoded once."""
        positions = list(self.views)
        for start in range(0, len(positions), num_films):
            yield self.shard(positions[start : start + num_films])


@dataclass(frozen=True, kw_only=True, eq=False)
class Packs:
    """Prepared X-rays, and what the frozen layers give for them."""

    films: AnyPack
    activations: AnyPack


def shard_packs(wanted: Wanted, folder: Path) -> Packs:
    """Return the packs of one attempt at a shard, which it alone writes."""
    backbone = find_backbone(wanted.config.backbone)
    side, cut = backbone.input_side, backbone.cut_point(wanted.config.fine_tune)
    films = ActivationPack(folder / PREPARED, shape=(side, side, 3), dtype="uint8")
    return Packs(films=films, activations=ActivationPack(folder / ACTIVATIONS, shape=cut.shape))


def shards_folder(run: Run) -> Path:
    """Return where the attempts at shards of a run lie until they are merged."""
    return home() / "activations" / ".shards" / run.id


def find_wanted(run: Run, *, at_least: int) -> Wanted | None:
    """Return what is missing for a run; None where that is little, or more than the disk holds."""
    from covidlab.learning.device import select_device
    from covidlab.learning.precision import choose_precision
    from covidlab.runs.run_films import open_run_films
    from covidlab.runs.space import plan_space

    config, views = _depth_and_views(run)
    backbone = find_backbone(config.backbone)
    if config.fine_tune == "all":
        return None
    catalog = open_run_films(run, resolve=recorded_path)
    if catalog.num_films * len(views) < at_least:
        return None
    precision = run.load_facts().get("precision") or choose_precision(config, backbone, select_device(config.device))
    if not plan_space(run, catalog, precision=precision).activations:
        return None
    light = replace(catalog, films=catalog.films[_NEEDED])
    every = dict.fromkeys(range(catalog.num_films), tuple(views))
    wanted = Wanted(config=config, catalog=light, precision=precision, views=every).still_missing()
    if wanted.num_passes < at_least:
        return None
    # All that the run computes is computed in one precision, on whatever node.
    run.update_facts(precision=precision)
    return wanted


def _depth_and_views(run: Run) -> tuple[TrainingConfig, range]:
    """The depth and the views that a job needs of every X-ray before its own work begins."""
    config = run.load_config()
    if run.load_job() == Job.TRAIN:
        return config, config.used_views
    if run.load_job() == Job.SWEEP:
        from covidlab.runs.trials import load_sweep

        sweep = load_sweep(run)
        epochs = sweep.epochs[1] if sweep else 1
        return replace(config, fine_tune="head"), range(min(config.views, epochs))
    return replace(config, fine_tune="head"), config.used_views


def compute_shard(wanted: Wanted, folder: str, values: Mapping[str, str]) -> int:
    """Compute a shard into packs of its own below ``folder``; return how many passes that took.

    X-rays that cannot be decoded are left out: the run that needs them says what is wrong with them.
    """
    settle(values)
    from covidlab.learning.device import select_device
    from covidlab.learning.film_activations import DamagedXrays, FilmActivations

    activations = FilmActivations(
        wanted.catalog,
        find_backbone(wanted.config.backbone),
        preset=wanted.config.preset,
        fine_tune=wanted.config.fine_tune,
        device=select_device(wanted.config.device),
        precision=wanted.precision,
        augmentation=wanted.config.augmentation,
    )
    own = shard_packs(wanted, Path(folder))
    activations.add_to(films=own.films, activations=own.activations)
    for view in sorted({view for views in wanted.views.values() for view in views}):
        positions = [position for position, views in wanted.views.items() if view in views]
        try:
            activations.compute(positions, view)
        except DamagedXrays:
            for position in positions:
                with suppress(DamagedXrays):
                    activations.compute([position], view)
    return activations.num_computed
