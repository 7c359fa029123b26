"""Messages in the language of now: values, marks of numbers, plurals, constants, pseudo-languages."""

import json
import pickle

import pytest

from covidlab import language
from covidlab.language import number_text, pseudo, speaking, tr, tr_lazy, tr_many, tr_many_forms

FILLED = {"de": "{n} Bilder, {share:.2f}", "fr": "{n} images, {share:.2f}"}
FORMS = {
    "de": ("{number:,} Bild", "{number:,} Bilder"),
    "es": ("{number:,} imagen", "{number:,} imágenes"),
    "fr": ("{number:,} image", "{number:,} images"),
}
ONE, MANY = "{number:,} picture", "{number:,} pictures"


@pytest.fixture(autouse=True)
def small_catalogs(monkeypatch):
    """Catalogs of two messages, so that no test depends on how a translator says something."""
    monkeypatch.setattr(
        language, "_catalog", lambda code: {"{n} pictures, {share:.2f}": FILLED.get(code, ""), "Queue": "Schlange"}
    )
    rules = {"fr": lambda number: int(number >= 2)}
    monkeypatch.setattr(
        language, "_plurals", lambda code: ({ONE: FORMS[code]}, rules.get(code, lambda number: int(number != 1)))
    )


@pytest.mark.parametrize(
    ("code", "expected"), [("en", "3 pictures, 0.93"), ("de", "3 Bilder, 0,93"), ("fr", "3 images, 0,93")]
)
def test_tr_values_have_the_marks_of_the_language(code, expected):
    with speaking(code):
        assert tr("{n} pictures, {share:.2f}", n=3, share=0.9312) == expected


def test_tr_message_that_the_catalog_does_not_have_is_english():
    with speaking("de"):
        assert tr("Only {here} in English, {share}", here="here", share=0.5) == "Only here in English, 0,5"


def test_tr_without_values_leaves_braces_as_they_are():
    for code in ("en", "de"):
        with speaking(code):
            assert tr("A {field} of a form") == "A {field} of a form"


@pytest.mark.parametrize(("code", "expected"), [("en", "1,124.5"), ("de", "1.124,5"), ("fr", "1\u202f124,5")])
def test_number_text_has_the_marks_of_the_language(code, expected):
    with speaking(code):
        assert number_text(1124.5) == expected


def test_text_that_looks_like_a_number_keeps_its_marks():
    with speaking("de"):
        assert tr("version {version}", version="2.21") == "version 2.21"


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("en", 0, "0 pictures"),
        ("en", 1, "1 picture"),
        ("de", 0, "0 Bilder"),
        ("de", 1, "1 Bild"),
        ("de", 1124, "1.124 Bilder"),
        ("es", 2, "2 imágenes"),
        ("fr", 0, "0 image"),
        ("fr", 1, "1 image"),
        ("fr", 2, "2 images"),
    ],
)
def test_tr_many_takes_the_form_that_the_number_asks_for(code, number, expected):
    with speaking(code):
        assert tr_many(ONE, MANY, number) == expected


def test_tr_many_forms_keep_their_fields_for_who_chooses_later():
    with speaking("fr"):
        assert tr_many_forms(ONE, MANY) == list(FORMS["fr"])
    assert tr_many_forms(ONE, MANY) == [ONE, MANY]


@pytest.mark.parametrize(("code", "zero"), [("de", 1), ("es", 1), ("fr", 0)])
def test_plural_rule_of_a_real_catalog_is_that_of_the_language(monkeypatch, code, zero):
    monkeypatch.undo()
    _, rule = language._plurals(code)
    assert [rule(number) for number in (0, 1, 2)] == [zero, 0, 1]


def test_lazy_text_is_its_english_and_is_said_in_the_language_of_now():
    queue = tr_lazy("Queue")
    with speaking("de"):
        assert queue == "Queue"
        assert {"Queue": 1}[queue] == 1
        assert (str(queue), f"{queue}", f"{queue:>9}", tr(queue)) == ("Schlange", "Schlange", " Schlange", "Schlange")
    assert str(queue) == "Queue"


def test_lazy_text_keeps_its_values():
    text = tr_lazy("{n} pictures, {share:.2f}", n=2, share=0.5)
    with speaking("de"):
        assert (text, str(text)) == ("2 pictures, 0.50", "2 Bilder, 0,50")


def test_lazy_text_that_was_copied_is_lazy_and_in_a_file_it_is_english():
    copied = pickle.loads(pickle.dumps(tr_lazy("Queue")))
    with speaking("de"):
        assert str(copied) == "Schlange"
        assert json.dumps({"name": copied}) == '{"name": "Queue"}'


def test_speaking_ends_with_its_block_also_after_an_error():
    with speaking("de"):
        with pytest.raises(ValueError, match="inside"), speaking("fr"):
            assert language.language() == "fr"
            raise ValueError("inside")
        assert language.language() == "de"
    assert language.language() == "en"


def test_language_that_is_not_known_is_english():
    with speaking("xx"):
        assert (language.language(), tr("Queue")) == ("en", "Queue")


def test_language_is_asked_of_its_source_where_nobody_speaks(monkeypatch):
    monkeypatch.setattr(language, "_source", lambda: "de")
    assert tr("Queue") == "Schlange"
    with speaking("en"):
        assert tr("Queue") == "Queue"


def test_accented_language_keeps_what_must_stay():
    message = ":material/delete: Use `make test` on {number:.2f} of <b>these</b>, [here](https://example.org/case)"
    said = pseudo(message, language.ACCENTED)
    for kept in (":material/delete:", "`make test`", "{number:.2f}", "<b>", "</b>", "](https://example.org/case)"):
        assert kept in said
    assert "these" not in said
    assert len(said) > 1.2 * len(message)


@pytest.mark.parametrize("code", language.PSEUDO_LANGUAGES)
def test_pseudo_language_fills_in_values(code):
    with speaking(code):
        said = tr("{n} pictures, {share:.2f}", n=3, share=0.931)
        assert said != "3 pictures, 0.93"
        assert "3 " in said
        assert "0.93" in said
        assert tr_many(ONE, MANY, 2) != "2 pictures"


def test_only_the_mirrored_language_is_written_from_right_to_left():
    told = {}
    for code in ("en", "de", language.ACCENTED, language.MIRRORED):
        with speaking(code):
            told[code] = language.is_right_to_left()
    assert [code for code, is_so in told.items() if is_so] == [language.MIRRORED]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("95 von 50 Röntgenbilder", "95 von 50 Röntgenbildern"),
        ("mit 2 weggelassene Röntgenbilder", "mit 2 weggelassenen Röntgenbildern"),
        ("nach 1 Epoche", "nach 1 Epoche"),
        ("50 Röntgenbilder von 37 Patienten", "50 Röntgenbilder von 37 Patienten"),
    ],
)
def test_german_nouns_that_are_counted_have_the_case_of_their_place(said, expected):
    assert language._in_case(said, "de") == expected
    assert language._in_case(said, "fr") == said


@pytest.mark.parametrize(("code", "expected"), [("en", ".,"), ("de", ",."), ("en-XA", ".,")])
def test_plotly_has_the_marks_of_the_language(code, expected):
    with speaking(code):
        assert language.plotly_separators() == expected
