"""Passes of an X-ray of which a part has changed: what the change does not reach is taken from the pass before the change.

A convolution of 3 x 3 carries a change one pixel further, a pooling halves its place. Stage by stage (convolutions, then a pooling) only
what the change reaches is computed, with a border as wide as the stage looks; the rest stands as it was. The values are those of
a whole pass, save for the order in which sums are rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

# The changed part grows to multiples of so many pixels, so that few shapes are computed, each of which is prepared once.
_GRID = 8


@dataclass(frozen=True)
class Box:
    """Rows and columns, ends left out."""

    top: int
    bottom: int
    left: int
    right: int

    def grown(self, by: int, *, to: int, shape: tuple[int, int]) -> "Box":
        """Return the box with ``by`` more on each side, its ends on multiples of ``to``, within an array of ``shape``."""
        height, width = shape
        low = [max(0, (end - by) // to * to) for end in (self.top, self.left)]
        high = [min(most, -(-(end + by) // to) * to) for end, most in ((self.bottom, height), (self.right, width))]
        return Box(low[0], high[0], low[1], high[1])

    def halved(self) -> "Box":
        """Return the box after a pooling."""
        return Box(self.top // 2, self.bottom // 2, self.left // 2, self.right // 2)

    def within(self, outer: "Box") -> "Box":
        """Return the box as counted from the corner of another one."""
        return Box(self.top - outer.top, self.bottom - outer.top, self.left - outer.left, self.right - outer.left)

    @property
    def place(self) -> tuple[slice, slice, slice]:
        """Index into (1, height, width, channels)."""
        return np.s_[:, self.top : self.bottom, self.left : self.right]


class LocalPasses:
    """The layers up to an activation, cut after each pooling.

    Parameters
    ----------
    model : a chain of convolutions that keep the size (strides 1, zeros around) and poolings of 2 x 2, as in VGG16
    """

    def __init__(self, model: keras.Model):
        self._stages = [_Stage(layers) for layers in _cut(model.layers)]

    def whole(self, film: np.ndarray) -> list[np.ndarray]:
        """Return what each stage takes, and what the last one gives, for (side, side, 3) uint8."""
        passed = [_input(film)]
        for stage in self._stages:
            passed.append(stage(passed[-1]))
        return passed

    def changed(self, film: np.ndarray, before: Sequence[np.ndarray], unchanged: np.ndarray) -> np.ndarray:
        """Return the last activation (1, height, width, channels) of an X-ray, given ``whole`` of the unchanged one."""
        box = changed_box(film, unchanged)
        if box is None:
            return before[-1]
        now = _input(film)
        for stage, after in zip(self._stages, before[1:], strict=True):
            reached = box.grown(stage.reach, to=2, shape=now.shape[1:3])
            needed = reached.grown(stage.reach, to=2, shape=now.shape[1:3])
            computed = stage(now[needed.place])
            box, now = reached.halved(), after.copy()
            now[box.place] = computed[reached.within(needed).halved().place]
        return now


def changed_box(film: np.ndarray, unchanged: np.ndarray) -> Box | None:
    """Return a box around all pixels that differ; None where none does."""
    differs = (film != unchanged).any(axis=-1)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return None
    box = Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    return box.grown(0, to=_GRID, shape=differs.shape)


def changed_share(film: np.ndarray, unchanged: np.ndarray) -> float:
    """Return the share of the X-ray inside the box around what has changed."""
    box = changed_box(film, unchanged)
    return 0.0 if box is None else (box.bottom - box.top) * (box.right - box.left) / film[..., 0].size


class _Stage:
    """Convolutions and the pooling behind them. reach: how many pixels further a change goes."""

    def __init__(self, layers: Sequence[keras.Layer]):
        self._layers = list(layers)
        self.reach = sum(layer.kernel_size[0] // 2 for layer in self._layers if isinstance(layer, keras.layers.Conv2D))
        # One graph for parts of any size. Traced here: TensorFlow would take five stages for one function that is traced too often, and warn.
        first = self._layers[0].input
        signature = tf.TensorSpec((1, None, None, first.shape[-1]), first.dtype)
        self._run = tf.function(self._passed).get_concrete_function(signature)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return self._run(tf.constant(values)).numpy()

    def _passed(self, values: tf.Tensor) -> tf.Tensor:
        for layer in self._layers:
            values = layer(values, training=False)
        return values


def _input(film: np.ndarray) -> np.ndarray:
    return film[None].astype(np.float32) / 255.0


def _cut(layers: Sequence[keras.Layer]) -> list[list[keras.Layer]]:
    """The layers, cut behind each pooling."""
    stages: list[list[keras.Layer]] = [[]]
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        stages[-1].append(layer)
        if isinstance(layer, keras.layers.MaxPooling2D):
            stages.append([])
    return [stage for stage in stages if stage]
