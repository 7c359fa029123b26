"""The routes served to a client, and runs with a record of how they learned."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.applications import Starlette

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.services.api import Api
from tests.services.recorded import record


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("localhost", 0))
        return candidate.getsockname()[1]


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that serves the routes below a base path and returns their address."""
    servers = []

    def start(base="", **parts):
        routes = Api(base=base, **parts)
        app, port = Starlette(routes=routes.routes(), lifespan=routes.lifespan), free_port()
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        servers.append((server, thread, routes))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{port}{base}"

    yield start
    for server, thread, _ in servers:
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def small_catalog(make_dataset) -> Catalog:
    """Two X-rays a class."""
    return load_catalog(make_dataset({"covid": 2, "normal": 2}))


@pytest.fixture
def waiting_run(small_catalog) -> Run:
    """A run on these that waits."""
    return RunStore().create(TrainingConfig(dataset=str(small_catalog.root), positive_class="covid", epochs=3))


@pytest.fixture
def recorded_run(waiting_run, small_catalog) -> Run:
    """A finished run of three epochs, with its record."""
    record(waiting_run, small_catalog)
    waiting_run.write_status(Status(state=State.FINISHED, epoch=3, epochs=3))
    return waiting_run
