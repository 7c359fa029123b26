"""The command audit: what it refuses before anything is computed."""

from covidlab.cli import main
from covidlab.runs.store import RunStore


def test_audit_of_another_hospital_without_one_is_refused_before_a_run_is_made(make_dataset, one_sentence):
    assert main(["audit", "-d", str(make_dataset()), "--parts", "elsewhere"]) == 2
    assert "is expected, with --other. Received: none." in one_sentence()
    assert RunStore().list() == []
