"""A model as an ONNX file, for programs that have no TensorFlow; compared with the model before the file gets its name.

The graph is written layer by layer: a VGG16 with a head has eight kinds. Keras' own export would need tf2onnx, and would
carry neither what the numbers mean nor a comparison.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import layers

import covidlab
from covidlab.config import PRESETS
from covidlab.errors import ModelError, UsageError
from covidlab.files import replacing
from covidlab.learning.modelcard import ModelCard

if TYPE_CHECKING:
    import onnx

# What the probabilities of the two programs may differ by.
TOLERANCE = 1e-4
NOT_FOR_DIAGNOSIS = "Not for diagnosis. This model tells which class of its training set an X-ray resembles."

# An operator set and a file version that ONNX Runtime has read since 1.12 (2022).
_OPSET, _IR_VERSION = 17, 8
_BATCH = 8
_TO_CHANNELS_FIRST, _TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How far the probabilities of the ONNX file are from the model's: on how many X-rays, and at most."""

    num_films: int
    largest_difference: float


def require_onnx() -> None:
    """Raise UsageError where the packages that the export needs are not installed."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "The export needs the packages onnx and onnxruntime. Install them with `pip install onnx onnxruntime`."
        ) from error


def export_onnx(
    model: keras.Model,
    card: ModelCard,
    path: Path,
    films: Iterable[np.ndarray],
    *,
    progress: Callable[[int], None] = lambda num_done: None,
) -> Comparison:
    """Replace ``path`` by ``model`` in ONNX, once ONNX Runtime has given the same probabilities; whole or not at all.

    Parameters
    ----------
    model : as ``modelfile.load_model`` returns it, (n, side, side, 3) in [0, 1], RGB -> (n, classes)
    card : what the model file says of itself
    films : X-rays to compare on, each uint8 of shape (side, side, 3), prepared as the preset says
    progress : called with the number of X-rays compared so far

    Raises
    ------
    ModelError
        Where a probability differs by more than 1e-4, there is no X-ray to compare on, or the model has a layer
        that the export does not know.
    """
    require_onnx()
    graph = build_graph(model, card)
    with replacing(path) as temporary:
        temporary.write_bytes(graph.SerializeToString(deterministic=True))
        comparison = _compared(model, temporary, films, progress)
        _require_same(comparison)
    return comparison


def build_graph(model: keras.Model, card: ModelCard) -> "onnx.ModelProto":
    """Return the model with its card in ONNX: "xray", float32 (n, side, side, 3) in [0, 1] -> "probabilities", (n, classes).

    Raises ModelError for a layer of a kind, or with settings, that the export does not know.
    """
    from onnx import TensorProto, helper

    writer = _Writer()
    value = writer.add("Transpose", "xray", perm=_TO_CHANNELS_FIRST)
    for layer in model.layers:
        value = writer.add_layer(layer, value)
    writer.add("Identity", value, output="probabilities")
    inputs = helper.make_tensor_value_info("xray", TensorProto.FLOAT, ["n", *model.input_shape[1:]])
    outputs = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", len(card.classes)])
    graph = helper.make_graph(writer.nodes, "covidlab", [inputs], [outputs], writer.weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    made.producer_name, made.producer_version = "covidlab", covidlab.__version__
    made.doc_string = NOT_FOR_DIAGNOSIS
    helper.set_model_props(made, metadata(card))
    return made


def metadata(card: ModelCard) -> dict[str, str]:
    """Return what the ONNX file says of itself; values that are no text are JSON."""
    return {
        "not_for_diagnosis": NOT_FOR_DIAGNOSIS,
        "classes": json.dumps(card.classes),
        "positive_class": card.positive_class,
        "operating_point": json.dumps(card.threshold),
        "preset": card.preset,
        "fine_tune": card.fine_tune,
        "backbone": card.backbone,
        "run_id": card.run_id,
        "data_fingerprint": card.data_fingerprint,
        "covidlab_version": card.version,
        "input": "float32 (n, height, width, 3), RGB, 0 to 1; the whole X-ray resized, its aspect ratio ignored",
        "resize": PRESETS[card.preset].resize,
    }


class _Writer:
    """Nodes and weights of a graph, written one layer after another; images are (n, channels, height, width) in it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes) -> str:
        """Add a node; return the name of its output."""
        from onnx import helper

        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def add_layer(self, layer: layers.Layer, value: str) -> str:
        """Add what a layer of Keras computes from ``value``; return the name of its output."""
        match layer:
            # Dropout does nothing where nothing is trained.
            case layers.InputLayer() | layers.Dropout():
                return value
            case layers.Conv2D():
                return self._activated(layer, self._convolution(layer, value))
            case layers.MaxPooling2D() | layers.AveragePooling2D():
                return self._pooling(layer, value)
            case layers.GlobalAveragePooling2D():
                return self.add("Flatten", self.add("GlobalAveragePool", value))
            case layers.Flatten():
                # Keras counts the channels last.
                return self.add("Flatten", self.add("Transpose", value, perm=_TO_CHANNELS_LAST))
            case layers.Dense():
                weights = self._weights_of(layer)
                return self._activated(layer, self.add("Gemm", value, *weights))
        raise _unknown(layer)

    def _convolution(self, layer: layers.Conv2D, value: str) -> str:
        _require(layer, strides=(1, 1), dilation_rate=(1, 1), groups=1, data_format="channels_last")
        height, width = layer.kernel_size
        padding = [0, 0, 0, 0]
        if layer.padding == "same":
            padding = [(height - 1) // 2, (width - 1) // 2, height // 2, width // 2]
        return self.add("Conv", value, *self._weights_of(layer), kernel_shape=[height, width], pads=padding)

    def _pooling(self, layer: layers.MaxPooling2D | layers.AveragePooling2D, value: str) -> str:
        _require(layer, padding="valid", data_format="channels_last")
        operator = "MaxPool" if isinstance(layer, layers.MaxPooling2D) else "AveragePool"
        return self.add(operator, value, kernel_shape=list(layer.pool_size), strides=list(layer.strides))

    def _activated(self, layer: layers.Layer, value: str) -> str:
        match keras.activations.serialize(layer.activation):
            case "linear":
                return value
            case "relu":
                return self.add("Relu", value)
            case "softmax":
                return self.add("Softmax", value, axis=-1)
        raise _unknown(layer)

    def _weights_of(self, layer: layers.Layer) -> tuple[str, str]:
        """Add kernel and bias; return their names. A kernel (height, width, in, out) becomes (out, in, height, width)."""
        from onnx import numpy_helper

        _require(layer, use_bias=True)
        kernel, bias = (np.asarray(array, np.float32) for array in layer.get_weights())
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        names = f"{layer.name}_kernel", f"{layer.name}_bias"
        for name, array in zip(names, (kernel, bias), strict=True):
            self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return names


def _require(layer: layers.Layer, **settings) -> None:
    """Raise ModelError where the layer has other settings."""
    if any(getattr(layer, name) != value for name, value in settings.items()):
        raise _unknown(layer)


def _unknown(layer: layers.Layer) -> ModelError:
    kind = type(layer).__name__
    return ModelError(
        "This model cannot be exported: the export knows the layers of VGG16 and of the head, with the settings they have "
        f"there. Received: a layer {kind} ({layer.name})."
    )


def _compared(
    model: keras.Model, path: Path, films: Iterable[np.ndarray], progress: Callable[[int], None]
) -> Comparison:
    """Ask both programs for the probabilities of each X-ray."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Errors only: standard error is for our own sentences.
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    largest, num_films = 0.0, 0
    waiting = iter(films)
    while batch := list(islice(waiting, _BATCH)):
        inputs = np.stack(batch).astype(np.float32) / 255.0
        (theirs,) = session.run(["probabilities"], {"xray": inputs})
        difference = np.abs(theirs - model(inputs, training=False).numpy())
        # What is not a number agrees with nothing.
        largest = max(largest, float(np.nan_to_num(difference, nan=1.0).max()))
        num_films += len(batch)
        progress(num_films)
    return Comparison(num_films=num_films, largest_difference=largest)


def _require_same(comparison: Comparison) -> None:
    """Raise ModelError where the two programs do not agree, or nobody has looked."""
    if comparison.num_films == 0:
        raise ModelError("The export needs at least one X-ray to compare on. Received: none.")
    if comparison.largest_difference > TOLERANCE:
        raise ModelError(
            f"The ONNX file was not saved: its probabilities differ from the model's by up to "
            f"{comparison.largest_difference:.6f}, and at most {TOLERANCE:.4f} is allowed (n = {comparison.num_films} X-rays)."
        )
