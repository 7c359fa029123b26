"""What requests and answers look like, as JSON Schema; settings, states and refusals come from the code that knows them."""

from dataclasses import MISSING, Field
from typing import Any

from covidlab import config
from covidlab.learning.backbones import backbone_names
from covidlab.metrics import METRICS
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.services.v1.configs import kinds_of, settings

_RANGES = {
    "learning_rate": config.LEARNING_RATE_RANGE,
    "epochs": config.EPOCHS_RANGE,
    "batch_size": config.BATCH_SIZE_RANGE,
    "views": config.VIEWS_RANGE,
    "seed": config.SEED_RANGE,
    "weight_decay": config.WEIGHT_DECAY_RANGE,
    "patience": config.PATIENCE_RANGE,
    "rotation": config.ROTATION_RANGE,
    "shift": config.SHIFT_RANGE,
    "brightness": config.BRIGHTNESS_RANGE,
}
_CHOICES = {
    "preset": tuple(config.PRESETS),
    "fine_tune": config.FINE_TUNE_DEPTHS,
    "device": config.DEVICES,
    "precision": config.PRECISIONS,
    "optimizer": config.OPTIMIZERS,
    "class_weights": config.CLASS_WEIGHTS,
    "backbone": tuple(backbone_names()),
}
_SAID = {
    "positive_class": "Class whose probability is given; by default the one that names COVID-19.",
    "start_from": "Run whose model the training begins from.",
    "selection": "Selection of the data set.",
}
TEXT, NUMBER, WHOLE, YES_NO = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}


def refer(name: str) -> dict[str, str]:
    """Return a reference to one of ``schemas``."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that may be missing."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def made_of(properties: dict[str, Any], *, optional: tuple[str, ...] = (), **further: Any) -> dict[str, Any]:
    """Return the schema of an object that has all properties save those that are optional."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, **({"required": required} if required else {}), **further}


def schemas() -> dict[str, Any]:
    """Return the schemas by name."""
    return {
        "Settings": _settings(),
        "Run": _summary(),
        "WholeRun": {"allOf": [refer("Run"), _whole()]},
        "Runs": made_of({"runs": listed(refer("Run")), "next": or_null(TEXT)}),
        "Figure": made_of(
            {
                "value": or_null(NUMBER),
                "low": or_null(NUMBER),
                "high": or_null(NUMBER),
                "n": WHOLE,
                "method": TEXT,
            },
            optional=("method",),
            description="A figure with its interval and the number of X-rays.",
        ),
        "Prediction": _prediction(),
        "Predictions": made_of({"predictions": listed(refer("Prediction"))}),
        "ModelCard": made_of(
            {"name": TEXT, "title": TEXT, "about": listed(TEXT), "sections": listed({"type": "object"}), "footer": TEXT}
        ),
        "Problem": made_of(
            {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "error": TEXT},
            optional=("error",),
            description="Problem details (RFC 9457); detail is one plain sentence.",
        ),
    }


def _settings() -> dict[str, Any]:
    own = {setting.name: _setting(setting) for setting in settings()}
    named = {"dataset": or_null({**TEXT, "description": "Name of the data set; by default the first one."})}
    return {
        "type": "object",
        "properties": {**named, **own},
        "additionalProperties": False,
        "description": "Settings of a run; what is left out has its default.",
    }


def _setting(setting: Field) -> dict[str, Any]:
    kinds = kinds_of(setting)
    schema: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else list(kinds)}
    if setting.name in _RANGES:
        schema["minimum"], schema["maximum"] = _RANGES[setting.name]
    if setting.name in _CHOICES:
        schema["enum"] = list(_CHOICES[setting.name])
    if setting.name in _SAID:
        schema["description"] = _SAID[setting.name]
    if setting.default is not MISSING and setting.name != "positive_class":
        schema["default"] = setting.default
    return schema


def _summary() -> dict[str, Any]:
    return made_of(
        {
            "id": TEXT,
            "number": WHOLE,
            "name": TEXT,
            "job": {"enum": [*map(str, Job)], **TEXT},
            "created": or_null(TEXT),
            "made_by": {**TEXT, "description": "Who asked for it; empty where that is not known."},
            "has_model": YES_NO,
            "state": {"enum": [*map(str, State)], **TEXT},
            "phase": TEXT,
            "epoch": WHOLE,
            "epochs": WHOLE,
            "reason": TEXT,
            "elapsed_seconds": NUMBER,
            "remaining_seconds": or_null(NUMBER),
        }
    )


def _whole() -> dict[str, Any]:
    figures = made_of({name: refer("Figure") for name in METRICS}, optional=METRICS)
    return made_of(
        {
            "config": or_null({"type": "object"}),
            "data": or_null({"type": "object"}),
            "history": listed({"type": "object"}),
            "report": or_null(made_of({"validation": figures, "cross_validation": figures})),
        }
    )


def _prediction() -> dict[str, Any]:
    check = made_of({"name": TEXT, "verdict": TEXT, "sentence": TEXT, "is_known": YES_NO}, optional=("is_known",))
    share = {**NUMBER, "minimum": 0, "maximum": 1}
    always = {
        "file": {**TEXT, "description": "As the client called it."},
        "status": {**TEXT, "enum": ["read", "refused"]},
        "reasons": {**listed(TEXT), "description": "Notes, or why it was refused."},
        "probability": or_null(share),
        "checks": listed(check),
        "sha256": TEXT,
    }
    where_read = {
        "positive_class": TEXT,
        "probabilities": {"type": "object", "additionalProperties": share},
        "resembles": TEXT,
        "threshold": share,
        "assessment": or_null({"type": "object"}),
        "answer": TEXT,
        "audit": listed(TEXT),
    }
    return made_of(
        {**always, **where_read},
        optional=tuple(where_read),
        description="As `predict --json` prints it. Not for diagnosis.",
    )
