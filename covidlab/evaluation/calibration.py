"""Log odds turned into probabilities that mean what they say, learned only from X-rays that a model has not seen.

Platt scaling (J. Platt, "Probabilistic outputs for support vector machines", 1999): a logistic regression on the log odds. It
is fitted on the answers of the folds, one fit for each repeat of the cross-validation.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from covidlab.evaluation.crossvalidation import CrossValidation

# Log odds beyond it are the rounding of float32.
_MOST_CERTAIN = 1e-7


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """How the log odds of the heads of all folds become probabilities.

    slopes, intercepts: of each head, (repeats x folds,) float. brier, brier_calibrated: mean squared error of the
    probability of the positive class on X-rays that neither the head nor its calibration had seen.
    """

    slopes: np.ndarray
    intercepts: np.ndarray
    brier: float
    brier_calibrated: float


def calibrate(crossed: CrossValidation, labels: np.ndarray, *, positive_index: int) -> Calibration:
    """Return the calibration of every head from the answers of its repeat.

    The errors are those of calibrations fitted without the fold they are measured on.

    Parameters
    ----------
    labels : (films,) int
    """
    is_positive = labels == positive_index
    slopes, intercepts, calibrated = [], [], np.zeros(crossed.probabilities.shape[:2])
    probabilities = crossed.probabilities[..., positive_index].astype(float)
    for repeat, (odds, fold_of) in enumerate(zip(_log_odds(probabilities), crossed.fold_of, strict=True)):
        slope, intercept = _fit(odds, is_positive)
        slopes += [slope] * crossed.folds
        intercepts += [intercept] * crossed.folds
        for fold in range(crossed.folds):
            held_out = fold_of == fold
            slope, intercept = _fit(odds[~held_out], is_positive[~held_out])
            calibrated[repeat, held_out] = 1 / (1 + np.exp(-(slope * odds[held_out] + intercept)))
    return Calibration(
        slopes=np.array(slopes, np.float32),
        intercepts=np.array(intercepts, np.float32),
        brier=float(np.square(probabilities - is_positive).mean()),
        brier_calibrated=float(np.square(calibrated - is_positive).mean()),
    )


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities, _MOST_CERTAIN, 1 - _MOST_CERTAIN)
    return np.log(clipped) - np.log1p(-clipped)


def _fit(odds: np.ndarray, is_positive: np.ndarray) -> tuple[float, float]:
    """Slope and intercept; the penalty of scikit-learn's default keeps the slope finite where the classes are far apart."""
    # On one feature Newton's steps are several times as fast as the default solver; a run does sixty fits.
    model = LogisticRegression(solver="newton-cholesky").fit(odds[:, None], is_positive)
    # A model that is wrong more often than right is not turned round: it then says how frequent the class is.
    slope = float(model.coef_[0, 0])
    if slope > 0:
        return slope, float(model.intercept_[0])
    share = is_positive.mean()
    return 0.0, float(np.log(share / (1 - share)))
