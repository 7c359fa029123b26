"""What a run's report says: figures with intervals, the table of predictions, the part on cross-validation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from covidlab import metrics
from covidlab.config import OVER_REPEATS, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.conflicts import MOST_NAMED, find_conflicts
from covidlab.data.flags import is_synthetic
from covidlab.data.patients import stated_patients
from covidlab.data.splits import Split
from covidlab.evaluation.calibration import Calibration
from covidlab.evaluation.crossvalidation import CrossValidation
from covidlab.language import tr

# Operating point: the probability of the positive class from which an X-ray is called to resemble it.
THRESHOLD = 0.5


def validation_part(catalog: Catalog, films: np.ndarray, probabilities: np.ndarray) -> dict:
    """Return the figures on ``films``, each with its interval, ROC curve, confusion matrix, and the classes they speak of.

    Parameters
    ----------
    films : positions in the catalog
    probabilities : (films, classes) float
    """
    labels, positive = catalog.labels[films], catalog.positive_index
    predicted = metrics.predicted_classes(probabilities, positive_index=positive, threshold=THRESHOLD)
    confusion = metrics.confusion_matrix(labels, predicted, num_classes=len(catalog.classes)).tolist()
    false_positive_rate, true_positive_rate, _ = metrics.roc_curve(
        labels, probabilities[:, positive], positive_index=positive
    )
    return {
        **_figures(catalog, films, probabilities),
        "roc": {
            "false_positive_rate": false_positive_rate.tolist(),
            "true_positive_rate": true_positive_rate.tolist(),
        },
        "confusion": confusion,
        **majority_part(confusion, catalog.classes),
        **classes_part(catalog),
    }


def majority_part(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> dict:
    """Return what it gives to answer the most frequent class always, and which class was answered always, None if none."""
    place, size, total = metrics.majority(confusion)
    constant = metrics.constant_answer(confusion)
    return {
        "majority": {"class": classes[place], "share": size / total, "n": total} if total else None,
        "constant_answer": None if constant is None else classes[constant],
    }


def classes_part(catalog: Catalog) -> dict:
    """Return the classes, which of them is the positive one, and the operating point."""
    return {"classes": list(catalog.classes), "positive_class": catalog.positive_class, "threshold": THRESHOLD}


def cross_validation_part(catalog: Catalog, crossed: CrossValidation, calibration: Calibration) -> dict:
    """Return the figures of heads that never saw an X-ray's patient, where that is known, on all X-rays.

    Each figure is the median over the repeats, which ``over_repeats`` says: reports of earlier versions give the mean.
    ``split_by`` is "patient" where patients are known, else "image"; ``num_patients`` then is None.
    """
    return {
        **_figures(catalog, np.arange(catalog.num_films), crossed.probabilities),
        "over_repeats": OVER_REPEATS,
        "repeats": len(crossed.probabilities),
        "folds": crossed.folds,
        "split_by": "patient" if catalog.patients_known else "image",
        "num_patients": catalog.num_patients,
        "fold_accuracies": _fold_accuracies(catalog, crossed),
        "brier": {
            "value": calibration.brier,
            "calibrated": calibration.brier_calibrated,
            "n": catalog.num_films,
        },
    }


def why_not_cross_validated(config: TrainingConfig) -> str | None:
    """Return in one sentence why a run with these settings is not cross-validated; None where it is."""
    if config.fine_tune != "head":
        return tr(
            "Cross-validation is done only where just the head learns: at this depth it would take many "
            "times as long as the run."
        )
    if config.start_from:
        return tr("The run started from an earlier model, which may have seen these X-rays.")
    return None


def predictions_table(catalog: Catalog, films: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Return a row a film: file, patient_id, class, predicted, probability (of the positive class), correct, p_<class>.

    ``patient_id`` is "" where nobody stated it.
    """
    predicted = metrics.predicted_classes(probabilities, positive_index=catalog.positive_index, threshold=THRESHOLD)
    rows = catalog.films.iloc[films]
    frame = pd.DataFrame(
        {
            "file": rows["file"].to_numpy(),
            "patient_id": stated_patients(rows["patient_id"]).to_numpy(),
            "class": rows["class"].to_numpy(),
            "predicted": [catalog.classes[index] for index in predicted],
            "probability": probabilities[:, catalog.positive_index],
            "correct": predicted == catalog.labels[films],
        }
    )
    return frame.assign(**{f"p_{name}": probabilities[:, index] for index, name in enumerate(catalog.classes)})


def data_part(catalog: Catalog, split: Split, *, is_given: bool = False) -> dict:
    """Return what a run says of its X-rays and of how they were split; no number of patients where they are not known.

    ``is_given``: the split came with the set. Of what is not used, every file that cannot be read is named, and some others.
    """
    known, patients = catalog.patients_known, catalog.films["patient_id"].to_numpy()
    shared = np.isin(patients[split.validation], patients[split.train])
    return {
        "name": catalog.name,
        "fingerprint": catalog.fingerprint,
        "num_films": catalog.num_films,
        "num_patients": catalog.num_patients,
        "patients_known": known,
        "conflicts": find_conflicts(catalog.films),
        "classes": list(catalog.classes),
        "layout": catalog.layout,
        "left_out": [left.to_dict(num_examples=len(left.files) if left.why else MOST_NAMED) for left in catalog.unused],
        "problems": list(catalog.problems),
        "split_is_given": is_given,
        "num_training": len(split.train),
        "num_training_synthetic": int(is_synthetic(catalog.films).to_numpy()[split.train].sum()),
        "num_validation": len(split.validation),
        "num_validation_patients": len(set(patients[split.validation])) if known else None,
        "num_validation_with_patient_in_training": int(shared.sum()) if known else None,
    }


def _fold_accuracies(catalog: Catalog, crossed: CrossValidation) -> list[list[float]]:
    """Accuracy of each fold of each repeat, for comparing settings on the same folds."""
    predicted = metrics.predicted_classes(
        crossed.probabilities, positive_index=catalog.positive_index, threshold=THRESHOLD
    )
    right = predicted == catalog.labels
    of_repeats = zip(right, crossed.fold_of, strict=True)
    return [[round(float(own[fold_of == k].mean()), 6) for k in range(crossed.folds)] for own, fold_of in of_repeats]


def _figures(catalog: Catalog, films: np.ndarray, probabilities: np.ndarray) -> dict:
    figures = metrics.report_metrics(
        catalog.labels[films],
        probabilities,
        patient_ids=catalog.films["patient_id"].to_numpy()[films],
        positive_index=catalog.positive_index,
        threshold=THRESHOLD,
    )
    if not catalog.patients_known:
        figures = {name: figure.without_patients() for name, figure in figures.items()}
    return {name: figure.to_dict() for name, figure in figures.items()}
