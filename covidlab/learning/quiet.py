"""Load TensorFlow in a process whose terminal is a person's."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from covidlab.errors import ModelError
from covidlab.language import tr


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
        with _left_out("sklearn", "matplotlib"):
            from covidlab.learning.device import select_device
    except ImportError as error:
        raise ModelError(
            tr(
                "TensorFlow cannot be loaded here, so no model can be trained or used; browsing works. "
                "Run `make install`; `python3 -m covidlab doctor` says what else does not work. Received: "
                "{error}.",
                error=error,
            )
        ) from error
    select_device()


@contextmanager
def _left_out(*packages: str) -> Iterator[None]:
    """Let imports of packages fail that are not loaded yet.

    Keras imports both where they are installed, for wrappers and plots that nothing here uses: a fifth of the time of its own
    import.
    """
    absent = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)
