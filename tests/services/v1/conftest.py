"""The API as an application in this process, with a model that answers without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from covidlab.imaging.prepared import prepare_image
from covidlab.services.api import Api
from covidlab.services.reader import Reader
from covidlab.services.v1.predictions import Predictions

QUICK = Path(__file__).resolve().parents[1] / "quick_process.py"
HERE, ELSEWHERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)
TOKEN = "a token of this test"


@pytest.fixture(scope="session")
def quick_reader() -> Iterator[Reader]:
    """A reader whose process answers with the first pixel."""
    reader = Reader(program=(str(QUICK),))
    yield reader
    reader.close()


@pytest.fixture
def predictions(quick_reader) -> Predictions:
    """Predictions decoded in this process, which spares the sandbox its start."""
    return Predictions(reader=lambda: quick_reader, prepare=lambda: prepare_image)


@pytest.fixture
def make_client(predictions) -> Iterator[Callable[..., TestClient]]:
    """Return a function that makes a client of the API; by default one on the same machine."""
    clients = []

    def make(*, client=HERE, host="localhost", **parts) -> TestClient:
        app = Starlette(routes=Api(**{"predictions": predictions, **parts}).routes())
        made = TestClient(app, base_url=f"http://{host}", client=client, raise_server_exceptions=True)
        # One loop for all requests, as in the server.
        clients.append(made.__enter__())
        return made

    yield make
    for made in clients:
        made.__exit__(None, None, None)


@pytest.fixture
def client(make_client) -> TestClient:
    """A client on the same machine, without a token."""
    return make_client()


@pytest.fixture
def token(monkeypatch) -> dict[str, str]:
    """The headers of who has the token of the server."""
    monkeypatch.setenv("COVIDLAB_API_TOKEN", TOKEN)
    return {"Authorization": f"Bearer {TOKEN}"}
