"""What an X-ray is like beside those a model knows."""

import math

import numpy as np
import pytest

from covidlab.prediction.assessment import Assessment, assess
from tests.prediction.references import NUM_FEATURES, NUM_HEADS, make_reference

REFERENCE = make_reference()


def test_assess_xray_like_the_set_is_near_and_resembles_its_neighbours():
    assessment = assess(REFERENCE, REFERENCE.features[:10].mean(axis=0))
    assert not assessment.is_far
    assert [neighbour.class_folder for neighbour in assessment.neighbours] == ["covid"] * 3
    spread = assessment.calibrated
    assert 0.9 < spread.low <= spread.value <= spread.high <= 1
    assert spread.num_models == NUM_HEADS


def test_assess_xray_unlike_the_set_is_far():
    assessment = assess(REFERENCE, np.eye(NUM_FEATURES, dtype=np.float32)[5])
    assert assessment.is_far
    assert assessment.share_farther == 0


def test_assess_xray_of_the_set_is_known_and_compared_with_other_patients_only():
    assessment = assess(REFERENCE, REFERENCE.features[4], sha256=REFERENCE.sha256s[4])
    assert (assessment.known_as, assessment.trained) == ("covid/4.png", True)
    assert {"covid/4.png", "covid/5.png"}.isdisjoint(neighbour.file for neighbour in assessment.neighbours)
    assert assessment.distance == pytest.approx(REFERENCE.film_distances[4], rel=1e-4)
    assert assessment.class_distance == pytest.approx(REFERENCE.film_class_distances[4], rel=1e-4)


def test_assess_copy_stored_again_is_nearly_known():
    assessment = assess(REFERENCE, REFERENCE.features[5] * 1.01, sha256="another")
    assert (assessment.known_as, assessment.nearly_known_as, assessment.trained) == ("", "covid/5.png", False)


def test_assess_with_a_set_of_one_patient_is_far_since_nothing_is_known():
    assessment = assess(make_reference(patients=np.zeros(20, int)), REFERENCE.features[4])
    assert assessment.is_far
    assert math.isnan(assessment.limit)


@pytest.mark.parametrize("changes", [{}, {"folds": None}, {"patients": np.zeros(20, int)}])
def test_assessment_comes_back_from_its_values(changes):
    assessment = assess(make_reference(**changes), REFERENCE.features[3], sha256=REFERENCE.sha256s[3])
    values = assessment.to_dict()
    assert str(Assessment.from_dict(values)) == str(assessment)
    assert "nan" not in str(values) and "inf" not in str(values)
