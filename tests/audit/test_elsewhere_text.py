"""What is said of another hospital: the share of each class first, with its number and interval; what is not known is said."""

import pytest

from covidlab.audit.elsewhere_text import about_left_out, about_model, headline, of_model, sentences, xray_rows
from tests.audit.elsewhere_found import elsewhere_found


@pytest.fixture
def found() -> dict:
    return elsewhere_found()


def test_headline_begins_with_the_xrays_without_the_disease(found):
    first, second, here = headline(found)
    assert first == (
        "Of 229 X-rays of the class no finding from another hospital, 97 % (95 % interval 94 to 99 %) resemble the COVID-19 X-rays of the set."
    )
    assert second.startswith("Of 20 COVID-19 X-rays from another hospital, 90 %")
    assert "6 % (95 % interval 1 to 23 %) of 25 non-COVID X-rays" in here


def test_class_names_of_strangers_stay_on_one_line(found):
    found["classes"][0]["name"] = "no\nfinding\u202e" + "x" * 100
    assert "\n" not in headline(found)[0] and "\u202e" not in headline(found)[0] and len(headline(found)[0]) < 250


def test_for_one_xray_the_model_itself_is_named_with_its_figures(found):
    said = " ".join(of_model(found))
    assert said.startswith(
        "Of X-rays of another hospital this model found these like the COVID-19 X-rays of the set: 98 % (95 % interval 95 to 99 %) of 229 of "
        "the class no finding and 95 %"
    )
    assert "AUC there: 0.62 (95 % interval 0.55 to 0.70, n = 249)." in said


def test_for_one_xray_the_models_of_the_folds_stand_in_for_a_model_of_another_set(found):
    found["chosen"] = None
    for row in found["classes"]:
        row["chosen_called"] = None
    assert about_model(found) == []
    said = " ".join(of_model(found))
    assert "the models of its cross-validation found" in said and "97 %" in said and "AUC there: 0.65" in said


def test_one_class_alone_has_no_sentence_without_a_figure(found):
    found["elsewhere"]["auc"] = found["elsewhere"]["sensitivity"] = {"value": None, "low": None, "high": None, "n": 0}
    found["chosen"] = None
    assert not any("not defined" in sentence or "AUC elsewhere" in sentence for sentence in sentences(found))


def test_what_is_left_out_is_counted_with_its_reason(found):
    said = " ".join(about_left_out(found))
    assert (
        "11 X-rays look like X-rays of the set, so they were left out. 1 X-ray came twice, so it was left out." in said
    )
    assert (
        "722 were not drawn" in said
        and "The 249 X-rays elsewhere (larger) are of 200 patients" in said
        and "as the names of the files say" in said
    )
    found["other"] |= {"num_patients": None, "patients_from": "unknown"}
    assert "The patients elsewhere are not known" in about_left_out(found)[-1]


def test_table_begins_with_the_xrays_that_the_models_are_furthest_from(found):
    assert [row["X-ray"] for row in xray_rows(found)] == ["no_finding/a.png", "covid/b.png", "covid/a.png"]
    assert next(xray_rows(found))["Probability"] == 0.98
