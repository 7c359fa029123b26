"""Student's t, held equal to SciPy's."""

import pytest
from scipy import stats

from covidlab.student_t import two_sided_p, two_sided_quantile

DEGREES = [1, 2, 3, 8, 36, 49, 200, 201, 300, 10_000]


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("t", [0.0, 0.3, -2.0, 6.5])
def test_two_sided_p_equals_scipy(t, degrees):
    assert two_sided_p(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), abs=1e-12)


@pytest.mark.parametrize("degrees", DEGREES)
def test_two_sided_quantile_equals_scipy(degrees):
    assert two_sided_quantile(0.05, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-9)
