"""McNemar's exact test against statsmodels', and how often it errs where patients repeat."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from covidlab.evaluation.mcnemar import McNemar, over_films, over_patients


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (3, 3), (1, 7), (12, 4), (0, 9)])
def test_p_is_that_of_statsmodels(only_first, only_second):
    expected = mcnemar([[20, only_first], [only_second, 10]], exact=True).pvalue
    assert McNemar(only_first, only_second, 50).p == pytest.approx(expected)


def test_over_films_counts_what_one_alone_told_right():
    found = over_films([True, True, False, False, True], [True, False, True, True, False])
    assert (found.only_first, found.only_second, found.number) == (2, 2, 5)


def test_over_patients_counts_a_patient_once():
    first, second = [True, True, True, False, True], [False, False, False, True, True]
    found = over_patients(first, second, ["a", "a", "b", "c", "d"])
    assert (found.only_first, found.only_second, found.number) == (2, 1, 4)


def test_over_patients_without_repeats_is_over_films():
    first, second = np.random.default_rng(0).uniform(size=(2, 40)) < 0.8
    assert over_patients(first, second, np.arange(40)) == over_films(first, second)


def test_only_over_patients_keeps_its_level_where_patients_repeat():
    generator, films, patients = np.random.default_rng(0), [], []
    ids = np.repeat(np.arange(20), 4)
    for _ in range(400):
        # Each patient suits one of two equals, all four X-rays alike.
        first = generator.uniform(size=20)[ids] < 0.5
        films.append(over_films(first, ~first).p <= 0.05)
        patients.append(over_patients(first, ~first, ids).p <= 0.05)
    assert np.mean(patients) <= 0.07
    assert np.mean(films) > 0.2
