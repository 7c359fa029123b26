"""Probabilities made softer or sharper by one number, the temperature, which leaves their order as it was.

C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), On calibration of modern neural networks, ICML, arXiv 1706.04599.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

# Beyond it the answers are as good as sorted without an error, or as good as coin tosses, and no temperature is the best one.
TEMPERATURES = (0.05, 20.0)
# Log odds beyond it are the rounding of float32.
_LEAST = 1e-7


def fitted_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Temperature with which the true classes are likeliest, within ``TEMPERATURES``; above 1 where answers are too certain.

    Parameters
    ----------
    probabilities : (n, classes) float, of X-rays that the model has not learned from
    labels : (n,) int
    """
    logits, own = _log(probabilities), (np.arange(len(labels)), np.asarray(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=-1)[own].mean())

    # The loss is convex in 1 / temperature, so it has one valley.
    return float(np.exp(minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities, (..., classes), as the temperature makes them."""
    return softmax(_log(probabilities) / temperature, axis=-1)


def is_at_end(temperature: float) -> bool:
    """Whether a fitted temperature is as low or as high as is tried, so that it says no more than that."""
    return not TEMPERATURES[0] * 1.01 < temperature < TEMPERATURES[1] / 1.01


def _log(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.clip(np.asarray(probabilities, dtype=float), _LEAST, 1.0))
