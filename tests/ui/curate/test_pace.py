"""A progress bar says how far it is, and what is left of something long."""

from types import SimpleNamespace

import pytest

from covidlab.ui.curate import pace


@pytest.mark.parametrize(
    ("seconds", "done", "said"),
    [
        (0.5, 1, "Adding: 1 of 1,000"),
        (2, 0, "Adding: 0 of 1,000"),
        (2, 500, "Adding: 500 of 1,000"),
        (2, 100, "Adding: 100 of 1,000 · about 18 s left"),
    ],
)
def test_pace_estimates_what_takes_more_than_ten_seconds(monkeypatch, seconds, done, said):
    times = iter([0.0, seconds])
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: next(times)))
    assert pace.Pace("Adding").describe(done, 1000) == said
