"""Intervals of shares, held to another implementation."""

import math
import subprocess
import sys

import pytest
from statsmodels.stats.proportion import proportion_confint

from covidlab.intervals import share_interval, wilson_interval
from covidlab.paths import PROJECT_ROOT


@pytest.mark.parametrize(
    ("num_right", "num_total", "low", "high"),
    [(9, 10, 0.60, 0.98), (4, 5, 0.38, 0.96), (10, 10, 0.72, 1), (0, 5, 0, 0.43)],
)
def test_wilson_interval_of_few_films_is_what_the_texts_say(num_right, num_total, low, high):
    assert wilson_interval(num_right, num_total) == pytest.approx((low, high), abs=0.005)


@pytest.mark.parametrize("total", [1, 2, 7, 50, 1124])
def test_wilson_interval_matches_statsmodels(total):
    for right in (0, 1, total // 2, total / 3, total):
        low, high = proportion_confint(right, total, method="wilson")
        assert wilson_interval(right, total) == pytest.approx((max(0, low), min(1, high)), abs=1e-12)


def test_wilson_interval_needs_no_scipy():
    program = "import sys; from covidlab.intervals import wilson_interval; wilson_interval(9, 10); "
    program += "print(sorted({'scipy', 'statsmodels', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    assert done.stdout.strip() == "[]"


def test_share_interval_takes_a_whole_number_of_films():
    assert share_interval(0.9000000357627869, 10) == wilson_interval(9, 10)
    assert all(math.isnan(bound) for bound in share_interval(math.nan, 10))


@pytest.mark.parametrize("counts", [(0, 0), (math.nan, 10), (3, math.nan)])
def test_wilson_interval_without_films_is_nan(counts):
    assert all(math.isnan(bound) for bound in wilson_interval(*counts))
