"""The command: its lines, its exit status, and that it needs no package."""

import json
import os
import subprocess
import sys

import pytest

from covidlab.doctor import command
from covidlab.doctor.computing import Computing
from covidlab.doctor.findings import Check, fails, works
from covidlab.paths import PROJECT_ROOT

# With -S Python finds none of the installed packages.
WITHOUT_PACKAGES = """
import sys
from covidlab.doctor import command
from covidlab.doctor.computing import Computing
command.Computing = lambda: Computing(program=("-c", "pass"))
sys.exit(command.main(["--json"]))
"""


@pytest.fixture
def one_check(monkeypatch):
    """Return a function that lets the command look at one made-up check."""
    monkeypatch.setattr(command, "Computing", lambda: Computing(program=("-c", "pass")))

    def choose(found):
        check = Check(name="tensorflow", title="TensorFlow", look=lambda: found, is_required=True)
        monkeypatch.setattr(command, "all_checks", lambda computing: [check])

    return choose


def test_status_is_0_where_the_app_can_run(one_check, capsys):
    one_check(works("It loads."))
    assert command.main([]) == 0
    said = capsys.readouterr()
    assert "works          TensorFlow       It loads.\nThe app can run here" in said.out
    assert "about ten seconds" in said.err


def test_status_is_1_and_the_advice_is_printed_where_it_cannot(one_check, capsys):
    one_check(fails("It does not load.", "Install it."))
    assert command.main([]) == 1
    said = capsys.readouterr().out
    assert (
        said.index("does not work  TensorFlow")
        < said.index("Install it.")
        < said.index("cannot run here. See: TensorFlow")
    )


def test_json_is_one_object_and_progress_goes_to_standard_error(one_check, capsys):
    one_check(works("It loads."))
    assert command.main(["--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["can_run"] is True
    assert "TensorFlow: works" in said.err


def test_long_sentences_are_wrapped_below_each_other():
    check = Check(name="disk", title="Disk", look=lambda: None)
    text = command.lines(check, fails("word " * 30, "Do something."), columns=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.splitlines()[-1] == " " * 32 + "Do something."


def test_doctor_says_what_is_missing_where_no_package_is_installed(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "COVIDLAB_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", WITHOUT_PACKAGES], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    checks = {one["name"]: one for one in json.loads(done.stdout)["checks"]}
    assert checks["packages"]["state"] == checks["tensorflow"]["state"] == "does not work"
    assert "make install" in checks["packages"]["advice"]
    assert checks["python"]["state"] == "works"
