"""What people call a run: its number, its rate, what else is not the default, its data set."""

from functools import lru_cache

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.intake.adding import PHANTOMS_FOLDER
from covidlab.language import tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audits import describe_parts, load_audit
from covidlab.runs.datasets import DatasetReference
from covidlab.runs.settings_text import further_settings
from covidlab.runs.store import Run
from covidlab.runs.training_data import count_synthetic
from covidlab.runs.trials import load_sweep
from covidlab.text import one_line, plain_number, pluralize, some_of

REAL_FIFTY, SYNTHETIC = tr_lazy("real fifty"), tr_lazy("synthetic")

_DEFAULTS = TrainingConfig(dataset="")
_LONGEST_SET = 32


def readable_name(run: Run) -> str:
    """Return e.g. "Run 11, rate 0.003, real fifty", "Run 12, rate 0.001, preset original, 40 epochs, synthetic", or "Run 13,
    sweep of 100 trials, real fifty", or "Run 14, audit: 8 parts, real fifty".

    A run whose settings cannot be read is "Run 12". The name of a folder may be in it: pass it through ``markdown_escaped`` or
    ``html.escape`` as the place demands.
    """
    short = short_name(run)
    try:
        config = run.load_config()
    except RunError:
        return short
    if (sweep := load_sweep(run)) is not None:
        return ", ".join(
            part
            for part in (short, tr("sweep of {trials}", trials=pluralize(sweep.trials, "trial")), data_name(run))
            if part
        )
    if (audit := load_audit(run)) is not None:
        return ", ".join(
            part for part in (short, tr("audit: {parts}", parts=describe_parts(audit)), data_name(run)) if part
        )
    others = _other_settings(config)
    parts = [
        short,
        tr("rate {decimal_text}", decimal_text=plain_number(config.learning_rate)),
        *([some_of(others)] if others else []),
        data_name(run),
    ]
    return ", ".join(part for part in parts if part)


def short_name(run: Run) -> str:
    """Return "Run 11"; of what comes with the package "The recorded run" or "The default model"."""
    return run.name[:1].upper() + run.name[1:]


def data_name(run: Run) -> str:
    """Return what people call the X-rays of a run: "real fifty", "synthetic", or the name of the folder; "" where not known."""
    data, reference = run.load_facts().get("data", {}), _reference(run)
    name = data.get("name") or reference.name
    if curated_fingerprint() in (data.get("fingerprint"), reference.fingerprint):
        return str(REAL_FIFTY)
    if name == PHANTOMS_FOLDER or 0 < data.get("num_training", 0) <= count_synthetic(data):
        return str(SYNTHETIC)
    return one_line(name, max_length=_LONGEST_SET)


@lru_cache(maxsize=1)
def curated_fingerprint() -> str:
    """Return the fingerprint of the curated fifty: the model that ships with the package was trained on them."""
    return Run(DEFAULT_MODEL).load_facts().get("data", {}).get("fingerprint", "the shipped model is not here")


def _other_settings(config: TrainingConfig) -> list[str]:
    words = {
        "preset": tr("preset {preset}", preset=config.preset),
        "fine_tune": tr("depth {fine_tune}", fine_tune=config.fine_tune),
        "epochs": pluralize(config.epochs, "epoch"),
        "batch_size": tr("batch {batch_size}", batch_size=config.batch_size),
        "views": pluralize(config.views, "view"),
        "seed": tr("seed {seed}", seed=config.seed),
        "selection": tr("selection {selection}", selection=one_line(config.selection, max_length=_LONGEST_SET)),
        "start_from": tr("from an earlier model"),
    }
    differing = [text for name, text in words.items() if getattr(config, name) != getattr(_DEFAULTS, name)]
    return differing + further_settings(config)


def _reference(run: Run) -> DatasetReference:
    try:
        return run.load_dataset()
    except RunError:
        return DatasetReference(path="")
