"""The model a run saves: where it lies and what it must contain."""

from typing import TYPE_CHECKING

import covidlab
from covidlab.data.catalog import Catalog
from covidlab.errors import ModelError
from covidlab.language import tr
from covidlab.learning.modelcard import ModelCard
from covidlab.prediction.loading import ModelFile
from covidlab.runs.store import Run

if TYPE_CHECKING:
    import keras


def model_file(run: Run) -> ModelFile:
    """Return the model file of a run with its checksum; raises ModelError where the run wrote no checksum down."""
    facts = run.load_facts()
    sha256, reference_sha256 = facts.get("model_sha256"), facts.get("reference_sha256", "")
    if not sha256:
        raise ModelError(
            tr(
                "{capitalize} has no checksum for its model file, so the model is not used. Train it again.",
                capitalize=run.name.capitalize(),
            )
        )
    return ModelFile(
        path=run.model_path,
        sha256=sha256,
        name=run.name,
        # Runs of earlier versions kept none.
        reference=run.reference_path if reference_sha256 else None,
        reference_sha256=reference_sha256,
    )


def save_run_model(run: Run, tail: "keras.Model", catalog: Catalog, *, threshold: float) -> None:
    """Replace the model of a run by the layers that learned, with their card, and write down its checksum.

    ``catalog`` is the one the run trained on, ``threshold`` the operating point of its figures.
    """
    from covidlab.learning.backbones import find_backbone
    from covidlab.learning.modelcard import file_sha256
    from covidlab.learning.modelfile import save_model

    config = run.load_config()
    backbone = find_backbone(config.backbone)
    card = ModelCard(
        kind="tail",
        preset=config.preset,
        fine_tune=config.fine_tune,
        classes=list(catalog.classes),
        positive_class=catalog.positive_class,
        threshold=threshold,
        frozen_sha256=backbone.weights_sha256,
        backbone=backbone.name,
        run_id=run.id,
        data_fingerprint=catalog.fingerprint,
        version=covidlab.__version__,
    )
    save_model(run.model_path, tail, card)
    run.update_facts(model_sha256=file_sha256(run.model_path))
