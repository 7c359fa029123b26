"""The routes of how a run learned, asked by a client of a real server."""

import json
from collections.abc import Callable
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from covidlab.runs.learning_record import FILMS
from covidlab.services.learning import offer_set


class Answer(NamedTuple):
    """What the server answered."""

    status_code: int
    headers: dict
    content: bytes

    def json(self) -> dict:
        return json.loads(self.content)


@pytest.fixture
def get(serve) -> Callable[..., Answer]:
    """Return a function that asks for a place below the address of the API."""
    host = urlsplit(serve("/lungs")).netloc

    def ask(place: str, **headers: str) -> Answer:
        connection = HTTPConnection(host, timeout=10)
        connection.request("GET", f"/lungs/api/v1{place}", headers=headers)
        answer = connection.getresponse()
        found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return found

    return ask


def test_learning_of_a_run_is_answered_once_a_change(get, recorded_run):
    answer = get(f"/runs/{recorded_run.id}/learning")
    assert answer.json()["run"] == recorded_run.id
    again = get(f"/runs/{recorded_run.id}/learning", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    recorded_run.append_history(epoch=4, loss=1, accuracy=1, val_loss=1, val_accuracy=1, seconds=1)
    later = get(f"/runs/{recorded_run.id}/learning", **{"If-None-Match": answer.headers["etag"]})
    assert later.status_code == 200


def test_pictures_of_a_run_are_jpegs_that_no_other_site_may_embed(get, recorded_run):
    for place in ("sprite", "xrays/3"):
        answer = get(f"/runs/{recorded_run.id}/{place}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.content.startswith(b"\xff\xd8")
        again = get(f"/runs/{recorded_run.id}/{place}", **{"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("place", ["xrays/4", "xrays/-1", "xrays/..%2F..%2Frun.json", "xrays/covid%2Ffilm-000.png"])
def test_xray_that_the_run_does_not_name_is_not_there(get, recorded_run, place):
    assert get(f"/runs/{recorded_run.id}/{place}").status_code == 404


def test_file_outside_the_data_set_is_not_served_though_the_run_names_it(get, recorded_run, small_catalog):
    outside = small_catalog.root.parent / "outside.png"
    outside.write_bytes((small_catalog.root / "covid/film-000.png").read_bytes())
    (recorded_run.path / FILMS).write_text("file,class,patient_id,side\n../outside.png,covid,,training\n")
    answer = get(f"/runs/{recorded_run.id}/xrays/0")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such X-ray, or it cannot be read.")


def test_no_run_and_no_set_are_refused_in_a_plain_sentence(get):
    assert get("/runs/9999-beef/learning").json()["detail"] == "There is no run of this name."
    answer = get("/sets/0123456789abcdef/sprite")
    assert (answer.status_code, answer.json()["error"]) == (404, "No page has shown a data set of this name.")


def test_set_that_a_page_shows_is_answered_without_a_run(get, small_catalog):
    name = offer_set(small_catalog)
    assert get(f"/sets/{name}/learning").json()["films"]["file"] == small_catalog.films["file"].tolist()
    assert get(f"/sets/{name}/sprite").content.startswith(b"\xff\xd8")
    assert get(f"/sets/{name}/xrays/0").content.startswith(b"\xff\xd8")
