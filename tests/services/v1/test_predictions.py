"""X-rays that programs send: what is said of them, what is refused, and that nothing of them stays."""

import asyncio
import json

import numpy as np
import pytest
from starlette.requests import ClientDisconnect, Request

from covidlab.errors import BusyError
from covidlab.imaging.prepared import prepare_image
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.paths import DEFAULT_MODEL
from covidlab.services.v1 import multipart, predictions
from covidlab.services.v1.predictions import Predictions
from covidlab.services.v1.turns import Turns
from tests.xrays import xray_png

ADDRESS = "/api/v1/predictions"


def form(*files, **fields):
    return {"files": [("files", (name, data, "image/png")) for name, data in files], **fields}


def test_each_file_gets_the_json_of_predict_in_order(client):
    answer = client.post(ADDRESS, **form(("a.png", xray_png()), ("b.txt", b"no picture"), ("c.png", xray_png(120))))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    read, refused, other = answer.json()["predictions"]
    assert [each["file"] for each in (read, refused, other)] == ["a.png", "b.txt", "c.png"]
    assert [each["status"] for each in (read, refused, other)] == ["read", "refused", "read"]
    assert 0 <= read["probability"] <= 1 and read["assessment"]["num_films"] > 0
    assert refused["probability"] is None and "cannot be read" in refused["reasons"][0]
    assert read["sha256"] != other["sha256"] and read["checks"] and "audit" in read


def test_answers_stand_on_lines_where_that_is_asked_for(client):
    answer = client.post(ADDRESS, headers={"Accept": predictions.LINES}, **form(("a.png", xray_png()), ("b", b"x")))
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == ["read", "refused"]


def test_model_is_named_by_its_run(client):
    assert client.post(f"{ADDRESS}?model={DEFAULT_MODEL.name}", **form(("a.png", xray_png()))).status_code == 200
    answer = client.post(f"{ADDRESS}?model=../../etc", **form(("a.png", xray_png())))
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no model of this name.")


def test_x_ray_that_a_check_refuses_gets_a_number_only_to_who_wants_it_anyway(client, monkeypatch):
    monkeypatch.setattr("covidlab.prediction.file_answer.refusal", lambda lines: "It is no chest.")
    (refused,) = client.post(ADDRESS, **form(("a.png", xray_png()))).json()["predictions"]
    assert (refused["reasons"], refused["probability"]) == (["It is no chest."], None)
    (read,) = client.post(f"{ADDRESS}?anyway=true", **form(("a.png", xray_png()))).json()["predictions"]
    assert read["status"] == "read"


@pytest.mark.parametrize(
    ("status", "request_parts"),
    [
        (415, {"content": b"x"}),
        (415, {"json": {}}),
        (400, {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (400, {"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (422, {"content": b"--x--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (422, {"params": {"anyway": "perhaps"}, **form(("a", b"x"))}),
    ],
)
def test_what_is_no_form_of_files_is_refused_as_a_problem(client, status, request_parts):
    answer = client.post(ADDRESS, **request_parts)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status and answer.json()["detail"].endswith(".")


def test_file_above_the_limit_is_refused_and_the_next_one_read(client, monkeypatch):
    monkeypatch.setattr(multipart, "MAX_BYTES", len(xray_png()))
    monkeypatch.setattr(predictions, "MAX_BYTES", len(xray_png()))
    monkeypatch.setattr("covidlab.imaging.decode.MAX_BYTES", len(xray_png()))
    large = xray_png() + b"x" * 100_000
    refused, read = client.post(ADDRESS, **form(("a.png", large), ("b.png", xray_png()))).json()["predictions"]
    assert (refused["status"], refused["sha256"], read["status"]) == ("refused", "", "read")


def test_too_many_files_and_too_many_bytes_end_the_request(client, monkeypatch):
    monkeypatch.setattr(multipart, "MAX_FILES", 2)
    assert client.post(ADDRESS, **form(*[("a", b"x")] * 3)).status_code == 413
    monkeypatch.setattr(multipart, "_MAX_TOTAL", 1000)
    assert client.post(ADDRESS, **form(("a", b"x" * 2000))).status_code == 413
    # A length that is not stated is counted as it comes.
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post(ADDRESS, content=iter([b"--x\r\n", b"y" * 2000]), headers=kind).status_code == 413


def test_no_byte_of_an_upload_reaches_the_disk_and_no_name_the_log(
    client, covidlab_home, tmp_path, monkeypatch, words_in
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    secret = "JANE-DOE-19610203"
    rng = np.random.default_rng(0)
    # Above the megabyte from which Starlette would write.
    data = xray_png() + rng.bytes(1_500_000) + secret.encode()
    answer = client.post(ADDRESS, **form((f"{secret}.png", data)))
    assert answer.json()["predictions"][0]["file"] == f"{secret}.png"
    assert words_in(covidlab_home, [secret]) == [] and list(tmp_path.iterdir()) == []
    (line,) = (covidlab_home / "acts.jsonl").read_text().splitlines()
    assert {"act": "read", "xrays": 1, "who": ""}.items() <= json.loads(line).items()


def test_files_are_decoded_in_the_sandbox_unless_a_test_says_otherwise():
    assert Predictions()._prepare() == shared_sandbox().prepare


def test_one_request_too_many_is_told_when_to_try_again(make_client, quick_reader):
    turns = Turns(at_once=1, waiting=0, wait_seconds=1)
    turns._num_here = 1
    busy = make_client(predictions=Predictions(reader=lambda: quick_reader, prepare=lambda: prepare_image, turns=turns))
    answer = busy.post(ADDRESS, **form(("a", b"x")))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_model_that_visitors_keep_busy_is_asked_again_and_then_given_up(make_client, monkeypatch):
    class BusyReader:
        asked = 0

        def begin(self, *_, **__):
            BusyReader.asked += 1
            raise BusyError("The model is busy.")

    monkeypatch.setattr(predictions, "_AGAIN_SECONDS", 0)
    monkeypatch.setattr(predictions, "_TRIES", 3)
    busy = make_client(predictions=Predictions(reader=BusyReader, prepare=lambda: prepare_image))
    answer = busy.post(ADDRESS, **form(("a.png", xray_png())))
    assert (answer.status_code, BusyReader.asked) == (503, 3)


def test_work_is_cancelled_where_the_client_goes():
    async def client_that_goes():
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def endless():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def ask():
        request = Request({"type": "http"}, client_that_goes)
        with pytest.raises(ClientDisconnect, match=r"^$"):
            await predictions._unless_gone(request, endless())
        await asyncio.sleep(0)

    cancelled = []
    asyncio.run(ask())
    assert cancelled == [True]


def test_turns_come_in_order_and_one_that_takes_too_long_is_given_up():
    from covidlab.services.v1.problems import Problem

    async def ask():
        turns, order = Turns(at_once=1, waiting=2, wait_seconds=0.05), []

        async def one(number, seconds):
            async with turns.turn():
                order.append(number)
                await asyncio.sleep(seconds)

        first, second = asyncio.create_task(one(1, 0.01)), asyncio.create_task(one(2, 0.2))
        await asyncio.sleep(0.02)
        with pytest.raises(Problem, match="the requests before this one take long"):
            await one(3, 0)
        await asyncio.gather(first, second)
        assert (order, turns.num_here) == ([1, 2], 0)

    asyncio.run(ask())
