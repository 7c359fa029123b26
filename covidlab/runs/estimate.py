"""What a run will take on this machine, from what its parts have cost here (``runs.speed``)."""

from dataclasses import dataclass, replace

from covidlab.config import NUM_FOLDS, VALIDATION_SHARE, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.files import read_json
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import INPUT
from covidlab.learning.cache_space import Kept, Missing, count_missing, describe_kept, plan_kept
from covidlab.learning.precision import kept_precision, measured_film_seconds
from covidlab.learning.processor import cpu_device_name
from covidlab.paths import home
from covidlab.runs.learning_record import MAX_FILMS, kept_epochs
from covidlab.runs.memory import describe_shortage, run_memory_bytes
from covidlab.runs.speed import Pace, pace_of, pass_seconds

# What all parts of an audit take for each X-ray the first time, in passes through the frozen layers, which most of them do:
# 361 s for fifty where a pass took 0.45 s (benchmarks/bench_audit.py prints such seconds).
PASSES_OF_AN_AUDIT = 16


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds a run is expected to take. ``measured`` is False while nothing of that depth was measured on this machine.

    training: its epochs. evaluation: what follows and comes before them, as building graphs and the report. device: where.
    kept: what of its preparation fits on the disk.
    """

    activations: float
    training: float
    evaluation: float
    cross_validation: float
    num_passes: int
    measured: bool
    device: str
    note: str = ""

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return self.activations + self.training + self.evaluation + self.cross_validation


def estimate(config: TrainingConfig, catalog: Catalog) -> Estimate:
    """Return what the run would take here, given what is already cached."""
    backbone, device = find_backbone(config.backbone), expected_device(config)
    precision = kept_precision(config, backbone, device)
    missing = count_missing(config, catalog.films["sha256"].tolist(), precision=precision)
    kept = plan_kept(missing, run_bytes=backbone.cut_point(config.fine_tune).checkpoint_bytes)
    pace = pace_of(config, backbone.cut_point(config.fine_tune), device=device, precision=precision)
    needed = run_memory_bytes(config, catalog.num_films)
    shortage = describe_shortage(needed, num_films=catalog.num_films, what=tr("A run of these settings"))
    num_validation = round(VALIDATION_SHARE * catalog.num_films)
    num_training = catalog.num_films - num_validation
    num_passes = max(0, missing.num_passes - passes_without_use(config, num_validation=num_validation))
    if not kept.activations and config.fine_tune != "head":
        num_passes = kept.num_passes + passes_again(config, missing, kept, num_films=catalog.num_films)
    return Estimate(
        activations=num_passes * expected_pass_seconds(config, device=device, precision=precision),
        training=training_seconds(config, pace, num_training=num_training, num_validation=num_validation),
        evaluation=pace.rest + pace.look * (catalog.num_films + num_validation),
        cross_validation=crossed_seconds(config, pace, num_films=catalog.num_films),
        num_passes=num_passes,
        measured=pace.is_measured,
        device=device,
        note=" ".join(filter(None, (describe_kept(kept, fine_tune=config.fine_tune), shortage))),
    )


def passes_again(config: TrainingConfig, missing: Missing, kept: Kept, *, num_films: int) -> int:
    """Return how many passes are done for a batch and forgotten, in all epochs and the looks at X-rays between them."""
    num_looks = len(kept_epochs(config.epochs, is_cheap=False))
    share = (missing.num_passes - kept.num_passes) / (num_films * len(config.used_views))
    return round(share * (config.epochs * num_films + num_looks * min(MAX_FILMS, num_films)))


def passes_without_use(config: TrainingConfig, *, num_validation: int) -> int:
    """Return how many changed copies no epoch takes: those of validation X-rays, except where heads are cross-validated."""
    is_crossed = config.fine_tune == "head" and not config.start_from
    learns_all = find_backbone(config.backbone).cut_point(config.fine_tune).layer == INPUT
    return 0 if is_crossed or learns_all else (len(config.used_views) - 1) * num_validation


def training_seconds(config: TrainingConfig, pace: Pace, *, num_training: int, num_validation: int) -> float:
    """Return what all epochs take: steps, looks at the validation X-rays and, now and then, at all X-rays."""
    an_epoch = epoch_seconds(config, pace, num_training=num_training, num_validation=num_validation) + pace.epoch
    num_looks = len(kept_epochs(config.epochs, is_cheap=config.fine_tune == "head"))
    return config.epochs * an_epoch + num_looks * min(MAX_FILMS, num_training + num_validation) * pace.look


def epoch_seconds(config: TrainingConfig, pace: Pace, *, num_training: int, num_validation: int) -> float:
    """Return what an epoch takes until its line is written: its steps, and a look at the validation X-rays."""
    return -(-num_training // config.batch_size) * pace.step + num_validation * pace.look


def crossed_seconds(config: TrainingConfig, pace: Pace, *, num_films: int) -> float:
    """Return what the cross-validation takes, 0 where there is none."""
    if config.fine_tune != "head" or config.start_from:
        return 0.0
    return config.epochs * crossed_steps(config, num_films) * pace.crossed


def crossed_steps(config: TrainingConfig, num_films: int) -> int:
    """Return how many steps an epoch of the cross-validation has."""
    return -(-round(num_films * (1 - 1 / NUM_FOLDS)) // config.batch_size)


def expected_pass_seconds(config: TrainingConfig, *, device: str, precision: str) -> float:
    """Return what an X-ray is expected to take through the frozen layers."""
    backbone = find_backbone(config.backbone)
    measured = measured_film_seconds(replace(config, fine_tune="head"), backbone, device)
    return pass_seconds(precision=precision, otherwise=measured.get(precision, backbone.pass_seconds))


def audit_seconds(config: TrainingConfig, *, num_films: int) -> float:
    """Return what all parts of an audit are expected to take the first time, about."""
    backbone, device = find_backbone(config.backbone), expected_device(config)
    precision = kept_precision(config, backbone, device)
    return num_films * PASSES_OF_AN_AUDIT * expected_pass_seconds(config, device=device, precision=precision)


def expected_device(config: TrainingConfig) -> str:
    """Return the name of the device a run would compute on, as the worker wrote it down; the processor until then."""
    if config.device == "cpu":
        return cpu_device_name()
    return str((read_json(home() / "device.json") or {}).get("device") or cpu_device_name())
