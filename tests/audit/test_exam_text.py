"""What is said of a method that was examined, and of one that was not."""

from covidlab.audit.exam_text import method_warning, percent_text, sentences

POWER = {"value": 0.61, "low": 0.49, "high": 0.73, "n": 60}
WRONG = {"value": 0.01, "low": 0.0, "high": 0.09, "n": 59}
FOUND = {"methods": {"grad-cam": {"power": POWER, "near": {**POWER, "value": 0.87}, "wrong": WRONG, "passed": False}}}


def test_method_warning_names_both_shares_with_intervals():
    assert method_warning(FOUND, "grad-cam") == (
        "Grad-CAM did not pass the examination on phantoms: it points at a planted tag on 61 % (95 % interval 49 to 73 %, "
        "n = 60 phantoms) where the model uses the tag, and on 1 % (95 % interval 0 to 9 %, n = 59 phantoms) where the model does not."
    )


def test_method_without_an_examination_is_said_to_have_none():
    for found in (None, FOUND):
        assert method_warning(found, "occlusion") == "Occlusion was not examined on phantoms with a planted tag."


def test_share_of_no_phantoms_is_said_to_be_none():
    assert "n = 0" in percent_text({"value": None, "low": None, "high": None, "n": 0})


def test_sentences_give_methods_then_the_rule():
    first, *others = sentences(FOUND)
    assert first.startswith("Grad-CAM did not pass") and any("more than half" in line for line in others)
    assert any("one of the three beside it: Grad-CAM on 87 %" in line for line in others)
