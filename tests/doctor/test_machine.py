"""Memory, the port, Chromium."""

import http.server
import socket
import threading

import pytest

from covidlab.doctor import machine
from covidlab.doctor.findings import State
from covidlab.free_memory import Memory

GB = 2**30


@pytest.fixture
def free(monkeypatch):
    """Return a function that says how much of 8 GB of memory is free."""

    def say(num_bytes):
        monkeypatch.setattr("covidlab.free_memory.machine_memory", lambda: Memory(8 * GB, num_bytes))

    return say


@pytest.mark.parametrize(
    ("num_bytes", "state", "said"),
    [
        (3 * GB // 2, State.LIMITED, "need 2.0 GB"),
        (3 * GB, State.LIMITED, "3.0 GB of 8.0 GB"),
        (6 * GB, State.WORKS, "6.0"),
    ],
)
def test_memory_that_is_free_is_said_and_judged(free, num_bytes, state, said):
    free(num_bytes)
    found = machine.look_at_memory()
    assert found.state is state and said in found.sentence
    assert found.facts == {"total_bytes": 8 * GB, "free_bytes": num_bytes}


def test_a_port_that_another_program_uses_is_said(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(machine, "_ANSWER_SECONDS", 0.2)
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(other.getsockname()[1]))
        found = machine.look_at_port()
    assert found.state is State.LIMITED
    assert found.sentence.startswith("Another program uses port")


def test_a_port_where_the_app_answers_is_said_to_be_so(monkeypatch):
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/base/_stcore/health" else 404)
            self.end_headers()

        def log_message(self, *parts):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(server.server_port))
        monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "base")
        found = machine.look_at_port()
        server.shutdown()
    assert found.sentence.startswith("A Streamlit app answers")


def test_a_free_port_works(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(free))
    assert machine.look_at_port().facts == {"port": free, "is_free": True}


@pytest.mark.parametrize(("script", "state"), [("echo Chromium 1.2", State.WORKS), ("exit 3", State.LIMITED)])
def test_chromium_is_started_and_not_only_looked_for(tmp_path, monkeypatch, script, state):
    program = tmp_path / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(machine, "CHROMIUM", program)
    assert machine.look_at_chromium().state is state


def test_a_machine_without_chromium_skips_browser_tests(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "CHROMIUM", tmp_path / "none")
    assert "skipped" in machine.look_at_chromium().sentence
