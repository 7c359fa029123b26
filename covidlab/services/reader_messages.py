"""How the server and the process that predicts name models to each other; loads nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from covidlab.prediction.loading import ModelFile


def model_values(model: ModelFile) -> dict[str, str]:
    """Return a model file as values of a message."""
    return {**asdict(model), "path": str(model.path), "reference": str(model.reference or "")}


def model_from_values(values: Mapping[str, Any]) -> ModelFile:
    """Return the model file that ``model_values`` wrote."""
    reference = values["reference"]
    return ModelFile(
        path=Path(values["path"]),
        sha256=values["sha256"],
        name=values["name"],
        reference=Path(reference) if reference else None,
        reference_sha256=values["reference_sha256"],
    )


def warm_values(models: Iterable[ModelFile]) -> dict[str, Any]:
    """Return which models the process keeps warm as values of an answer."""
    return {"warm": [model_values(model) for model in models]}


def warm_from_values(values: Mapping[str, Any]) -> frozenset[ModelFile]:
    """Return the models that ``warm_values`` wrote, none where it is anything else."""
    try:
        return frozenset(model_from_values(known) for known in values["warm"])
    except (LookupError, TypeError):
        return frozenset()
