"""What the rest of the program needs to know of a network, as one frozen description.

A file beside this one makes a network available: it defines ``BACKBONE`` and nothing else has to change. TensorFlow is
not imported here, and a backbone's file imports it only inside ``build``: pages read shapes and cut points for their
estimates.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from covidlab.errors import ModelError, UsageError
from covidlab.language import tr

if TYPE_CHECKING:
    import keras

# In place of a layer's name: nothing stays frozen.
INPUT = "input"


@dataclass(frozen=True, kw_only=True)
class CutPoint:
    """Where the network is cut at one fine-tune depth.

    layer: the deepest layer that stays frozen, ``INPUT`` where every layer learns.
    shape: of one activation there, (height, width, channels).
    learns: what learns, the beginning of a sentence for people. num_learning: how many numbers, with two classes.
    checkpoint_bytes: weights and moments of what learns, twice (a checkpoint is written beside its predecessor), and the
        model file.
    film_seconds: what one X-ray takes to be learned once, measured on two cores of a server CPU.
    """

    layer: str
    shape: tuple[int, int, int]
    learns: str
    num_learning: int
    checkpoint_bytes: int
    film_seconds: float


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """What the network expects instead of RGB in [0, 1]: ``rgb @ matrix + offset``.

    matrix: 3 rows (red, green, blue) of 3 channels. offset: 3 numbers, one a channel.
    """

    matrix: tuple[tuple[float, float, float], ...]
    offset: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """A network without its classifier.

    name: that of its file. title: for people. input_side: width and height of what it takes, in pixels.
    build: returns the network with its weights, a chain of Keras layers from (batch, side, side, 3) to the activation
        of the cut point "head".
    preprocessing: what the weights were trained on; a preset may leave it out.
    weights_path, weights_sha256: the weights file and what it must contain.
    cut_points: by fine-tune depth; "head" is always among them.
    num_features: channels of the last activation, which is what pooling leaves of it.
    whole_model_bytes: size of a model file with the frozen layers in it.
    pass_seconds: what one X-ray takes through the frozen layers of "head" in float32, measured on two cores.
    """

    name: str
    title: str
    input_side: int
    build: "Callable[[], keras.Model]"
    preprocessing: Preprocessing
    weights_path: Path
    weights_sha256: str
    cut_points: Mapping[str, CutPoint]
    num_features: int
    whole_model_bytes: int
    pass_seconds: float

    def __hash__(self) -> int:
        return hash((self.name, self.weights_sha256))

    def cut_point(self, fine_tune: str) -> CutPoint:
        """Return where the network is cut at this depth; raises UsageError where it has no such depth."""
        try:
            return self.cut_points[fine_tune]
        except KeyError:
            depths = ", ".join(self.cut_points)
            raise UsageError(
                tr(
                    "{title} can be fine-tuned at these depths: {depths}. Received: {fine_tune}.",
                    title=self.title,
                    depths=depths,
                    fine_tune=fine_tune,
                )
            ) from None

    def record_bytes(self, fine_tune: str) -> int:
        """Return the bytes of one activation in the cache (float16), 0 where every layer learns."""
        cut = self.cut_point(fine_tune)
        return 0 if cut.layer == INPUT else 2 * int(np.prod(cut.shape))

    def require_weights(self) -> None:
        """Raise ModelError where the weights file is damaged or missing; it is read once a process."""
        _require_sha256(self.title, self.weights_path, self.weights_sha256)


@lru_cache
def _require_sha256(title: str, path: Path, expected: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    if found != expected:
        raise ModelError(
            tr(
                "The {title} weights in {path} are damaged or missing. Install covidlab again; `python3 "
                "-m covidlab doctor` says what else does not work. Received: {found}.",
                title=title,
                path=path,
                found=found,
            )
        )
