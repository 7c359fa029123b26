"""Streamlit's server as it is, which on SIGUSR1 writes the names of the modules it has loaded to modules.txt in its home.

The engine "mock" can be chosen as well, for dashboards on which nobody trains, and with QUICK_READER a process without a
network answers in place of the one that predicts, for those on which nobody reads.
"""

import atexit
import os
import runpy
import signal
import sys
from pathlib import Path


def write_modules(*_) -> None:
    """Write them whole."""
    place = Path(os.environ["COVIDLAB_HOME"]) / "modules.txt"
    partial = place.with_suffix(".partial")
    partial.write_text("\n".join(sorted(sys.modules)))
    partial.replace(place)


def offer_mock() -> None:
    """Add the mock to the engines."""
    sys.path.append(os.getcwd())
    from covidlab.runs.engines import ENGINES
    from covidlab.runs.engines.mock import MockEngine

    ENGINES[MockEngine.name] = MockEngine


def read_quickly() -> None:
    """Let a process without a network answer."""
    sys.path.append(os.getcwd())
    from covidlab.services import reader

    quick = reader.Reader(program=(str(Path(__file__).parents[1] / "services" / "quick_process.py"),))
    atexit.register(quick.close)
    # Before any page is loaded, which takes the name from here.
    reader.shared_reader = lambda: quick


if __name__ == "__main__":
    if os.environ["COVIDLAB_ENGINE"] == "mock":
        offer_mock()
    if "QUICK_READER" in os.environ:
        read_quickly()
    signal.signal(signal.SIGUSR1, write_modules)
    sys.argv[0] = "streamlit"
    runpy.run_module("streamlit", run_name="__main__")
