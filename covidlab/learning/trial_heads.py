"""Heads that learn from the same X-rays in the same order and differ in rate and epochs, in NumPy; no TensorFlow.

One product of matrices serves all, and their weights and moments stay in the cache of the processor from step to step, which those
of a stack in TensorFlow (``learning.heads``) are too many for. A test holds both equal.
"""

from collections.abc import Callable, Sequence

import numpy as np

from covidlab.learning.schedule import decayed_rate, dropout_masks, epoch_batches
from covidlab.learning.updates import BETA_1, BETA_2, EPSILON, MOMENTUM, UpdateRule


class TrialHeads:
    """One head a trial, all beginning with the same weights.

    Parameters
    ----------
    weights : hidden kernel (features, units), hidden bias (1, units), output kernel (units, classes), output bias (1, classes)
    rates, epochs : of each trial, those with most epochs first
    dropout_rate : of the hidden units
    masks : as ``dropout_masks``; heads with one seed have the same, so who trains many of them may keep them
    """

    def __init__(
        self,
        weights: Sequence[np.ndarray],
        *,
        rates: Sequence[float],
        epochs: Sequence[int],
        rule: UpdateRule,
        dropout_rate: float,
        masks: Callable[..., np.ndarray] = dropout_masks,
    ):
        self._rates, self._epochs = np.asarray(rates, np.float32), np.asarray(epochs)
        self._hidden = _Layer(*weights[:2], num_trials=len(rates), rule=rule)
        self._output = _Layer(*weights[2:], num_trials=len(rates), rule=rule)
        num_classes = weights[3].shape[-1]
        self._targets = np.eye(num_classes, dtype=np.float32)
        self._class_weights = np.asarray(rule.class_weights or [1.0] * num_classes, np.float32)
        self._dropout_rate, self._masks, self._steps = dropout_rate, masks, 0

    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of the weights of the first trial, as Keras takes them: kernel and bias of the hidden layer and of the output."""
        layers = self._hidden.weights, self._output.weights
        return [array.copy() for rows in layers for array in (rows[:-1, 0], rows[-1, 0])]

    def learn(
        self, films: np.ndarray, features: np.ndarray, labels: np.ndarray, *, batch_size: int, seed: int
    ) -> np.ndarray:
        """Train each trial for its epochs; return what each then says of all X-rays, (trials, films, classes) float32.

        Parameters
        ----------
        films : (n,) int, rows of the table to learn from
        features : (all films, views, features) float32; epochs use one view after the other
        labels : (all films,) int
        """
        said = []
        for epoch in range(1, self._epochs[0] + 1):
            of_view = features[:, (epoch - 1) % features.shape[1]]
            self.learn_epoch(films, of_view, labels, epoch=epoch, batch_size=batch_size, seed=seed)
            if ended := int((self._epochs == epoch).sum()):
                said.append(self.probabilities(features[:, 0])[-ended:])
                self._keep(len(self._epochs) - ended)
        return np.concatenate(said[::-1])

    def learn_epoch(
        self, films: np.ndarray, features: np.ndarray, labels: np.ndarray, *, epoch: int, batch_size: int, seed: int
    ) -> None:
        """Train all trials for one epoch (from 1); ``features``: (all films, features) of the view of this epoch."""
        masks = self._masks(
            seed=seed,
            epoch=epoch,
            num_steps=-(-len(films) // batch_size),
            batch_size=batch_size,
            units=self._hidden.weights.shape[-1],
            rate=self._dropout_rate,
        )
        batches = epoch_batches(films, batch_size=batch_size, seed=seed, epoch=epoch)
        # A rate that is much too large ends in numbers that are none, which whoever reads the answers says.
        with np.errstate(all="ignore"):
            for mask, batch in zip(masks, batches, strict=True):
                self._step(_with_ones(features, batch), labels[batch], mask[: len(batch)])

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(films, features) -> (trials, films, classes) float32."""
        with np.errstate(all="ignore"):
            hidden = np.maximum(self._hidden.answers(_with_ones(features)), 0.0)
            return _softmax(self._output_of(hidden)).transpose(1, 2, 0)

    def _step(self, inputs: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> None:
        """One step of all trials: (batch, features + 1), the last one being 1; (batch,); (batch, units)."""
        hidden = self._hidden.answers(inputs)
        np.maximum(hidden, 0.0, out=hidden)
        hidden *= mask[:, None]
        errors = _softmax(self._output_of(hidden))
        errors -= self._targets[labels].T[:, None]
        errors *= self._class_weights[labels] / np.float32(len(labels))
        by_trial = errors.transpose(1, 2, 0)
        gradient = np.empty_like(self._output.weights)
        np.matmul(hidden.transpose(1, 2, 0), by_trial, out=gradient[:-1].transpose(1, 0, 2))
        gradient[-1] = by_trial.sum(axis=1)
        back = np.empty_like(hidden)
        # Of a unit that is dropped or below zero nothing comes back; of the others all, larger by what dropout left out.
        kernel = self._output.weights[:-1] / np.float32(1.0 - self._dropout_rate)
        np.matmul(by_trial, np.ascontiguousarray(kernel.transpose(1, 2, 0)), out=back.transpose(1, 0, 2))
        back *= hidden > 0
        rates = decayed_rate(self._rates, epochs=self._epochs, step=self._steps)
        self._steps += 1
        self._output.learn(gradient, rates, self._steps)
        self._hidden.learn(inputs.T @ back.reshape(len(back), -1), rates, self._steps)

    def _output_of(self, hidden: np.ndarray) -> np.ndarray:
        """(films, trials, units) -> (classes, trials, films), so that sums over classes are sums of whole arrays."""
        weights = self._output.weights
        said = hidden.transpose(1, 0, 2) @ weights[:-1].transpose(1, 0, 2)
        said += weights[-1][:, None]
        return np.ascontiguousarray(said.transpose(2, 0, 1))

    def _keep(self, number: int) -> None:
        self._rates, self._epochs = self._rates[:number], self._epochs[:number]
        for layer in (self._hidden, self._output):
            layer.keep(number)


class _Layer:
    """The same layer of each trial: weights (inputs + 1, trials, outputs), the last row being the bias."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray, *, num_trials: int, rule: UpdateRule):
        rows = np.concatenate([kernel, bias]).astype(np.float32)
        self.weights = np.repeat(rows[:, None], num_trials, axis=1)
        self._rule = rule
        self._first, self._second = np.zeros_like(self.weights), np.zeros_like(self.weights)

    def answers(self, inputs: np.ndarray) -> np.ndarray:
        """(films, inputs + 1) -> (films, trials, outputs), for inputs that all trials share."""
        return (inputs @ self.weights.reshape(len(self.weights), -1)).reshape(len(inputs), *self.weights.shape[1:])

    def learn(self, gradient: np.ndarray, rates: np.ndarray, step: int) -> None:
        """Follow a gradient with a rate for each trial; ``step`` from 1."""
        gradient = gradient.reshape(self.weights.shape)
        if self._rule.weight_decay:
            self.weights[:-1] *= 1.0 - rates[:, None] * np.float32(self._rule.weight_decay)
        move = self._sgd if self._rule.optimizer == "sgd" else self._adam
        move(gradient, rates, step)

    def keep(self, number: int) -> None:
        """Go on with the first trials only."""
        self.weights, self._first, self._second = (
            np.ascontiguousarray(array[:, :number]) for array in (self.weights, self._first, self._second)
        )

    def _sgd(self, gradient: np.ndarray, rates: np.ndarray, step: int) -> None:
        self._first *= np.float32(MOMENTUM)
        self._first -= gradient * rates[:, None]
        self.weights += self._first

    def _adam(self, gradient: np.ndarray, rates: np.ndarray, step: int) -> None:
        """Both moments are kept without their factors 1 - beta, which the rate and epsilon take over: two passes less."""
        self._first *= np.float32(BETA_1)
        self._first += gradient
        np.square(gradient, out=gradient)
        self._second *= np.float32(BETA_2)
        self._second += gradient
        np.sqrt(self._second, out=gradient)
        unit = np.sqrt(1 - BETA_2)
        gradient += np.float32(EPSILON / unit)
        np.divide(self._first, gradient, out=gradient)
        factor = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step) * (1 - BETA_1) / unit
        gradient *= (rates * factor).astype(np.float32)[:, None]
        self.weights -= gradient


def _with_ones(features: np.ndarray, films: np.ndarray | slice = np.s_[:]) -> np.ndarray:
    """Rows of a table, each with a 1 behind it, for the bias."""
    rows = features[films]
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Over the first axis, in place."""
    logits -= logits.max(axis=0)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=0)
    return logits
