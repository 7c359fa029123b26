"""Memory within a container's limit, the port, Chromium."""

import http.server
import socket
import threading

import pytest

from covidlab.doctor import machine
from covidlab.doctor.findings import State

GB = 2**30


@pytest.fixture
def group(tmp_path, monkeypatch):
    """Return a function that puts this process into a container with a limit and a use of memory."""

    def limit(text, used):
        (tmp_path / "max").write_text(text)
        (tmp_path / "current").write_text(used)
        monkeypatch.setattr(machine, "_GROUPS", ((tmp_path / "max", tmp_path / "current"),))

    return limit


def test_memory_is_what_the_container_may_take(group):
    group(str(5 * GB // 2), str(GB))
    found = machine.look_at_memory()
    assert found.state is State.LIMITED
    assert found.facts["free_bytes"] <= 1.5 * GB
    assert "need 2.0 GB" in found.sentence


def test_memory_without_a_limit_is_that_of_the_machine(group):
    group("max", "0")
    assert machine.look_at_memory().facts["total_bytes"] > 0


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
