"""Order of films and dropout masks, drawn by NumPy from the seed: a resumed run repeats what an undisturbed one does."""

import numpy as np


def epoch_batches(films: np.ndarray, *, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the films of each batch of one epoch, shuffled; the last batch may be smaller.

    Parameters
    ----------
    films : ndarray of shape (n,), int, positions of the training films
    epoch : int, 1 for the first
    """
    shuffled = np.random.default_rng([seed, epoch]).permutation(films)
    return [shuffled[start : start + batch_size] for start in range(0, len(shuffled), batch_size)]


def dropout_masks(*, seed: int, epoch: int, num_steps: int, batch_size: int, units: int, rate: float) -> np.ndarray:
    """Return inverted dropout factors, shape (num_steps, batch_size, units), float32: 0 or 1 / (1 - rate).

    A unit is dropped with probability ``rate``. Srivastava et al., "Dropout", 2014; scaled while training, as Keras does.
    """
    drawn = np.random.default_rng([seed, epoch, 1]).random((num_steps, batch_size, units), dtype=np.float32)
    return (drawn >= rate).astype(np.float32) / (1.0 - rate)


def decayed_rate(learning_rate, *, epochs: int, step: int):
    """Return the learning rate at a step counted from 0 over the whole run: rate / (1 + rate / epochs x step).

    The time-based decay of the published script (Keras' former ``decay`` argument with decay = rate / epochs).
    """
    return learning_rate / (1.0 + learning_rate / epochs * step)
