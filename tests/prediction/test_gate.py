"""Whether a number may be shown, and what is said where it may not."""

from dataclasses import replace

import pytest

from covidlab.imaging.receipt import Check, Verdict
from covidlab.prediction.assessment import assess
from covidlab.prediction.gate import distance_check, known_check, likely_reason, may_show_number, receipt
from tests.prediction.references import make_reference

REFERENCE = make_reference()
NEAR = assess(REFERENCE, REFERENCE.features[:10].mean(axis=0))
FAR = replace(NEAR, distance=1.2)
UNKNOWN = replace(NEAR, limit=float("nan")), replace(NEAR, distance=float("nan"))


def test_receipt_of_an_xray_like_the_set_lets_the_number_through_and_says_what_that_means():
    lines = receipt([Check("blur", Verdict.WARN, "It is blurred.")], NEAR)
    assert [line.name for line in lines] == ["blur", "known", "distance"]
    assert may_show_number(lines)
    assert "does not mean that the number is right" in lines[-1].sentence


@pytest.mark.parametrize("assessment", [FAR, None, *UNKNOWN])
def test_receipt_of_an_xray_that_is_far_or_cannot_be_judged_gives_no_number(assessment):
    assert distance_check(assessment).verdict is Verdict.REFUSE
    assert not may_show_number(receipt([], assessment))


def test_receipt_refused_by_a_check_gives_no_number():
    assert not may_show_number(receipt([Check("chest", Verdict.REFUSE, "A page of text.")], NEAR))


def test_receipt_of_an_xray_of_the_set_that_is_far_from_the_others_says_so_and_refuses_nothing():
    lines = receipt([], replace(FAR, known_as="covid/1.png"))
    assert may_show_number(lines)
    assert lines[-1].verdict is Verdict.WARN
    assert lines[-1].sentence.startswith("This X-ray is in the set,") and "distance 1.20, limit" in lines[-1].sentence


@pytest.mark.parametrize("assessment", UNKNOWN)
def test_distance_that_cannot_be_measured_is_said_to_be_unknown(assessment):
    assert "too small to tell" in distance_check(assessment).sentence


def test_likely_reason_is_the_gravest_line_else_unknown():
    lines = [Check("blur", Verdict.WARN, "It is blurred."), Check("colour", Verdict.REFUSE, "It has colours.")]
    assert likely_reason(lines) == "A likely reason: It has colours."
    assert "shows no reason" in likely_reason([])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"known_as": "covid/1.png", "trained": True}, "proves nothing"),
        ({"nearly_known_as": "covid/1.png", "trained": False}, "did not learn from it"),
    ],
)
def test_known_check_says_whether_the_model_learned_from_it(changes, words):
    (check,) = known_check(replace(NEAR, **changes))
    assert check.verdict is Verdict.WARN
    assert words in check.sentence
    assert "covid/1.png" not in check.sentence
