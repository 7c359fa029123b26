"""How the server names a model to the process that predicts; loads nothing."""

from collections.abc import Mapping
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
