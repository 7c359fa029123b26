"""The verdict follows from the figures of the ladder by its rule."""

import pytest

from covidlab.audit.verdict import Case, verdict_of


def figure(value: float, low: float, high: float, n: int = 50) -> dict:
    return {"value": value, "low": low, "high": high, "n": n, "method": "bootstrap over patients"}


def ladder(whole: tuple, black: tuple | None, difference: tuple | None, *, estimated: int = 0) -> dict:
    rungs = [{"name": "whole", "accuracy": figure(*whole)}]
    if black:
        value, low, high = difference
        rungs.append(
            {
                "name": "lungs-black",
                "accuracy": figure(*black),
                "difference": {"value": value, "low": low, "high": high},
            }
        )
    return {
        "ladder": {
            "rungs": rungs,
            "chance": 0.5,
            "largest_class": "covid",
            "num_films": 50,
            "lungs": {"known": 50 - estimated, "estimated": estimated, "missing": 0},
        }
    }


# As measured on the fifty, with the intervals of few and of many X-rays.
WHOLE, BLACK = (0.926, 0.83, 0.97), (0.944, 0.84, 0.98)


@pytest.mark.parametrize(
    ("whole", "black", "difference", "case"),
    [
        (WHOLE, BLACK, (0.018, -0.05, 0.08), Case.NOT_NEEDED),
        # No difference is seen, and one that matters is not excluded.
        ((0.75, 0.6, 0.86), (0.7, 0.55, 0.82), (-0.05, -0.15, 0.05), Case.OUTSIDE_TOO),
        # As measured on phantoms without a shortcut, and with a letter that goes with the class.
        ((0.76, 0.63, 0.86), (0.49, 0.36, 0.63), (-0.27, -0.43, -0.11), Case.NEEDED),
        ((0.93, 0.83, 0.98), (0.83, 0.71, 0.91), (-0.10, -0.21, 0.02), Case.OUTSIDE_TOO),
        # Less than whole, and no more than chance.
        ((0.9, 0.8, 0.95), (0.55, 0.41, 0.68), (-0.35, -0.5, -0.2), Case.NEEDED),
        # Less than whole, and still more than chance.
        ((0.95, 0.9, 0.98), (0.8, 0.7, 0.87), (-0.15, -0.22, -0.08), Case.PARTLY),
        # With the lungs black no more than chance, but that may be so for whole X-rays as well.
        ((0.68, 0.51, 0.81), (0.6, 0.44, 0.74), (-0.08, -0.25, 0.09), Case.NOT_CLEAR),
        ((0.6, 0.44, 0.74), (0.95, 0.9, 0.98), (0.35, 0.2, 0.5), Case.NO_BETTER_THAN_CHANCE),
        (WHOLE, None, None, Case.NO_LUNGS),
    ],
)
def test_verdict_of_figures_follows_its_rule(whole, black, difference, case):
    assert verdict_of(ladder(whole, black, difference))["case"] == case


def test_verdict_of_the_fifty_names_figure_interval_and_number():
    verdict = verdict_of(ladder(WHOLE, BLACK, (0.018, -0.05, 0.08)))
    assert verdict["sentence"] == (
        "With the lungs black the model still reaches 0.94 (95 % interval 0.84 to 0.98, n = 50): it does not need them. "
        "Whole X-rays give 0.93 (95 % interval 0.83 to 0.97, n = 50)."
    )
    assert verdict["not_established"].startswith("What it does not establish: ")


def test_verdict_with_few_xrays_says_how_large_the_difference_may_be():
    verdict = verdict_of(ladder((0.75, 0.6, 0.86), (0.7, 0.55, 0.82), (-0.05, -0.15, 0.05)))
    assert "from 0.15 lower to 0.05 higher" in verdict["sentence"]
    assert "does not need" not in verdict["sentence"]


def test_verdict_names_another_hospital_where_one_is_known():
    found = ladder(WHOLE, BLACK, (0.018, -0.05, 0.08))
    assert verdict_of(found)["not_established"].endswith("of another hospital.")
    figures = {
        "elsewhere": {"accuracy": figure(0.31, 0.28, 0.34, 1124)},
        "here": {"accuracy": figure(0.92, 0.81, 0.97)},
    }
    verdict = verdict_of(found | {"elsewhere": figures})
    assert verdict["sentence"].endswith(
        "On X-rays of another hospital it reaches 0.31 (95 % interval 0.28 to 0.34, n = 1,124), "
        "in this set 0.92 (95 % interval 0.81 to 0.97, n = 50)."
    )
    assert verdict["not_established"].endswith("of a third hospital.")


def test_verdict_names_the_specificity_where_xrays_elsewhere_are_of_one_side():
    unknown = {"value": None, "low": None, "high": None, "n": 0}
    figures = {
        "elsewhere": {"accuracy": unknown, "specificity": figure(0.05, 0.03, 0.09, 277)},
        "here": {"accuracy": figure(0.92, 0.81, 0.97), "specificity": figure(0.94, 0.77, 0.99)},
    }
    said = verdict_of(ladder(WHOLE, BLACK, (0.018, -0.05, 0.08)) | {"elsewhere": figures})["sentence"]
    assert said.endswith(
        "its specificity is 0.05 (95 % interval 0.03 to 0.09, n = 277), in this set 0.94 (95 % interval 0.77 to 0.99, n = 50)."
    )


def test_verdict_with_estimated_lungs_says_how_many():
    verdict = verdict_of(ladder(WHOLE, BLACK, (0.018, -0.05, 0.08), estimated=3))
    assert verdict["not_established"].endswith("The lungs of 3 of 50 X-rays are estimated.")


@pytest.mark.parametrize("found", [{}, {"folds": {}}, {"ladder": {}}, {"ladder": {"rungs": []}}])
def test_verdict_without_ladder_is_none(found):
    assert verdict_of(found) is None
