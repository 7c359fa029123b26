"""How fast this machine is, learned from its own runs, and what a run will therefore take."""

from dataclasses import dataclass, replace

from covidlab.config import PRESETS, REFERENCE, VALIDATION_SHARE, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.files import read_json, write_json
from covidlab.learning.activations import activation_keys, open_pack
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import INPUT
from covidlab.learning.precision import kept_precision, measured_film_seconds
from covidlab.learning.processor import cpu_device_name
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
    precision: str = REFERENCE,
) -> None:
    """Keep what a run has taken a pass and a film, for the next estimate.

    Parameters
    ----------
    epoch_seconds : of learning, activations apart; None where no epoch was without the first one's building of graphs
    """
    speed = read_json(home() / "speed.json") or {}
    if num_passes >= 8:
        speed[_speed_key("pass", precision)] = activation_seconds / num_passes
    if epoch_seconds is not None and num_films:
        speed[_speed_key(config.fine_tune, precision)] = epoch_seconds / num_films
    write_json(home() / "speed.json", {**speed, "device": device}, durable=False)


def expected_epoch_seconds(config: TrainingConfig, num_training_films: int, *, precision: str = REFERENCE) -> float:
    """Return the seconds of learning one epoch is expected to take here, activations apart."""
    speed = read_json(home() / "speed.json") or {}
    cut = find_backbone(config.backbone).cut_point(config.fine_tune)
    return speed.get(_speed_key(config.fine_tune, precision), cut.film_seconds) * num_training_films


def estimate(config: TrainingConfig, catalog: Catalog) -> Estimate:
    """Return what the run would take here, given what is already cached."""
    speed = read_json(home() / "speed.json") or {}
    backbone = find_backbone(config.backbone)
    device = expected_device(config)
    precision = kept_precision(config, backbone, device)
    num_passes = 0
    if backbone.cut_point(config.fine_tune).layer != INPUT:
        pack = open_pack(
            backbone,
            PRESETS[config.preset],
            fine_tune=config.fine_tune,
            precision=precision,
            augmentation=config.augmentation,
        )
        num_passes = len(pack.missing(activation_keys(catalog.films["sha256"].tolist(), config.used_views)))
    training = config.epochs * expected_epoch_seconds(
        config, round((1 - VALIDATION_SHARE) * catalog.num_films), precision=precision
    )
    measured = measured_film_seconds(replace(config, fine_tune="head"), backbone, device)
    pass_seconds = speed.get(_speed_key("pass", precision), measured.get(precision, backbone.pass_seconds))
    return Estimate(
        activations=num_passes * pass_seconds,
        training=training,
        cross_validation=training * CROSS_VALIDATION_COST
        if config.fine_tune == "head" and not config.start_from
        else 0.0,
        num_passes=num_passes,
        measured=_speed_key(config.fine_tune, precision) in speed,
    )


def expected_device(config: TrainingConfig) -> str:
    """Return the name of the device a run would compute on, as the worker wrote it down; the processor until then."""
    if config.device == "cpu":
        return cpu_device_name()
    return str((read_json(home() / "device.json") or {}).get("device") or cpu_device_name())


def _speed_key(what: str, precision: str) -> str:
    # float32 has no name of its own, as in the files of earlier versions.
    return what if precision == REFERENCE else f"{what} {precision}"
