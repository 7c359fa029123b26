"""The settings of a run as programs send them: checked for their kinds here, for their ranges by ``TrainingConfig``.

A set is called by its name and a model by its run: no path comes from outside, and none goes out.
"""

from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.selections import load_selection
from covidlab.errors import CovidLabError, DataError, UsageError
from covidlab.intake.adding import list_datasets
from covidlab.learning.backbones import find_backbone
from covidlab.runs.store import Run, RunStore

# The kinds of JSON by the annotation of a setting.
KINDS = {"str": ("string",), "int": ("integer",), "float": ("number",), "bool": ("boolean",)}
_LARGEST, MAX_TEXT = 1e15, 200
_SAID = {
    "string": f"text of up to {MAX_TEXT} letters",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def settings() -> list[Field]:
    """Return the settings that a program may choose."""
    return [setting for setting in fields(TrainingConfig) if setting.name != "dataset"]


def kinds_of(setting: Field) -> tuple[str, ...]:
    """Return the kinds of JSON that a setting takes."""
    plain = str(getattr(setting.type, "__name__", setting.type)).removesuffix(" | None")
    is_optional = "None" in str(setting.type)
    return (*KINDS[plain], *(("null",) if is_optional else ()))


def config_from(values: object) -> tuple[TrainingConfig, Catalog]:
    """Return the settings in the body of a request, and the data set they are for.

    Raises
    ------
    UsageError
        Something is no setting, is of another kind, or is out of range.
    DataError
        There is no such data set, or it cannot be used.
    """
    if not isinstance(values, Mapping):
        raise UsageError("The settings of a run are expected as a JSON object.")
    chosen = {name: value for name, value in values.items() if name != "dataset"}
    known = {setting.name: setting for setting in settings()}
    if unknown := sorted(chosen.keys() - known.keys()):
        raise UsageError(f"A setting must be one of {', '.join(known)} and dataset. Received: {unknown[0][:80]}.")
    chosen = {name: _checked(name, value, kinds_of(known[name])) for name, value in chosen.items()}
    if chosen.get("start_from") is not None:
        chosen["start_from"] = _model_path(chosen["start_from"])
    # The ranges first: to look through a set may take long.
    find_backbone(TrainingConfig(dataset="", **chosen).validate().backbone)
    catalog = load_catalog(_folder(values.get("dataset")), positive_class=chosen.get("positive_class"))
    if chosen.get("selection"):
        load_selection(catalog.root, chosen["selection"])
    settled = {**chosen, "positive_class": catalog.positive_class}
    return TrainingConfig(dataset=str(catalog.root), **settled).validate(), catalog


def config_values(config: TrainingConfig) -> dict[str, Any]:
    """Return settings as programs read them: the set by its name, the model it began from by the name of its run."""
    values = config.to_dict()
    values["dataset"] = Path(config.dataset).name
    values["start_from"] = Path(config.start_from).parent.name if config.start_from else None
    return values


def catalog_of(run: Run) -> Catalog:
    """Return the data set of a run as it is now; raises DataError where it is gone."""
    config = run.load_config()
    return load_catalog(Path(config.dataset), positive_class=config.positive_class)


def default_catalog() -> Catalog:
    """Return the first data set there is; raises DataError where there is none."""
    return load_catalog(_folder(None), positive_class=None)


def _checked(name: str, value: Any, kinds: tuple[str, ...]) -> Any:
    """The value of a setting, where it is of a kind that the setting takes."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
    holds = {
        "string": isinstance(value, str) and len(value) <= MAX_TEXT and _can_be_sent(value),
        "integer": is_number and value == int(value),
        "number": is_number,
        "boolean": isinstance(value, bool),
        "null": value is None,
    }
    if not any(holds[kind] for kind in kinds):
        expected = " or ".join(_SAID[kind] for kind in kinds)
        raise UsageError(f"{name} must be {expected}. Received: {str(value)[:80]}.")
    # JSON knows one kind of number: 5.0 epochs are 5.
    return int(value) if "integer" in kinds else value


def _can_be_sent(text: str) -> bool:
    """Whether a text can stand in a file and in a name of one: it has no zero, and no half of a pair of UTF-16, as JSON may have."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _folder(name: object) -> Path:
    """The folder of the set of this name, of the first one where none is named."""
    sets = dict(list_datasets())
    if name is None:
        if not sets:
            raise DataError("There are no X-rays here yet. Import some, or set COVIDLAB_DATASET.")
        return next(iter(sets.values()))
    if not isinstance(name, str) or name not in sets:
        raise UsageError(
            f"dataset must be one of {', '.join(sets) or 'none, since there is no set'}. Received: {str(name)[:80]}."
        )
    return sets[name]


def _model_path(run_id: str) -> str:
    try:
        path = RunStore().get(run_id).model_path
    except CovidLabError:
        path = None
    if path is None or not path.exists():
        raise UsageError(f"start_from must name a run that has a model. Received: {run_id[:80]}.")
    return str(path)
