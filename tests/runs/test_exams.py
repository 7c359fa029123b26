"""Which examination of maps holds for a model: its own, that of other settings, the one that ships, or none."""

from dataclasses import replace

import pytest

from covidlab.audit.exam_settings import exam_settings
from covidlab.config import TrainingConfig
from covidlab.runs.audits import write_part
from covidlab.runs.exams import OTHER_SETTINGS, exam_line, known_exam
from covidlab.runs.jobs import Job
from covidlab.runs.store import RunStore

DEFAULT = TrainingConfig(dataset="")
SHARE = {"value": 1.0, "low": 0.8, "high": 1.0, "n": 9}
pytestmark = pytest.mark.usefixtures("covidlab_home")


def write_exam(config: TrainingConfig) -> None:
    figures = {"power": SHARE, "wrong": {**SHARE, "value": 0.0, "low": 0.0, "high": 0.2}, "passed": True}
    found = {"settings": exam_settings(config), "methods": {"grad-cam": figures}}
    write_part(RunStore().create(config, job=Job.AUDIT), "exam", version=1, seconds=1.0, found=found)


def test_default_settings_have_the_examination_that_ships():
    exam = known_exam(DEFAULT)
    assert exam.is_shipped and exam.has_same_settings
    assert set(exam.found["methods"]) == {"grad-cam", "grad-cam++", "occlusion"}
    assert OTHER_SETTINGS not in exam_line(DEFAULT, "grad-cam")


def test_own_examination_goes_before_the_one_that_ships():
    own = replace(DEFAULT, learning_rate=0.01)
    write_exam(own)
    assert not known_exam(own).is_shipped and known_exam(own).has_same_settings
    assert exam_line(own, "grad-cam").startswith("Grad-CAM passed") and "n = 9" in exam_line(own, "grad-cam")


def test_other_settings_of_the_same_network_are_said_to_be_others():
    assert exam_line(replace(DEFAULT, epochs=7), "occlusion").endswith(OTHER_SETTINGS)


@pytest.mark.parametrize("changes", [{"fine_tune": "block5"}, {"preset": "original"}])
def test_network_that_nobody_examined_is_said_to_be_not_examined(changes):
    config = replace(DEFAULT, **changes)
    assert known_exam(config) is None
    assert exam_line(config, "grad-cam") == "Grad-CAM was not examined on phantoms with a planted tag."
