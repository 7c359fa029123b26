"""``dataset check`` says what tells the classes apart, and describes the set in a file where that is asked for."""

import json

import pytest
from PIL import Image

from covidlab.cli import main
from covidlab.evaluation import probe as probing


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(probing, "NUM_REPEATS", 1)


@pytest.fixture
def colourful(make_dataset):
    """A data set whose first class is stored in colour."""
    root = make_dataset({"covid": 10, "normal": 10}, suffix=".jpg", films_per_patient=1)
    for file in (root / "covid").iterdir():
        Image.open(file).convert("RGB").save(file, quality=75)
    return root


def test_check_says_what_tells_the_classes_apart(colourful, capsys):
    assert main(["dataset", "check", "--dataset", str(colourful)]) == 0
    said = capsys.readouterr().out
    assert "The file header alone tells the classes apart in" in said
    assert "colour or grey alone in 100 %" in said


def test_check_again_computes_nothing(colourful, capsys, monkeypatch):
    main(["dataset", "check", "--dataset", str(colourful)])
    said = capsys.readouterr().out
    monkeypatch.setattr("covidlab.cli.probing.probe", None)
    main(["dataset", "check", "--dataset", str(colourful)])
    assert capsys.readouterr().out == said


def test_check_of_any_classes_needs_no_positive_one(make_dataset, capsys):
    root = make_dataset({"left": 3, "right": 3}, name="sides")
    assert main(["dataset", "check", "--dataset", str(root)]) == 0
    assert "n = 6" in capsys.readouterr().out


def test_check_of_too_few_patients_says_why_nothing_was_compared(make_dataset, capsys):
    root = make_dataset({"covid": 1, "normal": 6})
    assert main(["dataset", "check", "--dataset", str(root)]) == 0
    assert (
        "What tells the classes apart was not compared. Cross-validation needs at least two" in capsys.readouterr().out
    )


def test_check_with_croissant_writes_the_description(colourful, tmp_path, capsys):
    target = tmp_path / "set.json"
    assert main(["dataset", "check", "--dataset", str(colourful), "--croissant", str(target)]) == 0
    described = json.loads(target.read_text())
    assert any("colour or grey alone in 100 %" in bias for bias in described["rai:dataBiases"])
    assert str(target) in capsys.readouterr().out


def test_check_with_croissant_where_nothing_can_be_written_fails(colourful, tmp_path, one_sentence):
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "set.json"
    assert main(["dataset", "check", "--dataset", str(colourful), "--croissant", str(target)]) == 1
    assert "set.json" in one_sentence()
