"""What the lab of planted shortcuts concludes from its intervals, and its lesson."""

import pytest

from covidlab.audit.planted_options import AS_LEARNED, CONDITIONS, REMOVED, SWAPPED, PlantedOptions
from covidlab.audit.planted_text import NO_PLACE, STEPS, sentences, verdict


def share(value: float, low: float, high: float) -> dict:
    return {"value": value, "low": low, "high": high, "n": 40}


def accuracies(learned, removed, swapped) -> dict:
    return {"accuracy": {AS_LEARNED: share(*learned), REMOVED: share(*removed), SWAPPED: share(*swapped)}}


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (((0.9, 0.8, 0.96), (0.5, 0.35, 0.65), (0.1, 0.04, 0.2)), "they read the mark"),
        (
            ((0.9, 0.8, 0.96), (0.5, 0.35, 0.65), (0.4, 0.25, 0.55)),
            "Without the mark the heads are not shown to do better",
        ),
        (((0.95, 0.84, 0.99), (0.7, 0.55, 0.82), (0.4, 0.3, 0.6)), "use it, and something else too"),
        (((0.8, 0.65, 0.9), (0.78, 0.63, 0.88), (0.8, 0.65, 0.9)), "No loss of accuracy"),
        (((0.55, 0.4, 0.7), (0.5, 0.35, 0.65), (0.5, 0.35, 0.65)), "Even with the mark"),
    ],
)
def test_verdict_follows_from_the_intervals(figures, said):
    assert said in verdict(accuracies(*figures))


def test_sentences_give_settings_accuracies_and_where_the_heat_lies():
    ratio = {"grad-cam": {"value": 0.57, "low": 0.4, "high": 0.7, "n": 20}}
    found = {
        **accuracies((0.9, 0.8, 0.96), (0.5, 0.35, 0.65), (0.1, 0.04, 0.2)),
        "options": PlantedOptions(shortcut="brightness").to_dict(),
        "num_heads": 5,
        "num_held_out": 40,
        "lungs": dict.fromkeys(CONDITIONS, ratio),
        "points": {"grad-cam": None},
    }
    said = " ".join(sentences(found))
    assert "40 phantoms with a brighter X-ray of strength 1.0" in said and NO_PLACE in said
    assert "0.57 (95 % interval 0.40 to 0.70, n = 20)" in said


def test_lesson_has_five_steps_whose_settings_are_offered():
    assert len(STEPS) == 5
    assert all(step.options.validate() and step.do.endswith(".") and "?" in step.look for step in STEPS)
