"""Bytes of a request that come slowly, or not at all."""

import asyncio

import pytest
from starlette.requests import Request

from covidlab.services.v1 import body
from covidlab.services.v1.problems import Problem


def read(*, wait, pieces, size):
    """Read a request whose client sends ``pieces`` of ``size`` bytes, a wait before each."""
    left = [b"x" * size] * pieces

    async def receive():
        await asyncio.sleep(wait)
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def all_of_it():
        return b"".join([chunk async for chunk in body.chunks_of(Request({"type": "http"}, receive))])

    return asyncio.run(all_of_it())


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(body, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(body, "LEAST_BYTES_A_SECOND", 1000)


def test_bytes_that_come_are_read_to_their_end():
    assert len(read(wait=0.02, pieces=10, size=100)) == 1000


@pytest.mark.parametrize(("wait", "pieces", "size"), [(0.5, 1, 100), (0.02, 50, 1)])
def test_client_that_is_silent_or_sends_a_byte_now_and_then_is_not_waited_for(wait, pieces, size):
    with pytest.raises(Problem, match="The rest of the request did not come") as refusal:
        read(wait=wait, pieces=pieces, size=size)
    assert refusal.value.status == 408
