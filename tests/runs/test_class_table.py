"""The run cards of a class: each one's best beside what luck gives, and that pasted text is checked."""

import math
from dataclasses import replace

import pytest

from covidlab.errors import UsageError
from covidlab.evaluation.best_of import best_by_luck
from covidlab.metrics import Metric
from covidlab.runs.class_table import (
    COLUMNS,
    MOST_CARDS,
    class_csv,
    class_table,
    describe_class,
    read_cards,
    split_cards,
    standings,
)
from covidlab.runs.run_card import RunCard, card_json


def card(
    alias: str = "Ada", one: float = 0.9, many: tuple[float, float, float] | None = (0.9, 0.8, 0.95), **changes
) -> RunCard:
    values = {
        "name": f"Run of {alias}",
        "data_name": "fifty",
        "num_xrays": 50,
        "num_patients": 37,
        "settings": {},
        "single": Metric(one, one / 2, 1.0, 10, "wilson"),
        "crossed": many and Metric(*many, 50, "bootstrap over patients"),
        "majority": 0.5,
        "alias": alias,
    }
    return RunCard(**values | changes)


def verdict(*cards: RunCard) -> str:
    return class_table(standings(cards))["what it says"][0]


def test_standings_take_each_ones_best_and_the_better_over_all_splits_first():
    found = standings([card("Bo", 1.0, (0.55, 0.41, 0.68)), card("Ada", 0.8), card("Ada", 0.9), card("Ada", 0.7)])
    assert [(one.alias, one.best.single.value, one.tries) for one in found] == [("Ada", 0.9, 3), ("Bo", 1.0, 1)]


def test_tries_are_what_a_card_says_where_that_is_more_and_luck_is_the_best_of_as_many():
    (one,) = standings([card(best_of=20), card(one=0.8)])
    assert one.tries == 20
    assert (one.luck, one.high) == best_by_luck(20, num_xrays=10, chance=0.5)


def test_the_same_card_counts_once_and_cards_without_a_name_stand_alone():
    assert standings([card(), card()])[0].tries == 1
    assert len(standings([card(""), card("", 0.8)])) == 2


def test_verdict_goes_by_all_splits_first_and_else_by_luck():
    assert verdict(card(one=1.0, many=(0.55, 0.41, 0.68))) == "no better than one answer for all"
    assert verdict(card()) == "better than one answer for all"
    assert verdict(card(one=0.9, many=None)) == "more than such luck, but one split only"
    assert verdict(card(one=0.9, many=None, best_of=20)) == "luck gives as much in 19 % of cases"
    assert verdict(card(many=None, single=None)) == "no validation X-rays"


def test_class_table_as_csv_has_its_columns_and_no_formula():
    text = class_csv(standings([card("=1+1")]))
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert "'=1+1" in text
    assert '"0.90 (0.45 to 1.00, n = 10)",1,"0.50, at most 0.80"' in text


def test_describe_class_takes_all_runs_together_where_they_have_the_same_xrays():
    text = describe_class(standings([card("Ada", best_of=40), card("Bo", best_of=60)]))
    assert text.startswith("The class tried 100 runs.")
    assert f"accuracy of {best_by_luck(100, num_xrays=10, chance=0.5)[0]:.2f} on average" in text
    other = replace(card("Bo"), single=Metric(0.9, 0.8, 1.0, 20, "wilson"))
    assert "different X-rays" in describe_class(standings([card("Ada"), other]))
    assert describe_class([]) == ""


def test_luck_of_a_card_without_validation_is_not_known():
    (one,) = standings([card(single=None)])
    assert math.isnan(one.luck)
    assert class_table([one])["luck gives"][0] == "not known"


def test_split_cards_finds_cards_one_after_another_and_in_a_list():
    text = card_json(card())
    assert len(split_cards(f"{text}\n{text}")) == 2
    assert len(split_cards(f"[{text}, {text}]")) == 2
    assert split_cards(" \n") == []


@pytest.mark.parametrize(
    ("text", "words"), [("{} hello", "one after another. Received: hello"), ("{}" * (MOST_CARDS + 1), "at most 500")]
)
def test_split_cards_says_where_text_is_no_card(text, words):
    with pytest.raises(UsageError, match=words):
        split_cards(text)


def test_read_cards_leaves_out_what_is_none_and_says_why():
    cards, problems = read_cards([card_json(card()), "{}"])
    assert [one.alias for one in cards] == ["Ada"]
    assert problems == ["Card 2 is left out. A run card is a JSON file that covidlab made. Received: {}."]
