"""The published script's command line."""

import json
import zipfile

import pytest

from covidlab.cli.published import train_as_published
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig
from covidlab.runs.store import RunStore

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


@pytest.fixture
def without_films(folder, monkeypatch):
    """The project's folder of X-rays, with none in it."""
    place = folder / "dataset"
    place.mkdir()
    (place / "metadata.csv").write_text("file")
    monkeypatch.setattr("covidlab.cli.train.OWN_DATASET", place)
    return place


def test_published_command_line_without_films_says_in_one_sentence_how_to_get_them(without_films, one_sentence):
    assert train_as_published(["--dataset", "dataset"]) == 2
    sentence = one_sentence()
    assert "dataset fetch --accept-licences" in sentence
    assert "dataset import FOLDER" in sentence


def test_published_command_line_without_films_trains_on_the_phantoms_that_are_there_and_says_so(
    without_films, covidlab_home, one_sentence
):
    make_phantoms(covidlab_home / "phantoms", PhantomConfig(num_films=8, size=128))
    assert train_as_published(["--dataset", "dataset", "-e", "1"]) == 0
    assert "trains on the synthetic X-rays" in one_sentence()
    assert RunStore().list()[0].load_facts()["data"]["num_training_synthetic"] == 6


def test_published_command_line_with_films_of_ones_own_never_trains_on_phantoms(folder, covidlab_home, one_sentence):
    make_phantoms(covidlab_home / "phantoms", PhantomConfig(num_films=8, size=128))
    (folder / "mine").mkdir()
    assert train_as_published(["--dataset", "mine"]) == 2
    assert one_sentence().startswith("covidlab: There are no X-rays in the folder")
