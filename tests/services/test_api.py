"""The HTTP routes, asked by a client of a real server."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from covidlab.config import TrainingConfig
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services import api
from covidlab.services.assets import plotly_name
from tests.services.conftest import free_port

ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


@pytest.fixture
def run():
    """A run that waits."""
    return RunStore().create(TrainingConfig(dataset="set", epochs=3))


def next_event(answer) -> tuple[str, dict]:
    """The next event of a stream that carries data."""
    lines = {}
    while True:
        line = answer.readline().decode().strip()
        if line:
            name, _, value = line.partition(": ")
            lines[name] = value
        elif "data" in lines:
            return lines["event"], json.loads(lines["data"])
        else:
            lines = {}


def refused(address, **headers) -> tuple[int, str]:
    """Status of an answer that urllib takes for an error, and the sentence in it."""
    with pytest.raises(HTTPError) as refusal:
        urlopen(Request(address, headers=headers), timeout=10).close()
    with refusal.value as answer:
        content = answer.read()
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.code, json.loads(content)["detail"] if is_problem else ""


def test_events_of_a_run_come_as_they_happen_and_end_with_it(serve, run):
    with urlopen(f"{serve()}/api/v1/runs/{run.id}/events", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert next_event(answer)[1]["status"]["state"] == "queued"
        run.append_history(epoch=1, **ROW)
        kind, change = next_event(answer)
        assert (kind, change["history"][0]["val_accuracy"]) == ("change", 1.0)
        run.request_stop()
        assert next_event(answer)[1]["status"]["state"] == "stopped"
        assert next_event(answer)[0] == "ended"
        assert answer.read() == b""


def test_events_below_a_base_path_are_found(serve, run):
    address = serve("/lungs")
    with urlopen(f"{address}/api/v1/runs/{run.id}/events", timeout=10) as answer:
        assert next_event(answer)[0] == "run"
    with urlopen(f"{address}/api/v1/plotly/{plotly_name()}", timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("name", ["9999-beef", "..%2F..%2Fetc", "%2e%2e", ".lock", "."])
def test_events_of_what_is_no_run_are_refused(serve, run, name):
    assert refused(f"{serve()}/api/v1/runs/{name}/events")[0] == 404


def test_unknown_run_is_refused_in_a_plain_sentence(serve):
    assert refused(f"{serve()}/api/v1/runs/9999-beef/events") == (404, "There is no run of this name.")


def test_watcher_that_knows_the_end_is_told_not_to_ask_again(serve, run):
    run.request_stop()
    address = f"{serve()}/api/v1/runs/{run.id}/events"
    with urlopen(address, timeout=10) as answer:
        text = answer.read().decode()
    last = [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")][-1]
    with urlopen(Request(address, headers={"Last-Event-ID": last}), timeout=10) as answer:
        assert answer.status == 204


def test_watchers_beyond_the_limit_are_refused(serve, run, monkeypatch):
    monkeypatch.setattr(api, "MAX_WATCHERS", 1)
    address = f"{serve()}/api/v1/runs/{run.id}/events"
    with urlopen(address, timeout=10) as answer:
        next_event(answer)
        assert refused(address)[0] == 503


def test_watcher_that_leaves_is_no_longer_counted(serve, run, monkeypatch):
    monkeypatch.setattr(api, "MAX_WATCHERS", 1)
    address = f"{serve()}/api/v1/runs/{run.id}/events"
    with urlopen(address, timeout=10) as answer:
        next_event(answer)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=10) as answer:
                assert next_event(answer)[0] == "run"
                return
        except HTTPError as refusal:
            refusal.close()
            time.sleep(0.05)
    pytest.fail("the place of the watcher who left was not freed")


def test_watcher_that_does_not_read_holds_no_other_up(serve, run):
    address = serve()
    host = address.removeprefix("http://")
    silent = HTTPConnection(host, timeout=10)
    silent.request("GET", f"/api/v1/runs/{run.id}/events")
    with urlopen(f"{address}/api/v1/runs/{run.id}/events", timeout=10) as answer:
        next_event(answer)
        for epoch in range(1, 4):
            run.append_history(epoch=epoch, **ROW)
            assert next_event(answer)[1]["history"][0]["epoch"] == epoch
    silent.close()


def test_figures_of_a_report_are_kept_by_who_names_their_version(serve, run):
    address = f"{serve(figures=lambda run: run.id.encode())}/api/v1/runs/{run.id}/figures"
    with urlopen(f"{address}?v=1a", timeout=10) as answer:
        assert answer.read() == run.id.encode()
        assert "immutable" in answer.headers["cache-control"]
    with urlopen(address, timeout=10) as answer:
        assert answer.headers["cache-control"] == "no-store"


def test_figures_of_a_run_without_a_report_and_of_no_run_are_refused(serve, run):
    address = serve()
    assert refused(f"{address}/api/v1/runs/{run.id}/figures") == (404, "This run has no report.")
    assert refused(f"{address}/api/v1/runs/9999-beef/figures")[0] == 404


def test_script_for_charts_is_sent_small_and_for_ever(serve):
    request = Request(f"{serve()}/api/v1/plotly/{plotly_name()}", headers={"Accept-Encoding": "gzip"})
    with urlopen(request, timeout=30) as answer:
        content = answer.read()
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert len(content) < 2e6
    assert b"plotly.js v" in gzip.decompress(content)[:200]


def test_script_of_another_version_is_refused(serve):
    assert refused(f"{serve()}/api/v1/plotly/plotly-1.0.0.min.js")[0] == 404


def test_dashboard_serves_the_routes_and_ends_at_once_though_somebody_watches(run, tmp_path):
    run.write_status(Status(state=State.QUEUED, epochs=3))
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "COVIDLAB_DATASET": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        address = f"http://localhost:{port}/api/v1/runs/{run.id}/events"
        deadline = time.monotonic() + 60
        answer = None
        while answer is None and time.monotonic() < deadline:
            time.sleep(0.1)
            with suppress(OSError):
                answer = urlopen(address, timeout=10)
        with answer:
            assert next_event(answer)[0] == "run"
            assert answer.headers["x-content-type-options"] == "nosniff"
            # What holds for every request holds for the server as it is started.
            metrics = f"http://localhost:{port}/_stcore/metrics"
            assert refused(metrics, **{"X-Forwarded-For": "127.0.0.1"})[0] == 403
            assert refused(metrics, Host="evil.example")[0] == 421
            process.send_signal(signal.SIGTERM)
            assert answer.read() is not None
        process.wait(timeout=10)
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_status_names_the_active_run_and_costs_nothing_where_it_has_not_changed(serve, run):
    address = f"{serve()}/api/v1/status"
    with urlopen(address, timeout=10) as answer:
        status = json.loads(answer.read())
    assert status["active"] == run.id
    assert [(row["id"], row["waits"]) for row in status["queue"]] == [(run.id, True)]
    assert refused(address, **{"If-None-Match": answer.headers["etag"]}) == (304, "")
    run.request_stop()
    with urlopen(Request(address, headers={"If-None-Match": answer.headers["etag"]}), timeout=10) as answer:
        assert json.loads(answer.read())["active"] == ""
