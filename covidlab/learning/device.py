"""Which device computes."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from covidlab.errors import UsageError
from covidlab.learning.processor import cpu_device_name
from covidlab.text import pluralize

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

# What is raised where memory runs out, of the machine or of a GPU.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
# Libraries of a GPU say the same as an error of another kind.
_SAID_OF_MEMORY = ("out of memory", "alloc_failed", "failed to allocate", "resource_exhausted")
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

    GPU memory grows as needed instead of being taken whole, so that several processes can share the GPU.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Memory growth can only be set before the first use; later it is already as it should be.
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    if choice == "gpu" and not gpus:
        raise UsageError("TensorFlow sees no GPU here. Use --device auto or --device cpu, or see requirements-gpu.txt.")
    if gpus and choice != "cpu":
        details = tf.config.experimental.get_device_details(gpus[0])
        return Device(name=details.get("device_name", "GPU"), tensorflow_name="/GPU:0")
    return Device(name=cpu_device_name(), tensorflow_name="/CPU:0")


@contextmanager
def memory_errors() -> Iterator[None]:
    """Raise MemoryError where a library of the GPU says in its own words that no memory is left."""
    try:
        yield
    except _OTHER_KINDS as error:
        if any(words in str(error).lower() for words in _SAID_OF_MEMORY):
            raise MemoryError(str(error)) from error
        raise


def memory_advice(device_name: str, *, batch_size: int) -> str:
    """Return that memory ran out, where, and what to try."""
    what = f"The memory ran out on {device_name} with batches of {pluralize(batch_size, 'X-ray')}."
    if batch_size == 1:
        return f"{what} Try a depth at which fewer layers learn."
    return f"{what} Try a batch size of {batch_size // 2}."
