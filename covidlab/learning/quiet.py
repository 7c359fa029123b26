"""Load TensorFlow in a process whose terminal is a person's."""

import os
import sys


def load_tensorflow_quietly() -> None:
    """Load TensorFlow with its native start-up messages kept off the terminal, where only our own sentences belong."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    terminal = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        from covidlab.learning.device import select_device

        select_device()
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
