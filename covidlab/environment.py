"""Run under the project's virtual environment where it has one and the present Python lacks the packages."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST_PYTHON = (3, 11)

_ENVIRONMENT = Path(__file__).resolve().parent.parent / ".venv"


def use_project_environment(*, is_needed: bool = True) -> None:
    """Replace this process by the same command under ``.venv``; ends with a plain sentence where there is none.

    So ``python3 train_covid19_main.py`` works after ``make app`` without activating anything. Where it is not needed, this
    process goes on without the packages.
    """
    if find_spec("tensorflow") and find_spec("streamlit"):
        return
    python = _ENVIRONMENT / "bin" / "python"
    if python.exists() and Path(sys.prefix) != _ENVIRONMENT:
        os.execv(python, [str(python), *sys.orig_argv[1:]])
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"covidlab: Python 3.11 or newer is needed. Install it. Received: {sys.version.split()[0]}.")
    if is_needed:
        sys.exit(
            "covidlab: TensorFlow and Streamlit are not installed here. Run `make install` first, in the project's folder. "
            "`python3 -m covidlab doctor` says what else is missing."
        )
