"""Errors of whatever lies around the routes, in the form of the API."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from covidlab.services.v1.one_form import OneForm


async def refuse(request):
    raise HTTPException(429, "Slowly.", {"Retry-After": "7", "Content-Length": "9"})


async def fail(scope, receive, send):
    raise ValueError("SECRET")


async def answer(request):
    return PlainTextResponse("fine")


@pytest.fixture
def client():
    routes = [
        Route("/api/refuse", refuse),
        Route("/api/fine", answer),
        Route("/refuse", refuse),
    ]
    return TestClient(OneForm(Starlette(routes=routes), prefix="/api"))


def test_error_of_another_part_is_a_problem_and_keeps_when_to_try_again(client):
    found = client.get("/api/refuse")
    assert (found.status_code, found.headers["retry-after"]) == (429, "7")
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["detail"] == "Too Many Requests."
    assert client.head("/api/refuse").headers["content-type"] == "application/problem+json"
    assert client.get("/api").json()["status"] == 404


def test_failure_is_told_without_its_reason(caplog):
    found = TestClient(OneForm(fail, prefix="/api")).get("/api/runs")
    assert (found.status_code, found.json()["title"]) == (500, "Internal Server Error")
    assert "SECRET" not in found.text and "SECRET" in caplog.text


def test_what_is_no_error_and_what_is_elsewhere_stays_as_it_is(client):
    assert client.get("/api/fine").text == "fine"
    assert client.get("/refuse").text == "Slowly."
    assert client.get("/apiary").headers["content-type"].startswith("text/plain")
