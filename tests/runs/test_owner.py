"""Heartbeats of this machine and of others."""

from covidlab.runs import owner
from covidlab.runs.owner import SilenceWatch, boot_id


def clock(monkeypatch, *seconds):
    times = iter(seconds)
    monkeypatch.setattr(owner, "monotonic_seconds", lambda: next(times))


def test_silence_of_this_boot_is_told_by_its_clock(monkeypatch, tmp_path):
    clock(monkeypatch, 107.0)
    assert SilenceWatch().silent_seconds(tmp_path, owner={"boot": boot_id()}, heartbeat=100.0) == 7.0


def test_silence_of_another_machine_counts_from_when_its_last_heartbeat_was_first_seen(monkeypatch, tmp_path):
    watch, other = SilenceWatch(), {"boot": "of another machine"}
    # Its clock is far ahead of ours, then far behind: neither means anything here.
    clock(monkeypatch, 10.0, 30.0, 35.0, 80.0)
    silent = [watch.silent_seconds(tmp_path, owner=other, heartbeat=beat) for beat in (1e9, 1e9, 3.0, 3.0)]
    assert silent == [0.0, 20.0, 0.0, 45.0]
