"""(s) Visitors who browse, train, upload and leave for hours: memory, open files, processes and disk must stay flat.

Each visitor does over the wire what a browser does: opens a session, turns pages, sends an X-ray to be predicted, starts a run
and watches it, and leaves; another comes. Once a minute the figures of the server and of all it has started are taken. Flat is
what the last ten minutes have over the first ten after the warm-up, and the slope over time between them (Theil-Sen, the
median over all pairs). Of the runs that visitors leave the newest are kept, as an owner would tidy up.
"""

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil
from bench_pages import server
from common import fresh_home, print_load, print_target, read_options, warm_worker
from scipy.stats import theilslopes
from viewer_clients import Viewer

from covidlab.config import TrainingConfig
from covidlab.data.catalog import list_films
from covidlab.errors import CovidLabError
from covidlab.files import bytes_below
from covidlab.runs.store import Run, RunStore

PAGES = ("", "Browse", "Train", "Runs", "Predict", "Audit", "About")
THINK_SECONDS = (1.0, 8.0)
TRAINS, UPLOADS = 0.1, 0.4
# Runs that wait at once; whoever comes when there are more watches one of them.
MOST_WAITING = 2
RUNS_KEPT = 20
WARM_UP_MINUTES, WINDOW_MINUTES = 10.0, 10.0
FLAT_PERCENT = 5.0


@dataclass(frozen=True)
class Sample:
    """What the server and all processes it started hold at one moment."""

    minute: float
    server_mb: float
    all_mb: float
    open_files: int
    threads: int
    processes: int
    disk_mb: float

    @classmethod
    def of(cls, process: psutil.Process, home: Path, minute: float) -> "Sample":
        """Take the figures now; a process that ends meanwhile counts for nothing."""
        family, held, files, threads = [process, *process.children(recursive=True)], 0.0, 0, 0
        for member in family:
            with suppress(psutil.Error):
                held += member.memory_info().rss / 1e6
                files += member.num_fds()
                threads += member.num_threads()
        return cls(minute, process.memory_info().rss / 1e6, held, files, threads, len(family), bytes_below(home) / 1e6)


def _megabytes_by_folder(home: Path) -> dict[str, float]:
    return {place.name: round(bytes_below(place) / 1e6, 1) for place in sorted(home.iterdir()) if place.is_dir()}


def _rounded(sample: Sample) -> dict[str, float]:
    return {name: round(value, 2) for name, value in asdict(sample).items()}


class Soak:
    """The visitors, what they have done, and what went wrong."""

    def __init__(self, port: int, dataset: Path, *, seed: int) -> None:
        self.port, self.dataset = port, dataset
        self.done, self.errors = Counter(), Counter()
        self._films = list(list_films(dataset))
        self._random = random.Random(seed)

    async def visitors(self, number: int, until: float) -> None:
        """Let so many visitors be there at once until the time is over."""
        await asyncio.gather(*(self._one_after_another(place, until) for place in range(number)))

    async def _one_after_another(self, place: int, until: float) -> None:
        await asyncio.sleep(place * 0.2)
        while time.monotonic() < until:
            viewer = Viewer(self.port)
            try:
                await self._visit(viewer, until)
                self.done["visits"] += 1
            except (OSError, TimeoutError) as error:
                self.errors[type(error).__name__] += 1
            finally:
                with suppress(Exception):
                    await viewer.close()

    async def _visit(self, viewer: Viewer, until: float) -> None:
        await viewer.open()
        for page in self._random.choices(PAGES, k=self._random.randint(2, 6)):
            await viewer.visit(page)
            self.done["pages"] += 1
            await asyncio.sleep(self._random.uniform(*THINK_SECONDS))
            if time.monotonic() > until:
                return
        if self._random.random() < UPLOADS:
            await self._upload()
        if self._random.random() < TRAINS:
            await self._train(viewer, until)

    async def _upload(self) -> None:
        """Send an X-ray that nobody has sent before; its end is changed, its picture is not."""
        content = self._random.choice(self._films).read_bytes() + uuid.uuid4().bytes
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="xray.jpg"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        status = await self._post("/api/v1/predictions", body, f"multipart/form-data; boundary={boundary}")
        self.done["uploads"] += status == 200
        if status != 200:
            self.errors[f"upload: {status}"] += 1

    async def _post(self, path: str, body: bytes, media_type: str) -> int:
        reader, writer = await asyncio.open_connection("localhost", self.port)
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        return int(answer.split(b" ", 2)[1]) if answer else 0

    async def _train(self, viewer: Viewer, until: float) -> None:
        """Start a run, or watch one where enough wait, until it ends."""
        active = [run for run in RunStore().list() if run.status().is_active]
        run = active[0] if len(active) >= MOST_WAITING else self._start()
        viewer.listen(run.id)
        while run.status().is_active and time.monotonic() < until:
            await asyncio.sleep(1.0)
        self.done["runs"] += 1

    def _start(self) -> Run:
        rate = self._random.choice((0.0001, 0.001, 0.01))
        return RunStore().create(TrainingConfig(dataset=str(self.dataset), learning_rate=rate, epochs=10))

    def tidy(self) -> None:
        """Delete all but the newest runs that have ended."""
        ended = [run for run in RunStore().list() if not run.status().is_active]
        for run in ended[RUNS_KEPT:]:
            with suppress(CovidLabError):
                RunStore().delete(run.id)


def print_flat(name: str, samples: list[Sample]) -> None:
    """Print a figure at the beginning and at the end, and how much it grows."""
    last = samples[-1].minute
    values = [(sample.minute, getattr(sample, name)) for sample in samples if sample.minute >= WARM_UP_MINUTES]
    if last < WARM_UP_MINUTES + 2 * WINDOW_MINUTES:
        # Too short for two windows: the second and the last third.
        values = [(sample.minute, getattr(sample, name)) for sample in samples if sample.minute >= last / 3]
    minutes, held = zip(*values, strict=True)
    window = min(WINDOW_MINUTES, (minutes[-1] - minutes[0]) / 2)
    first = median(value for minute, value in values if minute <= minutes[0] + window)
    end = median(value for minute, value in values if minute >= minutes[-1] - window)
    slope = theilslopes(held, minutes).slope * 60
    print(f"{name}: {first:.1f} first, {end:.1f} last, {slope:+.2f} an hour")
    print_target(f"{name}, growth", 100 * (end / first - 1) if first else 0.0, target=FLAT_PERCENT, unit="%")


async def soak(options, port: int, process: psutil.Process, home: Path) -> list[Sample]:
    """Let the visitors in; return the samples."""
    soaked, started = Soak(port, options.dataset, seed=options.seed), time.monotonic()
    visiting = asyncio.create_task(soaked.visitors(options.visitors, started + 60 * options.minutes))
    samples = []
    while not visiting.done():
        # Tidied first: how many runs have ended since the last time is not what a figure is to show.
        await asyncio.to_thread(soaked.tidy)
        samples.append(await asyncio.to_thread(Sample.of, process, home, (time.monotonic() - started) / 60))
        by_folder = await asyncio.to_thread(_megabytes_by_folder, home)
        print(json.dumps({**_rounded(samples[-1]), "by_folder": by_folder}), flush=True)
        await asyncio.wait([visiting], timeout=options.every)
    await visiting
    await asyncio.sleep(options.after)
    left = await asyncio.to_thread(Sample.of, process, home, (time.monotonic() - started) / 60)
    print(f"{options.after:.0f} s after all have left: {json.dumps(_rounded(left))}")
    print("disk, MB:", _megabytes_by_folder(home))
    print(f"done: {dict(soaked.done)}; failed: {dict(soaked.errors) or 'nothing'}")
    return samples


def main() -> None:
    """Print the samples, and what grows."""
    options = read_options(
        __doc__,
        minutes={"type": float, "default": 120.0, "help": "how long"},
        visitors={"type": int, "default": 50, "help": "visitors there at once"},
        after={"type": float, "default": 240.0, "help": "seconds until a last look, all visitors gone"},
        every={"type": float, "default": 60.0, "help": "seconds between two samples"},
        seed={"type": int, "default": 1, "help": "of what visitors do"},
    )
    print_load()
    with fresh_home() as home, warm_worker(), server(options.dataset) as (address, process_id):
        port, process = int(address.rpartition(":")[2]), psutil.Process(process_id)
        samples = asyncio.run(soak(options, port, process, home))
    for name in ("server_mb", "all_mb", "open_files", "threads", "processes", "disk_mb"):
        print_flat(name, samples)
    print_load()


if __name__ == "__main__":
    main()
