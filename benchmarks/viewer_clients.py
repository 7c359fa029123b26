"""Viewers for bench_viewers.py, in a process of their own: each does over the wire what a browser does.

A viewer opens Streamlit's WebSocket, asks for its page, reads every message until the script has finished, runs fragments
again as often as the page says, and then listens to the events of the run. Results are printed as one line of JSON.
"""

import argparse
import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

PATIENCE_SECONDS = 60.0


@dataclass
class Seen:
    """What one viewer saw: seconds of each page, when each row reached it (epoch or step: time), bytes."""

    page_seconds: list[float] = field(default_factory=list)
    epochs: dict[int, float] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)
    num_runs_of_script: int = 0
    num_bytes: int = 0
    error: str = ""


class Viewer:
    """One browser tab: a session of Streamlit, and the events of a run beside it."""

    def __init__(self, port: int) -> None:
        self.port, self.seen = port, Seen()
        self._tasks: list[asyncio.Task] = []
        self._query, self._page = "", ""
        self._finished = asyncio.Event()

    async def open(self) -> None:
        """Connect, and read all that comes for as long as the viewer lives."""
        address = f"ws://localhost:{self.port}/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE_SECONDS)
        self._tasks.append(asyncio.create_task(self._read()))

    async def visit(self, page: str, **query: str) -> float:
        """Ask for a page; return the seconds until its script has finished."""
        self._page, self._query = page, urlencode(query)
        for task in self._tasks[1:]:
            task.cancel()
        del self._tasks[1:]
        started = time.monotonic()
        self._finished.clear()
        await self._ask()
        await asyncio.wait_for(self._finished.wait(), PATIENCE_SECONDS)
        return time.monotonic() - started

    async def first_visit(self, page: str, **query: str) -> None:
        """Open a session and a page in it, and note how long both took."""
        started = time.monotonic()
        await self.open()
        await self.visit(page, **query)
        self.seen.page_seconds.append(time.monotonic() - started)

    def listen(self, run_id: str) -> None:
        """Listen to the events of a run."""
        self._tasks.append(asyncio.create_task(self._listen(run_id)))

    async def get(self, path: str) -> bytes:
        """Answer to a GET request, without its headers."""
        reader, writer = await asyncio.open_connection("localhost", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        content = await reader.read()
        writer.close()
        return content.partition(b"\r\n\r\n")[2]

    async def close(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        with suppress(Exception):
            await asyncio.wait_for(self._socket.close(), 2)

    async def _ask(self, fragment_id: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_name = self._page
        message.rerun_script.fragment_id = fragment_id
        message.rerun_script.context_info.timezone = "Europe/Berlin"
        message.rerun_script.context_info.locale = "en"
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for data in self._socket:
            self.seen.num_bytes += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                self.seen.num_runs_of_script += 1
                self._finished.set()
            elif kind == "auto_rerun":
                task = self._run_fragment_again(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                self._tasks.append(asyncio.create_task(task))

    async def _run_fragment_again(self, fragment_id: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._ask(fragment_id)

    async def _listen(self, run_id: str) -> None:
        reader, writer = await asyncio.open_connection("localhost", self.port, limit=2**24)
        writer.write(f"GET /api/v1/runs/{run_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while line := await reader.readline():
            now = time.time()
            self.seen.num_bytes += len(line)
            if line.startswith(b"data: {") and (b'"history"' in line or b'"steps"' in line):
                content = json.loads(line[6:])
                for row in content.get("history", ()):
                    self.seen.epochs.setdefault(row["epoch"], now)
                for row in content.get("steps", ()):
                    self.seen.steps.setdefault(row["step"], now)
        writer.close()


async def watch(viewer: Viewer, run_id: str, delay: float, until: float) -> None:
    """One viewer from its arrival to the end of the measurement."""
    await asyncio.sleep(delay)
    try:
        await viewer.first_visit("Train", run=run_id)
        viewer.listen(run_id)
        await asyncio.sleep(max(0.0, until - time.monotonic()))
    except (OSError, TimeoutError) as error:
        viewer.seen.error = repr(error)


async def main() -> None:
    """Let viewers arrive, stay and leave; print what each saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "viewers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("arrival", "stay"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--run", required=True)
    options = parser.parse_args()
    generator = random.Random(1)
    delays = sorted(generator.uniform(0, options.arrival) for _ in range(options.viewers))
    viewers = [Viewer(options.port) for _ in delays]
    until = time.monotonic() + options.arrival + options.stay
    await asyncio.gather(
        *(watch(viewer, options.run, delay, until) for viewer, delay in zip(viewers, delays, strict=True))
    )
    print(json.dumps([asdict(viewer.seen) for viewer in viewers]))
    await asyncio.gather(*(viewer.close() for viewer in viewers))


if __name__ == "__main__":
    asyncio.run(main())
