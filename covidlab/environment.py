"""Run under the project's virtual environment where it has one and the present Python lacks the packages."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_ENVIRONMENT = Path(__file__).resolve().parent.parent / ".venv"


def use_project_environment() -> None:
    """Replace this process by the same command under ``.venv``; ends with a plain sentence where there is none.

    So ``python3 train_covid19_main.py`` works after ``make app`` without activating anything.
    """
    if find_spec("tensorflow") and find_spec("streamlit"):
        return
    python = _ENVIRONMENT / "bin" / "python"
    if python.exists() and Path(sys.prefix) != _ENVIRONMENT:
        os.execv(python, [str(python), *sys.orig_argv[1:]])
    sys.exit(
        "covidlab: TensorFlow and Streamlit are not installed here. Run `make install` first, in the project's folder."
    )
