"""All commands: help, wrong use, what an import loads."""

import os
import subprocess
import sys

import pytest

from covidlab.cli import main
from covidlab.paths import PROJECT_ROOT


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["train"],
        ["predict"],
        ["dataset"],
        ["dataset", "import"],
        ["dataset", "check"],
        ["dataset", "fetch"],
        ["worker"],
    ],
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert "usage:" in capsys.readouterr().out


def test_unknown_command_is_wrong_use(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["unknown"])


@pytest.mark.parametrize(
    "module",
    [
        "covidlab",
        "covidlab.cli",
        "covidlab.metrics",
        "covidlab.runs.store",
        "covidlab.runs.engines.local",
        "covidlab.ui.train.live",
    ],
)
def test_import_loads_no_tensorflow(module):
    program = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, env={**os.environ, "PYTHONWARNINGS": "ignore"}, check=True
    )
