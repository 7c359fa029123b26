"""The card of a run: what is on it, that a card from elsewhere is checked, and that the picture holds the curve."""

import io
import json
import math
from dataclasses import replace

import pytest
from PIL import Image

from covidlab.config import TrainingConfig
from covidlab.errors import RunError, UsageError
from covidlab.metrics import Metric
from covidlab.runs.run_card import RunCard, card_json, describe_crossed, describe_single, read_card, run_card
from covidlab.runs.run_card_picture import HEIGHT, WIDTH, card_png
from covidlab.runs.store import Run, RunStore

ONE = {"value": 1.0, "low": 0.72, "high": 1.0, "n": 10, "method": "wilson"}
MANY = {"value": 0.55, "low": 0.41, "high": 0.68, "n": 50, "method": "bootstrap over patients"}
CARD = RunCard(
    name="Run 11, rate 0.003, real fifty",
    data_name="fifty",
    num_xrays=50,
    num_patients=37,
    settings={"learning_rate": 0.003},
    settings_text="preset default",
    single=Metric(**ONE),
    crossed=Metric(**MANY),
    majority=0.5,
    num_splits=50,
    alias="Team 7",
    best_of=3,
)


def run_with_report(folder="/srv/secret place") -> Run:
    run = RunStore().create(TrainingConfig(dataset=folder, epochs=2, start_from="/srv/someone/model"))
    for epoch, val_loss in ((1, 0.4), (2, math.inf)):
        run.append_history(epoch=epoch, loss=0.5, accuracy=0.7, val_loss=val_loss, val_accuracy=1.0, seconds=0.1)
    run.update_facts(
        data={"name": "fifty", "num_films": 50, "num_patients": 37, "num_validation": 10, "fingerprint": "f"}
    )
    crossed = {"accuracy": MANY, "repeats": 10, "folds": 5}
    run.write_report({"accuracy": ONE, "cross_validation": crossed, "majority": {"share": 0.5}})
    return run


def test_card_of_a_run_without_a_report_says_to_wait():
    with pytest.raises(RunError, match="made of a finished run"):
        run_card(RunStore().create(TrainingConfig(dataset="X-rays")))


def test_card_holds_both_figures_settings_and_curve_and_no_folder():
    text = card_json(run_card(run_with_report(), alias="Team 7", best_of=3))
    values = json.loads(text)
    assert values["accuracy_cross_validated"] == {**MANY, "num_splits": 50, "repeats": "mean of 10 repeats"}
    assert values["accuracy_one_split"] == ONE
    assert values["curve_one_split"]["val_loss"] == [0.4, None]
    assert values["name"] == "Run 1, rate 0.001, 2 epochs, from an earlier model, fifty"
    assert (values["settings"]["epochs"], values["best_of"], values["not_for"]) == (2, 3, "diagnosis")
    assert "someone" not in text


def test_card_that_is_written_reads_the_same_without_curves():
    card = run_card(run_with_report(), alias="Team 7", best_of=3)
    read = read_card(card_json(card).encode())
    assert (read.single, read.crossed, read.alias, read.best_of) == (card.single, card.crossed, "Team 7", 3)
    assert (read.majority, read.num_splits, read.num_xrays, read.data_name) == (0.5, 50, 50, "fifty")
    assert read.split == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "JSON file that covidlab made. Received: nothing"),
        (b"\xff\xfe", "JSON file that covidlab made"),
        ("[" * 100_000, "JSON file that covidlab made"),
        ('{"kind": "other"}', "JSON file that covidlab made"),
        ("x" * 1_000_001, "smaller than 1 MB"),
        ('{"kind": "covidlab run card", "format": 99}', "newer version"),
    ],
)
def test_card_from_elsewhere_that_is_none_is_refused(text, words):
    with pytest.raises(UsageError, match=words):
        read_card(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accuracy_one_split": {**ONE, "value": 7}}, "value is a number from 0 to 1. Received: 7"),
        ({"accuracy_one_split": {**ONE, "high": 0.9}}, "lies within its interval"),
        ({"accuracy_one_split": {**ONE, "n": -1}}, "the n is a whole number"),
        ({"majority_share": True}, "majority_share is a number"),
        ({"best_of": "many"}, "number of runs is a whole number from 0 to 10,000. Received: many"),
        ({"best_of": 10**8}, "Received: 100000000"),
    ],
)
def test_card_with_a_figure_that_cannot_be_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        read_card(json.dumps(json.loads(card_json(CARD)) | changes))


def test_card_from_elsewhere_has_short_harmless_texts():
    read = read_card(json.dumps(json.loads(card_json(CARD)) | {"alias": "a\u202e\n" * 99, "name": 5 * [1]}))
    assert len(read.alias) <= 24 and "\u202e" not in read.alias
    assert read.name == "[1, 1, 1, 1, 1]"


def test_figures_are_said_with_interval_and_n_or_as_missing():
    assert describe_crossed(CARD) == "0.55 (95 % interval 0.41 to 0.68, n = 50)"
    assert describe_single(CARD) == "1.00 (95 % interval 0.72 to 1.00, n = 10)"
    assert describe_crossed(replace(CARD, crossed=None)) == "not cross-validated"


def test_picture_shows_the_curve_where_there_is_one():
    curve = {"epoch": [1, 2], "accuracy": [0.5, 0.6], "val_accuracy": [None, 1.0]}
    honest = {"epoch": [0, 2], "accuracy": [0.5, 0.55], "low": [0.4, 0.41], "high": [0.6, 0.68]}
    with_curve, without = (pixels(card) for card in (replace(CARD, split=curve, honest=honest), CARD))
    assert with_curve.size == without.size == (WIDTH, HEIGHT)
    # Half of the height, at the left end of the chart: the thick honest line.
    assert with_curve.getpixel((120, 600)) == pytest.approx((0xD5, 0x5E, 0x00), abs=2)
    assert without.getpixel((120, 600)) == (255, 255, 255)


@pytest.mark.parametrize(
    "card", [replace(CARD, name="W" * 120, settings_text="preset " * 99), replace(CARD, single=None, crossed=None)]
)
def test_picture_of_long_or_missing_texts_keeps_its_margin_white(card):
    strip = pixels(card).crop((WIDTH - 40, 0, WIDTH, HEIGHT))
    assert strip.getextrema() == ((255, 255),) * 3


def pixels(card: RunCard) -> Image.Image:
    return Image.open(io.BytesIO(card_png(card)))
