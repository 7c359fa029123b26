"""How fast this machine is, learned from its own runs, and what a run will therefore take."""

from dataclasses import dataclass

from covidlab.config import PRESETS, VALIDATION_SHARE, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.files import read_json, write_json
from covidlab.learning.activations import activation_keys, open_pack
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import INPUT
from covidlab.paths import home

# One epoch of fifty heads costs about this many times one epoch of one head (measured on two cores).
CROSS_VALIDATION_COST = 4.0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds a run is expected to take. ``measured`` is False while this machine has not trained at that depth."""

    activations: float
    training: float
    cross_validation: float
    num_passes: int
    measured: bool

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return self.activations + self.training + self.cross_validation


def record_speed(
    config: TrainingConfig,
    *,
    activation_seconds: float,
    num_passes: int,
    epoch_seconds: float | None,
    num_films: int,
    device: str,
) -> None:
    """Keep what a run has taken a pass and a film, for the next estimate.

    Parameters
    ----------
    epoch_seconds : of learning, activations apart; None where no epoch was without the first one's building of graphs
    """
    speed = read_json(home() / "speed.json") or {}
    if num_passes >= 8:
        speed["pass"] = activation_seconds / num_passes
    if epoch_seconds is not None and num_films:
        speed[config.fine_tune] = epoch_seconds / num_films
    write_json(home() / "speed.json", {**speed, "device": device}, durable=False)


def expected_epoch_seconds(config: TrainingConfig, num_training_films: int) -> float:
    """Return the seconds of learning one epoch is expected to take here, activations apart."""
    speed = read_json(home() / "speed.json") or {}
    cut = find_backbone(config.backbone).cut_point(config.fine_tune)
    return speed.get(config.fine_tune, cut.film_seconds) * num_training_films


def estimate(config: TrainingConfig, catalog: Catalog) -> Estimate:
    """Return what the run would take here, given what is already cached."""
    speed = read_json(home() / "speed.json") or {}
    backbone = find_backbone(config.backbone)
    num_passes = 0
    if backbone.cut_point(config.fine_tune).layer != INPUT:
        pack = open_pack(backbone, PRESETS[config.preset], fine_tune=config.fine_tune)
        num_passes = len(pack.missing(activation_keys(catalog.films["sha256"].tolist(), config.used_views)))
    training = config.epochs * expected_epoch_seconds(config, round((1 - VALIDATION_SHARE) * catalog.num_films))
    return Estimate(
        activations=num_passes * speed.get("pass", backbone.pass_seconds),
        training=training,
        cross_validation=training * CROSS_VALIDATION_COST
        if config.fine_tune == "head" and not config.start_from
        else 0.0,
        num_passes=num_passes,
        measured=config.fine_tune in speed,
    )
