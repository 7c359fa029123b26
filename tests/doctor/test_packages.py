"""The installed packages against a lock file; the engine and Ray."""

import pytest

from covidlab.doctor import packages
from covidlab.doctor.findings import State

LOCK = """# This file
kept==1.0 \\
    --hash=sha256:00
other==2.0 \\
    --hash=sha256:00
elsewhere==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that lets these packages be installed, beside a lock file of three."""
    (tmp_path / "requirements.lock").write_text(LOCK)
    monkeypatch.setattr(packages, "LOCK", tmp_path / "requirements.lock")
    return lambda **versions: monkeypatch.setattr(packages, "_installed", versions.get)


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ({"kept": "1.0", "other": "2.0"}, State.WORKS),
        ({"kept": "1.0", "other": "2.1"}, State.LIMITED),
        ({"kept": "1.0"}, State.FAILS),
    ],
)
def test_packages_are_judged_by_the_lock(installed, versions, state):
    installed(**versions)
    found = packages.look_at_packages()
    assert found.state is state
    assert found.facts["locked"] == 2


def test_the_real_lock_is_understood():
    assert packages.locked_versions(packages.LOCK.read_text())["tensorflow"].startswith("2.")


def test_no_lock_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "LOCK", tmp_path / "none")
    assert packages.look_at_packages().state is State.LIMITED


def test_ray_that_is_asked_for_and_not_installed_does_not_work(monkeypatch):
    monkeypatch.setattr(packages, "_installed", lambda name: None)
    monkeypatch.setenv("COVIDLAB_ENGINE", "ray")
    found = packages.look_at_engine()
    assert found.state is State.FAILS
    assert "requirements-ray.txt" in found.advice


def test_the_embedded_engine_needs_no_ray(monkeypatch):
    monkeypatch.setattr(packages, "_installed", lambda name: None)
    monkeypatch.delenv("COVIDLAB_ENGINE", raising=False)
    assert "does not need it" in packages.look_at_engine().sentence


def test_an_unknown_engine_does_not_work(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ENGINE", "none")
    assert packages.look_at_engine().state is State.FAILS
