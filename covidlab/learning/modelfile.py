"""Model files: a Keras archive with one more member, ``covidlab.json``, that says what its weights mean.

Two kinds: "tail" holds the layers that learned and names the frozen ones by hash (kilobytes for a head); "whole" holds all.
Both open in plain Keras under a name ending in .keras. We read only the weights, into a network built by our own code, so
that nothing in a file decides what is executed.
"""

import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import keras

from covidlab.config import PRESETS
from covidlab.errors import ModelError
from covidlab.files import replacing
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.modelcard import CARD, ModelCard, read_card
from covidlab.learning.network import build_head, build_model, tail_of


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
    _require_frozen_weights(card, backbone, path)
    _load_weights(tail_of(model, backbone, card.fine_tune), path)
    return model, card


def load_head(path: Path) -> tuple[keras.Model, ModelCard] | None:
    """Return the head of a model, activation of the frozen layers -> (n, classes), with its card; None where more learned.

    Raises ModelError as ``load_model`` does.
    """
    card = read_card(path)
    backbone = find_backbone(card.backbone)
    if card.kind != "tail" or card.fine_tune != "head":
        return None
    _require_frozen_weights(card, backbone, path)
    head = build_head(PRESETS[card.preset], backbone, num_classes=len(card.classes))
    _load_weights(head, path)
    return head, card


def export_whole(source: Path, target: Path) -> None:
    """Replace ``target`` by the model in ``source`` with its frozen layers, so that it stands alone."""
    model, card = load_model(source)
    save_model(target, model, replace(card, kind="whole"))


def _require_frozen_weights(card: ModelCard, backbone: Backbone, path: Path) -> None:
    if card.frozen_sha256 != backbone.weights_sha256:
        raise ModelError(
            tr(
                "This model needs other {title} weights than those installed here. Received: {path}.",
                title=backbone.title,
                path=path,
            )
        )


def _load_weights(model: keras.Model, path: Path) -> None:
    try:
        with _named_keras(path) as archive:
            model.load_weights(archive)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, TypeError) as error:
        raise ModelError(
            tr("The weights in this model file are damaged or do not fit its card. Received: {path}.", path=path)
        ) from error


@contextmanager
def _named_keras(path: Path):
    """Yield a link to ``path`` whose name ends as Keras expects."""
    with tempfile.TemporaryDirectory(prefix="covidlab-") as folder:
        link = Path(folder) / "model.keras"
        link.symlink_to(Path(path).absolute())
        yield link
