"""The routes of X-rays with something changed, with a process that predicts the mean grey value in place of the real one."""

import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import numpy as np
import pytest

from covidlab.child import Message
from covidlab.errors import BusyError
from covidlab.evaluation.alterations import Subject
from covidlab.evaluation.asked_alterations import asked_alteration
from covidlab.paths import DEFAULT_MODEL
from covidlab.services import alterations
from covidlab.services.learning import offer_set


class MeanReader:
    """Answers with the mean grey value; notes what it was asked."""

    def __init__(self):
        self.asked, self.is_busy = [], False

    def ask(self, do, model, *, values, parts):
        if self.is_busy:
            raise BusyError("The model is busy.")
        self.asked.append((do, values["changes"], values["quick"]))
        subject = Subject(lungs=parts["lungs"] > 0 if "lungs" in parts else None, aspect=values["aspect"])
        films = [asked_alteration(change)(parts["area"], subject) for change in values["changes"]]
        return Message({"probabilities": [float(film.mean() / 255) for film in films]})


@pytest.fixture
def reader(monkeypatch):
    fake = MeanReader()
    monkeypatch.setattr(alterations, "shared_reader", lambda: fake)
    monkeypatch.setattr(alterations, "_answers", alterations.Kept(10))
    return fake


@pytest.fixture
def ask(serve, small_catalog, reader):
    """Return a function that asks for changes of the first X-ray with the default model: status, headers, content."""
    base, name = serve(), offer_set(small_catalog)

    def ask(*changes, index=0, name=name, place="", run=DEFAULT_MODEL.name, headers=None, **more):
        query = urlencode([("run", run), *(("change", change) for change in changes), *more.items()])
        address = f"{base}/api/v1/sets/{name}/altered/{index}{place}?{query}"
        try:
            answer = urlopen(Request(address, headers=headers or {}), timeout=10)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if content.startswith(b"{") else content

    return ask


def test_changes_are_read_in_one_question_and_not_again(ask, reader):
    status, _, content = ask("whole", "box:14:14:14")
    whole, boxed = content["probabilities"]
    assert (status, boxed < whole) == (200, True)
    assert reader.asked == [("alter", ["whole", "box:14:14:14"], False)]
    assert ask("box:14:14:14", "mirrored")[2]["probabilities"][0] == boxed
    assert reader.asked[1:] == [("alter", ["mirrored"], False)]


def test_quick_answer_does_not_stand_for_an_exact_one_but_an_exact_one_does(ask, reader):
    for quick in ("1", "0", "1"):
        ask("marker:3:3", quick=quick)
    assert [quick for _, _, quick in reader.asked] == [True, False]
    ask("marker:3:4", quick="0")
    ask("marker:3:4", quick="1")
    assert len(reader.asked) == 3


def test_answer_is_kept_by_the_browser_only_where_its_version_is_named(ask):
    assert ask("whole")[1]["cache-control"] == "no-store"
    assert "immutable" in ask("whole", v="1")[1]["cache-control"]
    assert ask("whole")[1]["cross-origin-resource-policy"] == "same-origin"


def test_picture_is_a_small_jpeg_of_the_changed_x_ray(ask):
    import cv2

    _, headers, content = ask("box:14:14:10", place="/picture")
    shown = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert headers["content-type"] == "image/jpeg"
    assert shown.shape == (224, 224, 3)
    assert shown[90:130, 90:130].mean() < 8 < shown[:20].mean()


@pytest.mark.parametrize(
    ("status", "sentence", "asked"),
    [
        (404, "No page has shown a data set", {"name": "0123456789abcdef"}),
        (404, "There is no X-ray of this number", {"index": 4}),
        (404, "There is no model of this name", {"run": "../../etc"}),
        (404, "There is no model of this name", {"run": ""}),
    ],
)
def test_unknown_set_x_ray_or_model_is_refused_in_a_sentence(ask, reader, status, sentence, asked):
    found, _, content = ask("whole", **asked)
    assert found == status
    assert sentence in content["error"]
    assert reader.asked == []


@pytest.mark.parametrize("changes", [[], ["box:99:1:4"], ["whole"] * 17])
def test_no_change_an_unknown_one_and_too_many_are_refused(ask, reader, changes):
    status, _, content = ask(*changes)
    assert (status, reader.asked) == (422, [])
    assert "Received: " in content["error"]


def test_lungs_that_nobody_knows_are_said_to_be_missing(ask, monkeypatch):
    monkeypatch.setattr(alterations, "film_lungs", lambda *facts: (None, False))
    monkeypatch.setattr(alterations, "_films", alterations.Kept(2))
    status, _, content = ask("lungs-black")
    assert (status, content["error"][:24]) == (422, "The lungs of this X-ray ")


def test_x_ray_that_has_changed_since_it_was_measured_is_not_read(ask, reader, small_catalog, monkeypatch):
    monkeypatch.setattr(alterations, "_films", alterations.Kept(2))
    (small_catalog.root / small_catalog.films["file"].iloc[0]).write_bytes(b"another")
    status, _, content = ask("whole")
    assert (status, reader.asked) == (404, [])
    assert "has changed" in content["error"]


def test_other_sites_may_not_ask(ask, reader):
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        assert ask("whole", headers={"Sec-Fetch-Site": site})[0] == status
    assert len(reader.asked) == 1


def test_busy_model_is_told_with_a_time_to_try_again(ask, reader):
    reader.is_busy = True
    status, headers, content = ask("whole")
    assert (status, headers["retry-after"], content["error"]) == (503, "1", "The model is busy.")


def test_kept_values_are_those_last_used():
    kept = alterations.Kept(2)
    for key in "ab":
        kept.put(key, key.upper())
    assert kept.get("a") == "A"
    assert kept.get_or_make("c", lambda: "C") == "C"
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]
