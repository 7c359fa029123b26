"""Which device computes."""

import os
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from covidlab.errors import UsageError
from covidlab.learning.processor import cpu_device_name

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

# What is raised where memory runs out, of the machine or of a GPU.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


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
