"""Which device computes."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.learning.processor import cpu_device_name
from covidlab.text import pluralize

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

# What is raised where memory runs out, of the machine or of a GPU.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
# Libraries of a GPU say the same as an error of another kind.
_SAID_OF_MEMORY = (
    "out of memory",
    "alloc_failed",
    "failed to allocate",
    "resource_exhausted",
    # cuDNN and cuBLAS cannot begin where another program holds all of the memory (seen on an H100).
    "no dnn in stream executor",
    "without blas support",
)
_OTHER_KINDS = (
    tf.errors.InternalError,
    tf.errors.UnknownError,
    tf.errors.AbortedError,
    tf.errors.FailedPreconditionError,
)


@dataclass(frozen=True)
class Device:
    """A device by the name people know and the one TensorFlow knows."""

    name: str
    tensorflow_name: str

    @property
    def is_gpu(self) -> bool:
        """True for a GPU."""
        return "GPU" in self.tensorflow_name

    def scope(self) -> AbstractContextManager:
        """Return the context in which TensorFlow computes on this device."""
        return tf.device(self.tensorflow_name)


def select_device(choice: str = "auto") -> Device:
    """Return the device for ``choice`` ("auto", "cpu" or "gpu"); raises UsageError for "gpu" where there is none.

    GPU memory grows as needed instead of being taken whole, so that several processes can share the GPU; float32 there means
    float32, and the same steps give the same numbers.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        _set_up(gpus)
    if choice == "gpu" and not gpus:
        raise UsageError(
            tr("TensorFlow sees no GPU here. Use --device auto or --device cpu, or see requirements-gpu.txt.")
        )
    if gpus and choice != "cpu":
        details = tf.config.experimental.get_device_details(gpus[0])
        return Device(name=details.get("device_name", "GPU"), tensorflow_name="/GPU:0")
    return Device(name=cpu_device_name(), tensorflow_name="/CPU:0")


def _set_up(gpus: Sequence) -> None:
    for gpu in gpus:
        # Memory growth can only be set before the first use; later it is already as it should be.
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    # TensorFlow would round what it multiplies to ten bits (TF32), and float32 is the reference here.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    # A GPU adds up in another order each time: twenty equal steps of all layers ended 0.08 apart in the loss on an H100, and
    # took no longer in a fixed order.
    tf.config.experimental.enable_op_determinism()


@contextmanager
def memory_errors() -> Iterator[None]:
    """Raise MemoryError where a library of the GPU says in its own words that no memory is left."""
    try:
        yield
    except _OTHER_KINDS as error:
        if any(words in str(error).lower() for words in _SAID_OF_MEMORY):
            raise MemoryError(str(error)) from error
        raise


def memory_advice(device_name: str, *, batch_size: int, is_gpu: bool = False) -> str:
    """Return that memory ran out, where, and what to try."""
    advice = _smaller_advice(device_name, batch_size=batch_size)
    if not is_gpu:
        return advice
    return tr("{advice} `nvidia-smi` lists other programs that hold memory of the GPU.", advice=advice)


def _smaller_advice(device_name: str, *, batch_size: int) -> str:
    what = tr(
        "The memory ran out on {device_name} with batches of {x_rays}.",
        device_name=device_name,
        x_rays=pluralize(batch_size, "X-ray"),
    )
    if batch_size == 1:
        return tr("{what} Try a depth at which fewer layers learn.", what=what)
    return tr("{what} Try a batch size of {batch_size}.", what=what, batch_size=batch_size // 2)
