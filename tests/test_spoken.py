"""Sentences that travel, or are kept in a file: message and values, said in the language of whoever looks."""

import json

import pytest

from covidlab import language
from covidlab.language import keeping_messages, number_text, speaking, tr, tr_many
from covidlab.spoken import kept_sentence, packed, unpacked, with_messages

GERMAN = {"Stopped after {epochs}.": "Gestoppt nach {epochs}.", "Rate {rate} is too high.": "Rate {rate} ist zu hoch."}


@pytest.fixture(autouse=True)
def small_catalogs(monkeypatch):
    """A German catalog of two messages, and one that counts."""
    monkeypatch.setattr(language, "_catalog", lambda code: GERMAN)
    forms = {"{number} epoch": ("{number} Epoche", "{number} Epochen")}
    monkeypatch.setattr(language, "_plurals", lambda code: (forms, lambda number: int(number != 1)))


def kept(sentence):
    """What a file that holds the sentence gives back."""
    return json.loads(json.dumps(with_messages({"reason": sentence})))


@pytest.mark.parametrize(("number", "english", "german"), [(1, "1 epoch", "1 Epoche"), (3, "3 epochs", "3 Epochen")])
def test_kept_sentence_is_english_in_the_file_and_is_said_in_the_language_of_who_reads(number, english, german):
    with keeping_messages():
        sentence = tr("Stopped after {epochs}.", epochs=tr_many("{number} epoch", "{number} epochs", number))
    values = kept(sentence)
    assert values["reason"] == f"Stopped after {english}."
    with speaking("de"):
        assert str(kept_sentence(values, "reason")) == f"Gestoppt nach {german}."


def test_kept_sentence_writes_numbers_with_the_marks_of_the_language():
    with keeping_messages():
        sentence = tr("Rate {rate} is too high.", rate=number_text(0.01, ".2f"))
    assert sentence == "Rate 0.01 is too high."
    with speaking("de"):
        assert str(kept_sentence(kept(sentence), "reason")) == "Rate 0,01 ist zu hoch."


def test_kept_sentence_of_an_error_within_another_is_translated_too():
    with keeping_messages():
        cause = ValueError(tr("Rate {rate} is too high.", rate=1))
        sentence = tr("Stopped after {epochs}.", epochs=cause)
    with speaking("de"):
        assert str(kept_sentence(kept(sentence), "reason")) == "Gestoppt nach Rate 1 ist zu hoch.."


def test_kept_sentence_of_an_earlier_version_is_english():
    with speaking("de"):
        assert str(kept_sentence({"reason": "Stopped after epoch 3."}, "reason")) == "Stopped after epoch 3."
        assert kept_sentence({}, "reason") == ""


@pytest.mark.parametrize("said", [None, 3, ["a"], ["{x.__class__}", {"x": "1"}], ["other {x}", {"x": 1}], [["a"], {}]])
def test_kept_sentence_whose_message_is_damaged_is_its_english(said):
    assert kept_sentence({"reason": "The disk is full.", "reason_said": said}, "reason") == "The disk is full."


def test_packed_sentence_after_another_stays_a_message():
    with keeping_messages():
        both = tr("Rate {rate} is too high.", rate=1) + " " + tr("Stopped after {epochs}.", epochs="2")
    with speaking("de"):
        assert str(unpacked(packed(both))) == "Rate 1 ist zu hoch. Gestoppt nach 2."


def test_keeping_messages_ends_with_its_block():
    with keeping_messages():
        assert type(tr("Queue")) is language.LazyText
    assert type(tr("Queue")) is str
