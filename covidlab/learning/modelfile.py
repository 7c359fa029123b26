"""Model files: a Keras archive with one more member, ``covidlab.json``, that says what its weights mean.

Two kinds: "tail" holds the layers that learned and names the frozen ones by hash (kilobytes for a head); "whole" holds all.
Both open in plain Keras under a name ending in .keras. We read only the weights, into a network built by our own code, so
that nothing in a file decides what is executed.
"""

import hashlib
import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras

from covidlab.config import FINE_TUNE_DEPTHS, PRESETS
from covidlab.errors import ModelError
from covidlab.files import load_dataclass, newer_format, replacing
from covidlab.learning.backbones import backbone_names, find_backbone
from covidlab.learning.network import build_model, tail_of

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


def save_model(path: Path, model: keras.Model, card: ModelCard) -> None:
    """Replace ``path``, whatever its name, by ``model`` with its card; whole or not at all."""
    path = Path(path)
    with replacing(path) as temporary, tempfile.TemporaryDirectory(dir=path.parent, prefix=".model-") as folder:
        # Keras chooses the format by the ending of the name, and the user chose the name.
        archive = Path(folder) / "model.keras"
        model.save(archive)
        with zipfile.ZipFile(archive, "a") as file:
            file.writestr(CARD, json.dumps(asdict(card), indent=1))
        archive.replace(temporary)


def read_card(path: Path) -> ModelCard:
    """Return the card of a model file; raises ModelError where it is missing, damaged or not one of ours."""
    if not Path(path).is_file():
        raise ModelError(f"There is no model file of this name. Train one first, or give its path. Received: {path}.")
    try:
        with zipfile.ZipFile(path) as file:
            values = json.loads(file.read(CARD))
        if newer := newer_format(values, known=CARD_FORMAT):
            raise ModelError(f"This model cannot be used. {newer} Received: {path}.")
        card = load_dataclass(ModelCard, values)
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as error:
        raise ModelError(f"This file is not a model saved by covidlab, or it is damaged. Received: {path}.") from error
    known = card.preset in PRESETS and card.fine_tune in FINE_TUNE_DEPTHS and card.backbone in backbone_names()
    if not known or card.positive_class not in card.classes:
        raise ModelError(f"The card of this model names settings this version does not know. Received: {path}.")
    return card


def load_model(path: Path) -> tuple[keras.Model, ModelCard]:
    """Return the whole model, (n, side, side, 3) in [0, 1] -> (n, classes), with its card.

    Raises
    ------
    ModelError
        Where the file is missing, damaged, not one of ours, or rests on other weights than those installed.
    """
    card = read_card(path)
    backbone = find_backbone(card.backbone)
    model = build_model(PRESETS[card.preset], backbone, num_classes=len(card.classes))
    if card.kind == "whole":
        _load_weights(model, path)
        return model, card
    if card.frozen_sha256 != backbone.weights_sha256:
        raise ModelError(
            f"This model needs other {backbone.title} weights than those installed here. Received: {path}."
        )
    _load_weights(tail_of(model, backbone, card.fine_tune), path)
    return model, card


def export_whole(source: Path, target: Path) -> None:
    """Replace ``target`` by the model in ``source`` with its frozen layers, so that it stands alone."""
    model, card = load_model(source)
    save_model(target, model, replace(card, kind="whole"))


def _load_weights(model: keras.Model, path: Path) -> None:
    try:
        with _named_keras(path) as archive:
            model.load_weights(archive)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, TypeError) as error:
        raise ModelError(
            f"The weights in this model file are damaged or do not fit its card. Received: {path}."
        ) from error


@contextmanager
def _named_keras(path: Path):
    """Yield a link to ``path`` whose name ends as Keras expects."""
    with tempfile.TemporaryDirectory(prefix="covidlab-") as folder:
        link = Path(folder) / "model.keras"
        link.symlink_to(Path(path).absolute())
        yield link


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file as hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
