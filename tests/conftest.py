"""Fixtures for all tests: the curated films, a home of its own for each test, small synthetic data sets."""

import asyncio
import base64
import csv
import gc
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from PIL import Image
from xdist.scheduler import LoadFileScheduling

from covidlab.runs.engines import ENGINES
from covidlab.runs.engines.mock import MockEngine
from tests.homes import decide_for_float32

# Workers that tests start prepare nothing, save where that is what a test looks at.
os.environ["COVIDLAB_PREPARE"] = "0"

REPOSITORY = Path(__file__).resolve().parent.parent
CURATED_PARTS = ("covid", "normal", "masks", "metadata.csv")


# Files of browser tests that share a dashboard, the worker and the runs on it; the others need no run.
WITH_RUNS = tuple(
    f"test_{name}.py"
    for name in ("access_runs", "pages_with_runs", "predict", "privacy", "runs", "server", "sweep", "train")
)
# Files whose tests pass the curated X-rays through VGG16: what one process has computed, another need not.
WITH_THE_FIFTY = ("runs/test_execution.py", "runs/test_shipped.py", "learning/test_precision.py")
# What takes longest begins first, so that no process has it left when the others are done.
FIRST = ("dashboard with runs", "dashboards without runs", "the fifty", "tests/runs/engines/test_worker.py")


def unit_of(nodeid: str) -> str:
    """What stays in one process: the tests of a file, and with them those of the files that share what takes long."""
    file = nodeid.split("::", 1)[0]
    if file.endswith(WITH_THE_FIFTY):
        return "the fifty"
    if not file.startswith("tests/browser/"):
        return file
    return "dashboard with runs" if file.endswith(WITH_RUNS) else "dashboards without runs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest; beside that, leave the order as it is."""
    ranks = {unit: rank for rank, unit in enumerate(FIRST)}
    items.sort(key=lambda item: ranks.get(unit_of(item.nodeid), len(FIRST)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while all tests are imported: there is none, and each look goes through all that is loaded."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


class FilesTogether(LoadFileScheduling):
    """Shares tests out among processes by ``unit_of``."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadFileScheduling:
    """Share the tests out among processes, where they run in several (-n 3)."""
    return FilesTogether(config, log)


@pytest.fixture(autouse=True)
def event_loops_in_threads_of_their_own(monkeypatch):
    """Playwright keeps an event loop running in the thread of the tests, where ``asyncio.run`` then refuses to begin another."""
    run = asyncio.run

    def run_in_thread(main, **options):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run, main, **options).result()

    monkeypatch.setattr(asyncio, "run", run_in_thread)


@pytest.fixture(scope="session")
def curated() -> Path:
    """Folder of the curated set (covid/, normal/, masks/, metadata.csv); read-only by agreement."""
    named = os.environ.get("COVIDLAB_DATASET")
    places = [Path(named)] if named else []
    places += [REPOSITORY / "dataset", REPOSITORY.parent / "shared" / "curated"]
    for place in places:
        if all((place / part).exists() for part in CURATED_PARTS):
            return place.absolute()
    reason = "the curated X-rays are not here: run `python -m covidlab dataset import SRC` or set COVIDLAB_DATASET"
    if "curated" in os.environ.get("COVIDLAB_REQUIRE", ""):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def larger() -> Path:
    """Folder of 1,124 real films in three classes without a metadata.csv."""
    place = REPOSITORY.parent / "shared" / "larger"
    if not (place / "no_finding").is_dir():
        pytest.skip("the larger set (covid/, no_finding/, pneumonia/) is not beside the repository")
    return place


@pytest.fixture(scope="session", autouse=True)
def home_between_tests(tmp_path_factory) -> None:
    """COVIDLAB_HOME for what outlives a test, as a thread that still makes small pictures; never the home of who runs the tests."""
    # Not taken back: such a thread may outlive the session, too.
    os.environ["COVIDLAB_HOME"] = str(tmp_path_factory.mktemp("between tests"))


@pytest.fixture(autouse=True)
def covidlab_home(tmp_path_factory, monkeypatch) -> Iterator[Path]:
    """COVIDLAB_HOME of this test: an empty folder, so that nothing touches the home of who runs the tests."""
    folder = tmp_path_factory.mktemp("covidlab-home")
    monkeypatch.setenv("COVIDLAB_HOME", str(folder))
    decide_for_float32(folder)
    yield folder
    for thread in threading.enumerate():
        # Small pictures that it was to make would land in the home of the next test.
        if isinstance(thread, Timer):
            thread.cancel()
            thread.join()
    assert not (folder / "worker.log").exists(), "the test has started a worker that nobody ends"


@pytest.fixture
def engine(monkeypatch) -> MockEngine:
    """An engine that computes nothing, chosen for the dashboard in place of the worker."""
    mock = MockEngine()
    monkeypatch.setitem(ENGINES, mock.name, lambda: mock)
    monkeypatch.setenv("COVIDLAB_ENGINE", mock.name)
    return mock


@pytest.fixture
def make_dataset(tmp_path) -> Callable[..., Path]:
    """Return a function that writes a small data set of grey films and returns its folder."""

    def make(
        classes: Mapping[str, int] | None = None,
        *,
        name: str = "films",
        films_per_patient: int | None = None,
        suffix: str = ".png",
        size: tuple[int, int] = (96, 80),
    ) -> Path:
        """Write ``classes`` (films by class, by default six covid and six normal) below ``tmp_path / name``.

        ``films_per_patient`` adds a metadata.csv; ``suffix`` is .png or .jpg; ``size`` is width and height. The
        classes differ: the first is brighter at the bottom, the second at the right. The same call writes the same.
        """
        root, rows = tmp_path / name, []
        for label, (kind, num_films) in enumerate((classes or {"covid": 6, "normal": 6}).items()):
            (root / kind).mkdir(parents=True)
            for number in range(num_films):
                file = f"{kind}/film-{number:03d}{suffix}"
                Image.fromarray(grey_film(size, label=label, number=number)).save(root / file)
                patient = number // (films_per_patient or 1)
                rows.append({"file": file, "patient_id": f"{kind}-{patient}"})
        if films_per_patient:
            write_table(root / "metadata.csv", rows)
        return root

    return make


def grey_film(size: tuple[int, int], *, label: int, number: int) -> np.ndarray:
    """A gradient that tells the class, with noise that tells the film: uint8 (height, width)."""
    width, height = size
    noise = np.random.default_rng([label, number]).integers(0, 56, (height, width))
    rows, columns = np.mgrid[0 : 200 : height * 1j, 0 : 200 : width * 1j]
    return ((columns if label % 2 else rows) + noise).astype(np.uint8)


def write_table(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def forms_of(word: str) -> list[bytes]:
    """The bytes of a word as UTF-8, as UTF-16 in both orders, and within base64, wherever it begins."""
    plain, within = word.encode(), []
    for shift in range(3):
        # The characters at both ends also depend on what stands beside the word.
        encoded = base64.b64encode(b"\0" * shift + plain)
        begin, end = -(-shift * 4 // 3), (shift + len(plain)) * 4 // 3
        within.append(encoded[begin:end].rstrip(b"="))
    return [plain, word.encode("utf-16-le"), word.encode("utf-16-be"), *within]


def words_within(content: bytes, words: Iterable[str]) -> list[str]:
    """Those of the words that stand in some bytes, however they are written there."""
    return [word for word in words if any(form in content for form in forms_of(word))]


@pytest.fixture(scope="session")
def words_in() -> Callable[..., list[str]]:
    """Return a function that finds words, as patient data are, in bytes or in all files below a folder and their names."""

    def find(place: bytes | Path, words: Iterable[str]) -> list[str]:
        if isinstance(place, bytes):
            return words_within(place, words)
        files = [path for path in place.rglob("*") if path.is_file()]
        contents = (str(path.relative_to(place)).encode() + b"\n" + path.read_bytes() for path in files)
        return [
            f"{word} in {path}"
            for path, content in zip(files, contents, strict=True)
            for word in words_within(content, words)
        ]

    return find


@pytest.fixture(scope="session")
def activations_of_all_tests(tmp_path_factory) -> Path:
    """Folder of activations that lives as long as the test session; shared by the processes it runs in."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "activations"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def warm_home(covidlab_home, activations_of_all_tests) -> Path:
    """COVIDLAB_HOME whose activations are shared among tests: each film goes through VGG16 once in a session."""
    (covidlab_home / "activations").symlink_to(activations_of_all_tests)
    return covidlab_home
