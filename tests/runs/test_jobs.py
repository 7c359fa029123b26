"""What run.json says of job and engine, in every version."""

import pytest

from covidlab.runs.jobs import EngineName, Job, engine_of, job_of


@pytest.mark.parametrize(
    ("facts", "engine"),
    [
        ({"origin": "dashboard"}, EngineName.LOCAL),
        ({"origin": "command line"}, EngineName.INLINE),
        ({"origin": "shipped"}, EngineName.INLINE),
        ({"origin": "dashboard", "engine": "inline"}, EngineName.INLINE),
        ({"engine": "of a later version"}, "of a later version"),
        ({"origin": "elsewhere"}, ""),
        ({}, ""),
    ],
)
def test_engine_of_old_and_new_facts(facts, engine):
    assert engine_of(facts) == engine


def test_job_of_facts_without_one_is_training():
    assert job_of({}) == Job.TRAIN
    assert job_of({"job": "of a later version"}) == "of a later version"
