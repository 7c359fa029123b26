"""The card in a model file, and what may be done with the model, found out without TensorFlow: before a run is made."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from covidlab.config import FINE_TUNE_DEPTHS, PRESETS, TrainingConfig
from covidlab.errors import ModelError, UsageError
from covidlab.files import load_dataclass, newer_format
from covidlab.language import tr
from covidlab.learning.backbones import backbone_names
from covidlab.learning.foreign_models import describe_foreign_model

CARD = "covidlab.json"

# Raised only where a reader of the earlier format would misunderstand a card; new keys do not raise it.
CARD_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a model file says of itself.

    kind: "tail" or "whole". threshold: operating point, the probability of ``positive_class`` from which a film is called
    to resemble it. backbone, frozen_sha256: the network and the sha256 of the weights its frozen layers come from.
    """

    kind: str
    preset: str
    fine_tune: str
    classes: list[str]
    positive_class: str
    frozen_sha256: str
    threshold: float = 0.5
    run_id: str = ""
    data_fingerprint: str = ""
    version: str = ""
    backbone: str = "vgg16"
    format: int = CARD_FORMAT


def read_card(path: Path) -> ModelCard:
    """Return the card of a model file; raises ModelError where it is missing, damaged or not one of ours."""
    path = Path(path)
    if not path.exists():
        raise ModelError(
            tr("There is no model file of this name. Train one first, or give its path. Received: {path}.", path=path)
        )
    try:
        with zipfile.ZipFile(path) as file:
            values = json.loads(file.read(CARD))
        if newer := newer_format(values, known=CARD_FORMAT):
            raise ModelError(tr("This model cannot be used. {newer} Received: {path}.", newer=newer, path=path))
        card = load_dataclass(ModelCard, values)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise ModelError(_why_not_ours(path)) from error
    known = card.preset in PRESETS and card.fine_tune in FINE_TUNE_DEPTHS and card.backbone in backbone_names()
    if not known or card.positive_class not in card.classes:
        raise ModelError(
            tr("The card of this model names settings this version does not know. Received: {path}.", path=path)
        )
    return card


def require_earlier_model(config: TrainingConfig, classes: Sequence[str]) -> ModelCard:
    """Return the card of the model that a run starts from.

    Raises
    ------
    UsageError
        Where there is no such file, or its model has another backbone, preset or classes, or learned deeper.
    ModelError
        Where it is no model of ours; says what it is.
    """
    path = Path(config.start_from)
    if not path.exists():
        raise UsageError(tr("There is no model to start from. Received: {start_from}.", start_from=config.start_from))
    card = read_card(path)
    if card.backbone != config.backbone:
        raise UsageError(
            tr(
                "The model to start from must have the same backbone: it has {backbone}. Received: {start_from}.",
                backbone=card.backbone,
                start_from=config.start_from,
            )
        )
    if card.preset != config.preset or card.classes != list(classes):
        raise UsageError(
            tr(
                "The model to start from must have the same preset and classes: it has preset {preset} "
                "and classes {card}; this run has preset {preset_2} and classes {classes}. Received: "
                "{start_from}.",
                preset=card.preset,
                card=", ".join(card.classes),
                preset_2=config.preset,
                classes=", ".join(classes),
                start_from=config.start_from,
            )
        )
    if FINE_TUNE_DEPTHS.index(card.fine_tune) > FINE_TUNE_DEPTHS.index(config.fine_tune):
        raise UsageError(
            tr(
                "The model to start from was fine-tuned down to {fine_tune}, so its layers are not the "
                "frozen ones. Use --fine-tune {fine_tune}. Received: {fine_tune_2}.",
                fine_tune=card.fine_tune,
                fine_tune_2=config.fine_tune,
            )
        )
    return card


def require_sha256(path: Path, sha256: str, *, name: str) -> None:
    """Raise ModelError where a file is not the one that ``sha256`` was written down for; "" is any."""
    if sha256 and file_sha256(path) != sha256:
        raise ModelError(
            tr(
                "The file of {name} is not the one its run saved: it was changed or damaged since, so it "
                "is not used. Train again, or choose another model. Received: {path}.",
                name=name,
                path=path,
            )
        )


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file as hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why_not_ours(path: Path) -> str:
    if (path / "model.keras").is_file():
        return f"The file of a model is expected, here {path / 'model.keras'}. Received: the folder {path}."
    kind = describe_foreign_model(path)
    if not kind:
        return f"This file is not a model saved by covidlab, or it is damaged. Received: {path}."
    return (
        f"This is {kind}, and covidlab uses only models that it has trained itself: train one, and name the model.keras of "
        f"its run or the file saved with --model. Received: {path}."
    )
