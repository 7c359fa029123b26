"""The questions of the lesson, and the gain of a class with its interval."""

import math

import pytest
from scipy.stats import ttest_1samp

from covidlab.errors import UsageError
from covidlab.evaluation.lesson import QUESTIONS, Sheet, class_gain, num_right
from covidlab.intervals import wilson_interval

RIGHT = tuple(question.right for question in QUESTIONS)
WRONG = tuple((question.right + 1) % len(question.choices) for question in QUESTIONS)


def person(code: str, *, before: int, after: int) -> Sheet:
    """Somebody with so many right answers."""
    return Sheet(code, RIGHT[:before] + WRONG[before:], RIGHT[:after] + WRONG[after:])


def test_questions_are_five_with_one_right_choice_each_and_keys_of_their_own():
    assert len(QUESTIONS) == len({question.key for question in QUESTIONS}) == 5
    for question in QUESTIONS:
        assert len(set(question.choices)) == 4
        assert 0 <= question.right < 4
    # Not always the same place.
    assert len(set(RIGHT)) > 2


def test_questions_state_the_intervals_that_the_product_computes():
    texts = " ".join(f"{question.choices} {question.why}" for question in QUESTIONS)
    for right in (9, 10):
        low, high = wilson_interval(right, 10)
        assert f"{low:.2f} to {high:.2f}" in texts
    assert "0.60 to 0.98" in texts
    # 0.75 lies within the interval of ten of ten, as the right choice says.
    assert wilson_interval(10, 10)[0] < 0.75


def test_num_right_counts_no_question_that_was_left_out():
    assert (num_right(RIGHT), num_right(WRONG), num_right((None,) * 5)) == (5, 0, 0)


def test_class_gain_has_the_interval_of_a_paired_t_test():
    people = [
        person(str(number), before=before, after=before + gain)
        for number, (before, gain) in enumerate([(1, 3), (2, 2), (0, 1), (3, 2), (2, 0), (1, 4)])
    ]
    gain = class_gain(people)
    expected = ttest_1samp([sheet.gain for sheet in people], 0).confidence_interval()
    assert (gain.low, gain.high) == pytest.approx(tuple(expected), rel=0.01)
    assert (gain.value, gain.n, gain.before, gain.after) == (2.0, 6, 1.5, 3.5)


def test_class_gain_counts_the_same_sheet_once():
    assert class_gain([person("a", before=1, after=2)] * 3).n == 1


@pytest.mark.parametrize("gains", [[1, 2], [2, 2, 2, 2]])
def test_class_gain_of_few_people_or_of_equal_gains_has_no_interval(gains):
    gain = class_gain([person(str(number), before=1, after=1 + more) for number, more in enumerate(gains)])
    assert math.isnan(gain.low) and math.isnan(gain.high)


def test_class_gain_never_reaches_beyond_all_questions():
    gain = class_gain([person("a", before=0, after=5), person("b", before=0, after=5), person("c", before=4, after=5)])
    assert gain.high == 5


def test_class_gain_of_nobody_is_refused():
    with pytest.raises(UsageError, match="at least one person"):
        class_gain([])
