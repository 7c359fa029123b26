"""Commands run in a folder of their own, in this process."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the command is run: what it writes without being told where appears here."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def one_sentence(capsys):
    """Return a function that returns the one sentence on standard error, and fails where there is more or a traceback."""

    def read() -> str:
        captured = capsys.readouterr().err
        lines = [line for line in captured.splitlines() if line.startswith("covidlab: ")]
        assert len(lines) == 1
        assert "Traceback" not in captured
        return lines[0]

    return read


@pytest.fixture
def short():
    """Return a function that gives the arguments of a short training run."""
    return lambda dataset, *more: ["train", "-d", str(dataset), "-e", "2", "--views", "1", *more]
