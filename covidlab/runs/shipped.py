"""The model that ships with the package: the head trained on all fifty films with the default preset, and its card.

``python -m covidlab.runs.shipped --dataset dataset`` remakes it; a test holds the shipped file against a remake.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from covidlab import metrics
from covidlab.config import NUM_REPEATS, OVER_REPEATS, PRESETS, REFERENCE, TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.splits import Split
from covidlab.errors import DataError
from covidlab.evaluation.calibration import calibrate
from covidlab.evaluation.crossvalidation import cross_validate_head
from covidlab.evaluation.report import THRESHOLD, classes_part, cross_validation_part, data_part
from covidlab.files import replacing
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.device import select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.heads import HeadJob, train_heads
from covidlab.learning.network import build_head
from covidlab.paths import DEFAULT_MODEL, dataset_folder
from covidlab.runs.jobs import EngineName
from covidlab.runs.models import save_run_model
from covidlab.runs.reference import save_run_reference
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.text import decimal_text

CARD_NAME = "model_card.md"
NUM_FILMS = 50


def make_default_model(dataset: Path, folder: Path = DEFAULT_MODEL) -> dict:
    """Train on all films of ``dataset``, cross-validate, and replace the files in ``folder``.

    The folder has the form of a finished run (run.json, status.json, report.json, model.keras), so that whatever reads
    films with a run's model reads them with this one too; beside them stands model_card.md.

    Returns
    -------
    dict, the content of report.json: figures with intervals, data, settings
    """
    catalog = load_catalog(dataset)
    if catalog.num_films != NUM_FILMS or catalog.classes != ("covid", "normal") or not catalog.patients_known:
        raise DataError(
            "The default model is made from the curated fifty with their metadata.csv. "
            f"Received: {catalog.num_films} X-rays in {dataset}."
        )
    # The reference, so that it is the same wherever it is remade.
    config = TrainingConfig(dataset="dataset", positive_class=catalog.positive_class, precision=REFERENCE)
    features = _features(catalog, config)
    job = HeadJob(
        films=np.arange(catalog.num_films),
        labels=catalog.labels,
        views=tuple(config.used_views),
        learning_rate=config.learning_rate,
        seed=config.seed,
    )
    num_classes = len(catalog.classes)
    stack = train_heads([job], features, num_classes=num_classes, epochs=config.epochs, batch_size=config.batch_size)
    head = build_head(PRESETS[config.preset], BACKBONE, num_classes=num_classes)
    head.set_weights(stack.keras_weights(0))
    crossed = cross_validate_head(catalog, features, config)
    calibration = calibrate(crossed, catalog.labels, positive_index=catalog.positive_index)
    report = _report(catalog, config, cross_validation_part(catalog, crossed, calibration))
    run = _write(folder, head, report, config, catalog)
    save_run_reference(
        run, catalog, job.films, features[:, 0], trained=job.films, crossed=crossed, calibration=calibration
    )
    return report


def _write(folder: Path, head, report: dict, config: TrainingConfig, catalog: Catalog) -> Run:
    run = Run(folder)
    status = Status(state=State.FINISHED, epoch=config.epochs, epochs=config.epochs)
    run.begin(config, engine=EngineName.INLINE, fingerprint=catalog.fingerprint, status=status)
    run.update_facts(data=report["data"])
    save_run_model(run, head, catalog, threshold=THRESHOLD)
    run.write_report(report)
    with replacing(folder / CARD_NAME) as temporary:
        temporary.write_text(model_card(report), encoding="utf-8")
    return run


def model_card(report: dict) -> str:
    """Return the model card as Markdown (Mitchell et al. 2019, "Model cards for model reporting")."""
    crossed, data, settings = report["cross_validation"], report["data"], report["config"]
    rows = "\n".join(
        f"| {name} | {crossed[name]['value']:.2f} | {crossed[name]['low']:.2f} to {crossed[name]['high']:.2f} | {crossed[name]['n']} |"
        for name in metrics.METRICS
    )
    return f"""# Model card: the default model

**Not for diagnosis.** It tells which of two folders of fifty chest X-rays an X-ray resembles. It is made for learning and teaching.

## Data
{data["num_films"]} X-rays of {data["num_patients"]} patients: 25 COVID-19 X-rays of 12 patients, 25 non-COVID X-rays of 25 patients (7 without
finding, 12 bacterial and 6 viral pneumonia). COVID-19 patients with a stated age are adults of 35 to 65; the non-COVID X-rays are of
children of 1 to 5 years. So class, source and age group coincide. Sources and licences: dataset/README.md.

## Procedure
VGG16's convolutional layers, trained on ImageNet and frozen, computed in float32; a head of 33,000 weights (global average, 64 ReLU, dropout 0.5,
softmax) trained on all {data["num_films"]} X-rays: {settings["epochs"]} epochs, batch {settings["batch_size"]}, Adam at {decimal_text(settings["learning_rate"])}
decayed, {settings["views"]} views of each X-ray, seed {settings["seed"]}. Remake it with
`python -m covidlab.runs.shipped --dataset dataset`.

## Results
{NUM_REPEATS} repeats of {crossed["folds"]}-fold cross-validation with the same settings, patients kept together. A figure is the {OVER_REPEATS} of the repeats;
95 % intervals come from resampling patients. They say how well the two folders can be told apart, not how well COVID-19 can be seen. No result is given
for the X-rays it was trained on.

| metric | value | 95 % interval | n (X-rays) |
|---|---|---|---|
{rows}

## Outside the set
Models of this kind (VGG16 features and logistic regression, trained on these fifty) called 94 to 99 % of adult X-rays without
finding from other hospitals "COVID-19" (AUC .73 to .79): they have learned to tell adults from children.

## It must not be used
- to diagnose, to rule out or to triage anything; the findings on an X-ray are not specific and a viral test is required
  (American College of Radiology, March 2020);
- on patients' X-rays for anything but learning and teaching, or as a measure of how well such models work;
- to compare hospitals, patients or devices.
"""


def _features(catalog: Catalog, config: TrainingConfig) -> np.ndarray:
    activations = FilmActivations(
        catalog,
        BACKBONE,
        preset=config.preset,
        fine_tune="head",
        device=select_device("cpu"),
        precision=config.precision,
    )
    films = range(catalog.num_films)
    return np.stack([activations.features(films, view) for view in config.used_views], axis=1)


def _report(catalog: Catalog, config: TrainingConfig, crossed: dict) -> dict:
    # It learned from all of them, so that none is left to validate on.
    split = Split(train=np.arange(catalog.num_films), validation=np.arange(0))
    return {
        "config": config.to_dict(),
        "data": {**data_part(catalog, split), "name": "the curated fifty"},
        **classes_part(catalog),
        "cross_validation": crossed,
    }


def main() -> None:
    """Remake the shipped model."""
    parser = argparse.ArgumentParser(description="Remake the default model, its results and its card.")
    parser.add_argument("--dataset", type=Path, default=dataset_folder())
    parser.add_argument("--output", type=Path, default=DEFAULT_MODEL)
    options = parser.parse_args()
    report = make_default_model(options.dataset, options.output)
    print(json.dumps(report["cross_validation"], indent=1))


if __name__ == "__main__":
    main()
