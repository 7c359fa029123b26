"""Which Python a command runs under, and what is said where none has the packages."""

import sys

import pytest

from covidlab import environment


@pytest.fixture
def nothing_installed(tmp_path, monkeypatch):
    """A Python without the packages, and a project without an environment."""
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    monkeypatch.setattr(environment, "_ENVIRONMENT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("nothing_installed")
def test_a_command_without_packages_ends_and_names_the_doctor():
    with pytest.raises(SystemExit, match=r"make install.*python3 -m covidlab doctor"):
        environment.use_project_environment()


@pytest.mark.usefixtures("nothing_installed")
def test_the_doctor_goes_on_without_packages():
    environment.use_project_environment(is_needed=False)


@pytest.mark.usefixtures("nothing_installed")
def test_an_old_python_is_said_to_be_too_old(monkeypatch):
    monkeypatch.setattr(environment, "OLDEST_PYTHON", (sys.version_info.major + 1, 0))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer is needed.*Received: \d"):
        environment.use_project_environment(is_needed=False)


def test_the_environment_of_the_project_is_taken_where_there_is_one(nothing_installed, monkeypatch):
    python = nothing_installed / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    taken = []
    monkeypatch.setattr(environment.os, "execv", lambda path, command: taken.append((path, command[0])))
    environment.use_project_environment(is_needed=False)
    assert taken == [(python, str(python))]
