"""Two visitors who upload 50 X-rays each at once, again and again: who sees what, what stays on the disk, what stays in memory."""

import io
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from bench_pages import CHROMIUM, CHROMIUM_ARGUMENTS, server
from common import PATIENCE_SECONDS, fresh_home, print_load, print_target, read_options
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from covidlab.data.catalog import list_films
from covidlab.services.memory import COLLECT_SECONDS

VISITORS = ("Mustermann", "Jedermann")
NUM_AT_ONCE = 50
# Grows until caches are full and the allocator has what it needs.
NUM_TO_BEGIN_WITH = 200
MEMORY_PERCENT = 5.0


@dataclass
class Visitor:
    """Somebody at the page Predict, the X-rays of theirs, and every byte that the server sent to this page."""

    name: str
    page: Page
    films: list[bytes]
    received: list[bytes] = field(default_factory=list)

    def listen(self) -> None:
        """Keep what comes over the socket of the page."""
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def upload(self, *, turn: int) -> None:
        """Choose the X-rays, each in a file of its own name and content."""
        files = [
            {
                "name": f"{self.name}Canary{turn}Film{number}Zx.jpg",
                "mimeType": "image/jpeg",
                "buffer": film + f"{self.name}Within{turn}Film{number}".encode(),
            }
            for number, film in enumerate(self.films)
        ]
        self.page.set_input_files("input[type=file]", files)

    def wait(self, num_films: int) -> None:
        """Wait until all are there."""
        text = self.page.get_by_text(f"{num_films} X-rays", exact=True)
        text.wait_for(timeout=1000 * PATIENCE_SECONDS)
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=\"stApp\"]')?.dataset.testScriptState === 'notRunning'",
            timeout=1000 * PATIENCE_SECONDS,
        )

    def pictures(self) -> set[str]:
        """Addresses of the X-rays in the list."""
        return {image.get_attribute("src") for image in self.page.locator("[class*='st-key-predict_row_'] img").all()}

    def clear(self) -> None:
        """Press Clear and wait until nothing is left."""
        self.page.get_by_role("button", name="Clear").click()
        self.page.locator("[class*='st-key-predict_row_']").first.wait_for(state="detached")

    def names_of(self, other: str) -> int:
        """How often the name of a file of somebody else came to this page."""
        return sum(part.count(f"{other}Canary".encode()) for part in self.received)

    def _keep(self, frame: bytes | str) -> None:
        self.received.append(frame.encode() if isinstance(frame, str) else frame)


def turned(film: Path, degrees: int) -> bytes:
    """An X-ray turned a little, as a JPEG, so that each visitor has pictures of their own."""
    file = io.BytesIO()
    with Image.open(film) as picture:
        picture.convert("L").rotate(degrees).save(file, "JPEG", quality=92)
    return file.getvalue()


def visit(browser: Browser, address: str, films: list[Path]) -> list[Visitor]:
    """Two visitors on the page Predict, each in a profile of their own and with X-rays of their own."""
    visitors = [
        Visitor(name, browser.new_context().new_page(), [turned(film, degrees) for film in films])
        for degrees, name in enumerate(VISITORS)
    ]
    for visitor in visitors:
        visitor.listen()
        visitor.page.goto(f"{address}/Predict")
        visitor.page.locator("input[type=file]").wait_for(state="attached", timeout=1000 * PATIENCE_SECONDS)
    return visitors


def read_and_clear(visitors: list[Visitor], *, turn: int) -> tuple[int, int]:
    """Let both upload at once; return how many pictures both see, and how many are still to be had once they are cleared."""
    for visitor in visitors:
        visitor.upload(turn=turn)
    for visitor in visitors:
        visitor.wait(len(visitor.films))
    first, second = (visitor.pictures() for visitor in visitors)
    for visitor in visitors:
        visitor.clear()
    # The server forgets the pictures at the end of the run of the page.
    time.sleep(1)
    page = visitors[0].page
    return len(first & second), sum(page.request.get(address).status != 404 for address in first | second)


def files_with_names(home: Path) -> list[Path]:
    """Files below a home that hold the name of an upload, or what stood behind its picture."""
    mark = re.compile("|".join(f"{name}(Canary|Within)" for name in VISITORS).encode())
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if mark.search(path.read_bytes()) or mark.search(path.name.encode())]


def megabytes_of(process_id: int) -> float:
    """Resident memory of the server once it has collected what nobody uses, as it does every ten seconds."""
    time.sleep(COLLECT_SECONDS + 2)
    return psutil.Process(process_id).memory_info().rss / 2**20


def main() -> None:
    """Print what two visitors see of each other, what stays of cleared uploads, and how the server's memory grows."""
    options = read_options(
        __doc__, uploads={"type": int, "default": 1000, "help": "uploads while the memory is watched"}
    )
    films = (list(list_films(options.dataset)) * NUM_AT_ONCE)[:NUM_AT_ONCE]
    turns = -(-options.uploads // (NUM_AT_ONCE * len(VISITORS)))
    to_begin_with = min(turns, NUM_TO_BEGIN_WITH // (NUM_AT_ONCE * len(VISITORS)))
    with fresh_home() as home, sync_playwright() as playwright:
        (home / "tmp").mkdir()
        os.environ["TMPDIR"] = str(home / "tmp")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        with server(options.dataset) as (address, process_id):
            print_load()
            visitors = visit(browser, address, films)
            shared, still_there = 0, 0
            for turn in range(to_begin_with + turns):
                if turn == to_begin_with:
                    before = megabytes_of(process_id)
                seen_by_both, left = read_and_clear(visitors, turn=turn)
                shared, still_there = shared + seen_by_both, still_there + left
                print(
                    f"{(turn + 1) * NUM_AT_ONCE * len(VISITORS)} uploads: {megabytes_of(process_id):.0f} MB", flush=True
                )
            after = megabytes_of(process_id)
            print(f"memory of the server: {before:.0f} MB, {after:.0f} MB after {turns * 2 * NUM_AT_ONCE} uploads")
            print_target("growth of the server's memory", 100 * (after / before - 1), target=MEMORY_PERCENT, unit="%")
            print_target("pictures that both visitors see", shared, target=0, unit="pictures")
            names = sum(visitor.names_of(other) for visitor, other in zip(visitors, reversed(VISITORS), strict=True))
            print_target("names of the other's files", names, target=0, unit="names")
            print_target("pictures to be had after Clear", still_there, target=0, unit="pictures")
            print_target("files that hold a name", len(files_with_names(home)), target=0, unit="files")
            print_load()
        browser.close()


if __name__ == "__main__":
    main()
