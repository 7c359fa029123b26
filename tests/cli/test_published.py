"""The published script's command line."""

import json
import zipfile

import pytest

from covidlab.cli.published import train_as_published

pytestmark = pytest.mark.usefixtures("warm_home")


def test_published_command_line_has_its_flags_and_no_others(capsys):
    with pytest.raises(SystemExit, match="0"):
        train_as_published(["--help"])
    text = capsys.readouterr().out
    assert all(flag in text for flag in ("--dataset", "--plot", "--model", "--learning", "--epoch", "--batchsize"))
    assert "--preset" not in text


def test_published_command_line_trains_with_the_original_preset(make_dataset, folder):
    assert train_as_published(["-d", str(make_dataset()), "-e", "1"]) == 0
    with zipfile.ZipFile("covid19.model") as archive:
        assert json.loads(archive.read("covidlab.json"))["preset"] == "original"
