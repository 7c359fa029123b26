"""A process that computes for the server answers, dies, hangs or ends; the one who asks always gets an answer."""

import os
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from covidlab.child import Child, ChildDied, ChildTooSlow, Message, send

PROGRAM = (str(Path(__file__).with_name("child_process.py")),)


@pytest.fixture
def child():
    child = Child(PROGRAM, start_seconds=60)
    yield child
    child.end()


def test_ask_brings_values_bytes_and_arrays_there_and_back(child):
    parts = {"bytes": b"\0\xff", "empty": b"", "array": np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2]}
    answer = child.ask(Message({"text": "µ", "number": 0.1}, parts), seconds=60)
    assert (answer.values["text"], answer.values["number"]) == ("µ", 0.1)
    assert (answer.parts["bytes"], answer.parts["empty"]) == (b"\0\xff", b"")
    assert np.array_equal(answer.parts["array"], parts["array"])


def test_ask_again_asks_the_same_process(child):
    assert len({child.ask(Message(), seconds=60).values["pid"] for _ in range(3)} | {child.pid}) == 1


def test_ask_process_that_dies_says_by_which_signal_and_the_next_one_answers(child):
    with pytest.raises(ChildDied) as death:
        child.ask(Message({"do": "die"}), seconds=60)
    assert death.value.returncode == -9
    assert child.ask(Message({"text": "again"}), seconds=60).values["text"] == "again"


def test_ask_process_that_hangs_is_ended_and_the_next_one_answers(child):
    child.ask(Message(), seconds=60)
    hanging = psutil.Process(child.pid)
    with pytest.raises(ChildTooSlow):
        child.ask(Message({"do": "sleep"}), seconds=0.2)
    assert not hanging.is_running()
    assert child.ask(Message({"text": "again"}), seconds=60).values["text"] == "again"


@pytest.mark.parametrize(
    "nonsense",
    [
        "garbage",
        "other dtype",
        "parts of another shape",
        "part without a length",
        "too few arguments",
        "nested without end",
    ],
)
def test_ask_process_that_answers_nonsense_is_ended(child, nonsense):
    with pytest.raises(ChildDied):
        child.ask(Message({"do": nonsense}), seconds=60)
    assert not child.is_alive()
    child.ask(Message(), seconds=60)


def test_ask_process_that_was_killed_meanwhile_is_replaced_unseen(child):
    first = child.ask(Message(), seconds=60).values["pid"]
    os.kill(first, 9)
    psutil.wait_procs([psutil.Process(first)], timeout=10)
    assert child.ask(Message(), seconds=60).values["pid"] != first


def test_child_nobody_asks_ends_itself_and_is_started_again(monkeypatch):
    idle = Child(PROGRAM, start_seconds=60, environment={"CHILD_IDLE_SECONDS": "0.2"})
    first = idle.ask(Message(), seconds=60).values["pid"]
    until = time.monotonic() + 20
    while idle.is_alive():
        assert time.monotonic() < until, "it lives on"
        time.sleep(0.02)
    assert idle.ask(Message(), seconds=60).values["pid"] != first
    idle.end()


def test_child_at_work_ends_when_the_other_end_is_closed(child):
    child.ask(Message(), seconds=60)
    process = psutil.Process(child.pid)
    send(child._connection, Message({"do": "sleep"}))
    child._connection.close()
    assert child._process.wait(timeout=20) == 0
    assert not process.is_running()


def test_child_that_cannot_start_says_so(monkeypatch):
    monkeypatch.setattr("covidlab.child.sys.executable", "/nothing/here")
    with pytest.raises(ChildDied):
        Child(PROGRAM, start_seconds=60).ask(Message(), seconds=60)


def test_child_whose_program_fails_says_so():
    with pytest.raises(ChildDied) as death:
        Child(("-c", "raise SystemExit(3)"), start_seconds=60).ask(Message(), seconds=60)
    assert death.value.returncode == 3
