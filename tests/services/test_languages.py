"""The routes of pages in other languages: the language is part of the address."""

import json
from urllib.request import urlopen

import pytest

from covidlab.language import speaking, tr
from tests.services.test_api import next_event, refused


@pytest.mark.parametrize("base", ["", "/lungs"])
def test_route_below_a_language_answers_in_it_and_the_plain_one_in_english(serve, base):
    address = serve(base, describe=lambda: {"Server": tr("Training")})
    said = []
    for place in ("/in/en-XA/status", "/in/en/status", "/status"):
        with urlopen(f"{address}/api/v1{place}", timeout=10) as answer:
            said.append(json.load(answer)["lines"]["Server"])
    assert said == ["Tråîñîñg ~~", "Training", "Training"]


def test_queue_is_told_to_each_in_their_language(serve, waiting_run):
    address, rows = serve(), []
    for place in ("/status", "/in/en-XA/status", "/status"):
        with urlopen(f"{address}/api/v1{place}", timeout=10) as answer:
            rows.append(json.load(answer)["queue"][0]["text"])
    assert rows[0] == rows[2] != rows[1]


def test_record_of_a_run_is_kept_once_a_language(serve, recorded_run):
    address, notes = serve(), []
    for place in ("", "/in/en-XA", ""):
        with urlopen(f"{address}/api/v1{place}/runs/{recorded_run.id}/learning", timeout=10) as answer:
            notes.append(json.load(answer)["lanes"][1])
    assert notes == ["non-COVID", "ñöñ-ÇÖVÎD ~~~", "non-COVID"]


@pytest.mark.parametrize("place", ["/in/xx/status", "/in/de/nowhere", "/in/de/openapi.json", "/in/de"])
def test_language_that_is_not_known_and_what_is_not_below_one_are_not_found(serve, place):
    assert refused(f"{serve()}/api/v1{place}") == (
        404,
        "There is nothing at this address. What there is stands in openapi.json.",
    )


def test_live_stream_in_german_beside_one_in_english(serve, waiting_run):
    address = serve(draw=lambda moment: {"title": tr("Not for diagnosis"), "epochs": len(moment.history)})
    with speaking("de"):
        german = tr("Not for diagnosis")
    places = (f"/in/de/runs/{waiting_run.id}/events", f"/runs/{waiting_run.id}/events")
    with (
        urlopen(f"{address}/api/v1{places[0]}", timeout=10) as in_german,
        urlopen(f"{address}/api/v1{places[1]}", timeout=10) as in_english,
    ):
        titles = [next_event(answer)[1]["drawing"]["title"] for answer in (in_german, in_english)]
        assert titles == [german, "Not for diagnosis"]
        assert german != "Not for diagnosis"
        waiting_run.append_history(epoch=1, loss=0.5, accuracy=0.75, val_loss=0.4, val_accuracy=1.0, seconds=0.1)
        for answer in (in_german, in_english):
            assert next_event(answer)[1]["drawing"] == [[["epochs"], "set", 1]]
        waiting_run.request_stop()
