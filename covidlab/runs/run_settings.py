"""The settings of a run as people compare them: in words, by name, without what names a folder of the machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from covidlab.config import TrainingConfig
from covidlab.runs.jobs import Job
from covidlab.runs.names import data_name
from covidlab.runs.report_text import describe_patients
from covidlab.runs.settings_text import CLASS_WEIGHT_NAMES, OPTIMIZER_NAMES
from covidlab.runs.store import Run
from covidlab.text import decimal_text, pluralize

SEED = "seed"

# How each reads, in the order in which people meet them on Train.
_WORDS: dict[str, Callable[[TrainingConfig], object]] = {
    "learning rate": lambda config: config.learning_rate,
    "epochs": lambda config: config.epochs,
    "batch size": lambda config: config.batch_size,
    "preset": lambda config: config.preset,
    "layers that learn": lambda config: config.fine_tune,
    "views": lambda config: config.views,
    "optimizer": lambda config: OPTIMIZER_NAMES[config.optimizer],
    "weight decay": lambda config: config.weight_decay,
    "class weights": lambda config: CLASS_WEIGHT_NAMES[config.class_weights],
    "patience": lambda config: pluralize(config.patience, "epoch") if config.patience else "none",
    "rotation": lambda config: f"{decimal_text(config.rotation)}°",
    "mirrored copies": lambda config: config.flip,
    "shift": lambda config: f"{100 * config.shift:.0f} %",
    "brightness": lambda config: f"{100 * config.brightness:.0f} %",
    SEED: lambda config: config.seed,
    "split of the set": lambda config: config.keep_split,
    "selection": lambda config: config.selection or "all X-rays",
    "positive class": lambda config: config.positive_class or "",
    "started from": lambda config: Path(config.start_from).name if config.start_from else "VGG16",
}
SETTINGS = ("job", *_WORDS, "X-rays", "patients", "device", "precision")


def settings_of(run: Run) -> dict[str, str]:
    """Return what a person may choose for a run, its X-rays and where it computed, in words by the names in ``SETTINGS``.

    Raises RunError where the settings cannot be read. X-rays of one name and another content have other letters behind it.
    """
    config, facts = run.load_config(), run.load_facts()
    data = facts.get("data", {})
    return {
        "job": "training" if run.load_job() == Job.TRAIN else run.load_job(),
        **{name: _text(words(config)) for name, words in _WORDS.items()},
        "X-rays": f"{data_name(run)} {data.get('fingerprint', '')[:6]}".strip(),
        "patients": describe_patients(data),
        "device": str(facts.get("device") or config.device),
        "precision": str(facts.get("precision") or config.precision),
    }


def differing(settings: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the names of the settings that are not the same in all runs, in the order of ``SETTINGS``.

    Parameters
    ----------
    settings : of each run, as ``settings_of`` gives them
    """
    return [name for name in SETTINGS if len({each.get(name) for each in settings}) > 1]


def repeats_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the runs in groups whose settings differ in the seed at most, in the order of their first run."""
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        key = (run.load_config().dataset, *(value for name, value in settings_of(run).items() if name != SEED))
        groups.setdefault(key, []).append(run)
    return list(groups.values())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return decimal_text(value) if isinstance(value, float) else str(value)
