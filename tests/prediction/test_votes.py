"""How saved models vote, and when there is no answer."""

from pathlib import Path

import numpy as np
import pytest

from covidlab.prediction import votes as voting
from covidlab.prediction.loading import ModelFile
from covidlab.prediction.votes import Tally, Vote, tally


def votes(num_covid, num_normal):
    return [Vote("a", "covid", 0.9, "covid")] * num_covid + [Vote("b", "covid", 0.2, "normal")] * num_normal


@pytest.mark.parametrize(
    ("cast", "expected"),
    [
        (votes(6, 1), Tally("covid", 6, 7, True)),
        (votes(5, 2), Tally("covid", 5, 7, False)),
        (votes(1, 3), Tally("normal", 3, 4, True)),
        ([*votes(1, 0), Vote("c", refusal="It is damaged.")], Tally("covid", 1, 1, True)),
    ],
)
def test_tally_counts_models_that_say_something(cast, expected):
    assert tally(cast) == expected


def test_tally_of_models_that_say_nothing_is_none():
    assert tally([Vote("c", refusal="It is damaged.")]) is None


@pytest.mark.parametrize("probability", [float("nan"), 1.5, "high"])
def test_vote_with_a_number_that_is_none_is_refused(probability):
    with pytest.raises(ValueError, match=r"expected|convert"):
        Vote.from_dict(Vote("a", "covid", probability, "covid").to_dict())


def test_vote_comes_back_from_its_values():
    for vote in (*votes(1, 1), Vote("c", refusal="It is damaged.")):
        assert Vote.from_dict(vote.to_dict()) == vote


def test_head_that_gives_no_finite_number_does_not_vote(monkeypatch):
    class Diverged:
        classes, positive_class, threshold, preset, backbone = ["covid", "normal"], "covid", 0.5, "default", "vgg16"

        def __call__(self, activations, training):
            return self

        def numpy(self):
            return np.full((1, 2), np.nan)

    monkeypatch.setattr(voting, "_head", lambda model: (Diverged(), Diverged()))
    monkeypatch.setattr(voting, "_activation", lambda *_: np.zeros(1))
    (vote,) = voting.ask_models([ModelFile(path=Path("model.keras"), name="run 1")], {})
    assert (vote.probability, vote.resembles) == (None, "")
    assert "no finite number" in vote.refusal
