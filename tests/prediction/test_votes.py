"""How saved models vote, and when there is no answer."""

import pytest

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
