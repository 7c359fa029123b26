"""The settings of a run as people compare them: in words, by name, without what names a folder of the machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from covidlab.config import TrainingConfig
from covidlab.language import tr, tr_lazy
from covidlab.runs.audits import describe_parts, load_audit
from covidlab.runs.jobs import Job
from covidlab.runs.names import REAL_FIFTY, data_name
from covidlab.runs.report_text import describe_patients
from covidlab.runs.settings_text import CLASS_WEIGHT_NAMES, OPTIMIZER_NAMES
from covidlab.runs.store import Run
from covidlab.runs.sweep_text import range_in_words
from covidlab.runs.trials import load_sweep
from covidlab.text import device_text, plain_number, pluralize

SEED = tr_lazy("seed")

# How each reads, in the order in which people meet them on Train.
_WORDS: dict[str, Callable[[TrainingConfig], object]] = {
    tr_lazy("learning rate"): lambda config: config.learning_rate,
    tr_lazy("epochs"): lambda config: config.epochs,
    tr_lazy("batch size"): lambda config: config.batch_size,
    tr_lazy("preset"): lambda config: config.preset,
    tr_lazy("layers that learn"): lambda config: config.fine_tune,
    tr_lazy("views"): lambda config: config.views,
    tr_lazy("optimizer"): lambda config: OPTIMIZER_NAMES[config.optimizer],
    tr_lazy("weight decay"): lambda config: config.weight_decay,
    tr_lazy("class weights"): lambda config: CLASS_WEIGHT_NAMES[config.class_weights],
    tr_lazy("patience"): lambda config: pluralize(config.patience, "epoch") if config.patience else tr("none"),
    tr_lazy("rotation"): lambda config: f"{plain_number(config.rotation)}°",
    tr_lazy("mirrored copies"): lambda config: config.flip,
    tr_lazy("shift"): lambda config: tr("{share:.0f} %", share=100 * config.shift),
    tr_lazy("brightness"): lambda config: tr("{share:.0f} %", share=100 * config.brightness),
    SEED: lambda config: config.seed,
    tr_lazy("split of the set"): lambda config: config.keep_split,
    tr_lazy("selection"): lambda config: config.selection or tr("all X-rays"),
    tr_lazy("positive class"): lambda config: config.positive_class or "",
    tr_lazy("started from"): lambda config: Path(config.start_from).name if config.start_from else "VGG16",
}
SETTINGS = (
    tr_lazy("job"),
    *_WORDS,
    tr_lazy("X-rays"),
    tr_lazy("patients"),
    tr_lazy("device"),
    tr_lazy("precision"),
)
_JOBS = {Job.TRAIN: tr_lazy("training"), Job.SWEEP: tr_lazy("sweep")}
# In what repeats of a run may differ: chance, and what a run knows once it has begun.
_NO_CHOICE = (SEED, "patients", "device", "precision")


def settings_of(run: Run) -> dict[str, str]:
    """Return what a person may choose for a run, its X-rays and where it computed, in words by the names in ``SETTINGS``.

    Raises RunError where the settings cannot be read. What a run that has not begun does not know yet is "". X-rays of one name
    and another content have other letters behind it.
    """
    config, facts = run.load_config(), run.load_facts()
    data = facts.get("data", {})
    return {
        "job": _job(run),
        **settings_in_words(config),
        **_ranges(run),
        "X-rays": _xrays(run),
        "patients": describe_patients(data),
        "device": device_text(str(facts.get("device", ""))),
        "precision": str(facts.get("precision", "")),
    }


def _job(run: Run) -> str:
    """What a run does; an audit has no figures of its own in a table, so it says what it computes."""
    if (audit := load_audit(run)) is not None:
        return tr("audit: {parts}", parts=describe_parts(audit))
    return tr(_JOBS.get(run.load_job(), run.load_job()))


def _ranges(run: Run) -> dict[str, str]:
    """What a sweep searches, in place of the settings that vary in it; empty for a run of another job."""
    sweep = load_sweep(run)
    if sweep is None:
        return {}
    ends = {"learning rate": sweep.learning_rates, "epochs": sweep.epochs, "batch size": sweep.batch_sizes}
    ranges = {name: range_in_words(both) for name, both in ends.items()}
    return {**ranges, "layers that learn": ", ".join(sweep.depths)}


def settings_in_words(config: TrainingConfig) -> dict[str, str]:
    """Return what a person may choose for a run, in words by name."""
    return {name: _text(words(config)) for name, words in _WORDS.items()}


def differing(settings: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the names of the settings that are known not to be the same in all runs, in the order of ``SETTINGS``.

    Parameters
    ----------
    settings : of each run, as ``settings_of`` gives them
    """
    return [name for name in SETTINGS if len({each.get(name) for each in settings} - {""}) > 1]


def repeats_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the runs in groups whose settings differ in the seed at most, in the order of their first run; no audits."""
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        if run.load_job() == Job.AUDIT:
            continue
        settings = settings_of(run)
        key = (run.load_config().dataset, *(settings[name] for name in SETTINGS if name not in _NO_CHOICE))
        groups.setdefault(key, []).append(run)
    return list(groups.values())


def _xrays(run: Run) -> str:
    """Name of the X-rays and, where another set may have the same name, the first letters of their fingerprint."""
    name, facts = data_name(run), run.load_facts()
    fingerprint = facts.get("data", {}).get("fingerprint") or run.load_dataset().fingerprint
    return name if name == str(REAL_FIFTY) else f"{name} {fingerprint[:6]}".strip()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return plain_number(value) if isinstance(value, float) else str(value)
