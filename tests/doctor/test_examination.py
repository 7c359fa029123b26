"""The report of all checks: what hinders the app, the form of the JSON, checks that fail themselves."""

import json

from covidlab.doctor.computing import Computing
from covidlab.doctor.examination import all_checks, examine
from covidlab.doctor.findings import Check, State, fails, limited, works

NO_ANSWER = ("-c", "pass")


def check(found, *, name="memory", is_required=True):
    return Check(name=name, title=name.capitalize(), look=lambda: found, is_required=is_required)


def test_app_can_run_where_nothing_required_fails():
    report = examine(
        [check(works("Well.")), check(limited("So so.", "Wait.")), check(fails("No.", "Buy."), is_required=False)]
    )
    assert report.can_run


def test_app_cannot_run_where_something_required_fails_and_the_report_names_it():
    report = examine([check(works("Well.")), check(fails("No.", "Buy one."), name="disk")])
    assert not report.can_run
    assert report.hindrances == ["Disk"]


def test_a_check_that_fails_itself_is_a_finding_and_the_others_go_on():
    broken = Check(name="python", title="Python", look=lambda: 1 / 0)
    (_, found), (_, next_found) = examine([broken, check(works("Well."))]).looked
    assert found.state is State.FAILS
    assert "Received: ZeroDivisionError" in found.sentence
    assert next_found.state is State.WORKS


def test_report_has_the_keys_that_programs_rely_on():
    values = json.loads(json.dumps(examine([check(limited("So so.", "Wait.", free_bytes=3))]).to_dict()))
    assert set(values) == {"format", "covidlab", "can_run", "seconds", "checks"}
    assert values["format"] == 1
    assert values["checks"] == [
        {
            "name": "memory",
            "title": "Memory",
            "state": "limited",
            "is_required": True,
            "sentence": "So so.",
            "advice": "Wait.",
            "facts": {"free_bytes": 3},
        }
    ]


def test_every_subject_is_looked_at_once():
    computing = Computing(program=NO_ANSWER)
    names = [one.name for one in all_checks(computing)]
    computing.close()
    assert len(names) == len(set(names))
    assert {"python", "tensorflow", "gpu", "precision", "disk", "home", "chromium", "dataset", "weights"} <= set(names)
    assert {"port", "memory", "engine", "packages"} <= set(names)
