"""How often one caller may ask."""

import pytest

from covidlab.services.v1 import rates
from covidlab.services.v1.problems import Problem
from covidlab.services.v1.rates import Rate


def test_a_minute_later_a_caller_may_ask_again():
    now = [100.0]
    rate = Rate(2, clock=lambda: now[0])
    rate.count("anna")
    now[0] = 130.0
    rate.count("anna")
    with pytest.raises(Problem, match="Wait 30 s") as refusal:
        rate.count("anna")
    assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (429, "30")
    rate.count("ben")
    now[0] = 160.0
    rate.count("anna")


def test_of_very_many_callers_the_earliest_are_forgotten(monkeypatch):
    monkeypatch.setattr(rates, "MOST_CALLERS", 2)
    rate = Rate(1, clock=lambda: 0.0)
    for caller in ("anna", "ben", "cleo", "anna"):
        rate.count(caller)
    with pytest.raises(Problem, match="Up to 1 request"):
        rate.count("anna")
