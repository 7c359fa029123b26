"""Load TensorFlow in a process whose terminal is a person's."""

import os
import sys

from covidlab.errors import ModelError


def load_tensorflow_quietly() -> None:
    """Load TensorFlow with its native start-up messages kept off the terminal, where only our own sentences belong.

    Raises ModelError where it cannot be imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    terminal = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        require_tensorflow()
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def require_tensorflow() -> None:
    """Load TensorFlow and look for its devices; raises ModelError where it cannot be imported."""
    try:
        from covidlab.learning.device import select_device
    except ImportError as error:
        raise ModelError(
            "TensorFlow cannot be loaded here, so no model can be trained or used; browsing works. Install the requirements "
            f"again. Received: {error}."
        ) from error
    select_device()
