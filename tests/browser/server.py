"""Streamlit's server as it is, which on SIGUSR1 writes the names of the modules it has loaded to modules.txt in its home."""

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


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, write_modules)
    sys.argv[0] = "streamlit"
    runpy.run_module("streamlit", run_name="__main__")
