"""The fifty from a server that cuts, stalls and lies: only verified films appear, and a second try continues."""

import csv
import hashlib
import signal
import stat
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from filelock import FileLock

from covidlab.data import fetch as fetch_module
from covidlab.data.catalog import list_films, load_catalog
from covidlab.data.fetch import ARCHIVE_URL, FetchProgress, fetch_curated, licence_sentences
from covidlab.errors import DataError, StorageError, UsageError

NAMES = ("covid/a.jpg", "covid/b.jpg", "normal/c.jpg", "normal/d.jpg")
FAULTY = NAMES[2]


class Answer(BaseHTTPRequestHandler):
    """Serves ``server.folder``; ``server.faults`` says how the next requests of a file go wrong."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        file = unquote(self.path).removeprefix("/dataset/")
        self.server.requests.append(file)
        faults = self.server.faults.get(file, [])
        fault = faults.pop(0) if faults else None
        data = (self.server.folder / file).read_bytes()
        if isinstance(fault, int):
            self.send(b"", status=fault)
        elif isinstance(fault, bytes):
            self.send(fault)
        elif fault is None:
            self.send(data)
        else:
            getattr(self, fault)(data)

    def send(self, data: bytes, *, status: int = 200, length: int | None = None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def cut(self, data: bytes):
        self.send(data[: len(data) // 2], length=len(data))
        self.close_connection = True

    def hang_up(self, data: bytes):
        self.close_connection = True

    def stall(self, data: bytes):
        self.cut(data)
        self.server.stalled.set()
        self.server.closing.wait()

    def trickle(self, data: bytes):
        self.send(b"", length=len(data))
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.closing.wait(0.02):
                return
        self.close_connection = True

    def without_length(self, data: bytes):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data + b"more" * 100_000)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Archive(ThreadingHTTPServer):
    """An archive on this machine; what was asked for is in ``requests``."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.faults, self.requests = folder, {}, []
        self.stalled, self.closing = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/dataset/"

    def handle_error(self, *_):
        """A client that gives up is what many of these tests are about."""


def write_list(folder: Path, contents: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "class", "patient_id", "source", "licence", "bytes", "sha256", "mask"])
        for name, data in contents.items():
            sha256, kind = hashlib.sha256(data).hexdigest(), name.split("/")[0]
            licence = "" if kind == "covid" else "CC BY 4.0"
            writer.writerow([name, kind, name, "a journal", licence, len(data), sha256, f"masks/{name}"])
    return folder


def content(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest() * 700


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Return a function that serves made-up films (or a folder) from this machine until the test ends."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(names=NAMES, *, folder: Path | None = None) -> Archive:
        if folder is None:
            folder = tmp_path / "archive"
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content(name))
            write_list(tmp_path / "list", {name: content(name) for name in names})
        servers.append(Archive(folder))
        # The poll is what closing waits for.
        threading.Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def archive(serve):
    return serve()


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """The waits between retries, which are not waited."""
    waits = []
    monkeypatch.setattr("pooch.core.time.sleep", waits.append)
    return waits


@pytest.fixture
def fetch(tmp_path):
    """Fetch from a server into ``tmp_path / "target"``, licences accepted."""

    def run(server: Archive, **options):
        options = {"accept_licences": True, "list_folder": tmp_path / "list"} | options
        return fetch_curated(tmp_path / "target", base_url=server.url, **options)

    return run


def films_in(folder: Path) -> list[str]:
    """Every file but the list, hidden ones too."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(file for file in files if file != "metadata.csv")


def assert_only_verified(folder: Path) -> None:
    for file in films_in(folder):
        assert (folder / file).read_bytes() == content(file)


def test_fetch_curated_brings_every_film_and_the_list(archive, fetch, tmp_path):
    result = fetch(archive)
    assert (result.num_fetched, result.num_present, result.bytes_fetched) == (4, 0, 4 * 22_400)
    assert films_in(tmp_path / "target") == sorted(NAMES)
    assert_only_verified(tmp_path / "target")
    assert (tmp_path / "target/metadata.csv").read_bytes() == (tmp_path / "list/metadata.csv").read_bytes()


def test_fetch_curated_films_are_readable_by_others_as_the_umask_allows(archive, fetch, tmp_path):
    fetch(archive)
    (tmp_path / "plain").touch()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "target/covid/a.jpg")]
    assert modes[0] == modes[1]


def test_fetch_curated_again_asks_for_nothing(archive, fetch):
    fetch(archive)
    archive.requests.clear()
    result = fetch(archive)
    assert (result.num_fetched, result.num_present, archive.requests) == (0, 4, [])


def test_fetch_curated_one_changed_film_is_fetched_alone(archive, fetch, tmp_path):
    fetch(archive)
    archive.requests.clear()
    (tmp_path / "target/covid/b.jpg").write_bytes(b"changed")
    assert fetch(archive).num_fetched == 1
    assert archive.requests == ["covid/b.jpg"]
    assert_only_verified(tmp_path / "target")


def test_fetch_curated_says_that_masks_come_otherwise(archive, fetch):
    result = fetch(archive)
    assert result.masks_absent
    assert result.sentences()[0] == "X-rays fetched and verified: 4 (0.1 MB); there already: 0."
    assert "no lung masks" in result.sentences()[1]
    assert "dataset import SRC" in result.sentences()[1]


def test_fetch_curated_with_masks_in_place_says_nothing_of_them(archive, fetch, tmp_path):
    for name in NAMES:
        (tmp_path / "target/masks" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "target/masks" / name).touch()
    assert len(fetch(archive).sentences()) == 1


def test_fetch_curated_progress_ends_with_all_films_and_bytes(archive, fetch, monkeypatch):
    monkeypatch.setattr(fetch_module, "_REPORT_SECONDS", 0)
    steps: list[FetchProgress] = []
    fetch(archive, progress=steps.append)
    assert steps[-1] == FetchProgress(films_done=4, num_films=4, bytes_done=89_600, num_bytes=89_600)
    assert [step.bytes_done for step in steps] == sorted(step.bytes_done for step in steps)
    assert {step.films_done for step in steps} == {0, 1, 2, 3, 4}


def test_fetch_curated_without_accepted_licences_asks_nobody(archive, fetch, tmp_path):
    with pytest.raises(
        UsageError, match=r"Read the licences first.*a journal.*CC BY 4\.0 \(2\).*pass --accept-licences\."
    ):
        fetch(archive, accept_licences=False)
    assert archive.requests == []
    assert not (tmp_path / "target").exists()


def test_licence_sentences_count_the_fifty():
    sentences = " ".join(licence_sentences())
    assert "covid: 25, from ieee8023/covid-chestxray-dataset" in sentences
    assert "licence not stated upstream (20), CC BY-NC-ND (4), CC BY-NC-SA (1)." in sentences
    assert "licence CC BY 4.0 (25)." in sentences


@pytest.mark.parametrize("fault", ["cut", "hang_up", 503, 429, b"wrong", "without_length"])
def test_fetch_curated_passing_fault_is_retried(archive, fetch, waits, tmp_path, fault):
    archive.faults[FAULTY] = [fault, fault]
    assert fetch(archive).num_fetched == 4
    assert archive.requests.count(FAULTY) == 3
    assert waits == [1, 2]
    assert_only_verified(tmp_path / "target")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", r"127\.0\.0\.1 closed the connection"),
        ("hang_up", r"127\.0\.0\.1 closed the connection"),
        (503, "answers with status 503"),
        (429, "answers with status 429 .too many requests"),
    ],
)
def test_fetch_curated_lasting_fault_is_said_and_a_second_try_continues(archive, fetch, waits, tmp_path, fault, reason):
    archive.faults[FAULTY] = [fault] * 4
    with pytest.raises(StorageError, match=rf"{FAULTY} could not be .*{reason}.* 2 of 4 X-rays are .* Fetch again"):
        fetch(archive)
    assert waits == [1, 2, 3]
    assert films_in(tmp_path / "target") == ["covid/a.jpg", "covid/b.jpg"]
    archive.requests.clear()
    assert fetch(archive).num_present == 2
    assert archive.requests == ["normal/c.jpg", "normal/d.jpg"]


@pytest.mark.parametrize("fault", ["stall", "trickle"])
def test_fetch_curated_stall_times_out_within_seconds(archive, fetch, waits, monkeypatch, fault):
    monkeypatch.setattr(fetch_module, "SILENCE_SECONDS", 0.2)
    archive.faults[FAULTY] = [fault] * 4
    begun = time.monotonic()
    with pytest.raises(StorageError, match=rf"{FAULTY} .*127\.0\.0\.1 stopped sending"):
        fetch(archive)
    assert time.monotonic() - begun < 5
    assert archive.requests.count(FAULTY) == 4


@pytest.mark.parametrize("size", [5, 22_400, 22_401, 300_000])
def test_fetch_curated_wrong_bytes_never_appear_and_the_others_do(archive, fetch, waits, tmp_path, size):
    archive.faults[FAULTY] = [b"x" * size] * 4
    with pytest.raises(
        StorageError,
        match=rf"{FAULTY} had other content than the list states and was deleted\. 3 of 4 X-rays .* Fetch again",
    ):
        fetch(archive)
    assert films_in(tmp_path / "target") == sorted(set(NAMES) - {FAULTY})
    assert_only_verified(tmp_path / "target")


def test_fetch_curated_absent_film_is_named_without_retry(archive, fetch, waits, tmp_path):
    archive.faults[FAULTY] = [404]
    with pytest.raises(StorageError, match=rf"{FAULTY} is not given .status 404"):
        fetch(archive)
    assert (archive.requests.count(FAULTY), waits) == (1, [])
    assert "normal/d.jpg" in films_in(tmp_path / "target")


def test_fetch_curated_stops_after_three_films_of_other_content(archive, fetch, waits):
    archive.faults = {name: [b"<html>Please log in</html>"] * 4 for name in NAMES}
    with pytest.raises(StorageError, match=r"covid/a\.jpg had .*covid/b\.jpg had .*normal/c\.jpg had .* 0 of 4"):
        fetch(archive)
    assert "normal/d.jpg" not in archive.requests


def test_fetch_curated_without_network_is_one_sentence(archive, fetch, waits, tmp_path):
    archive.shutdown()
    archive.server_close()
    with pytest.raises(
        StorageError, match=r"there is no connection to 127\.0\.0\.1 .check the network.* 0 of 4 X-rays"
    ):
        fetch(archive)
    assert films_in(tmp_path / "target") == []


def test_fetch_curated_unanswered_connection_is_not_retried(archive, fetch, waits, monkeypatch):
    def unanswered(*_, **__):
        raise fetch_module.requests.ConnectTimeout

    monkeypatch.setattr(fetch_module.requests.Session, "get", unanswered)
    with pytest.raises(StorageError, match="there is no connection to"):
        fetch(archive)
    assert waits == []


KILLED = """
import sys
from pathlib import Path
from covidlab.data.fetch import fetch_curated
target, url, list_folder = sys.argv[1:]
fetch_curated(Path(target), base_url=url, list_folder=Path(list_folder), accept_licences=True)
"""


def test_fetch_curated_killed_in_a_film_continues_with_it(archive, fetch, tmp_path):
    archive.faults[FAULTY] = ["stall"]
    target = tmp_path / "target"
    process = subprocess.Popen([sys.executable, "-c", KILLED, target, archive.url, tmp_path / "list"])
    assert archive.stalled.wait(60)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert [path.name for path in list_films(target)] == ["a.jpg", "b.jpg"]
    assert (target / "metadata.csv").is_file(), "else half a set would pass for a whole one"
    archive.requests.clear()
    assert fetch(archive).num_fetched == 2
    assert archive.requests == ["normal/c.jpg", "normal/d.jpg"]
    assert films_in(target) == sorted(NAMES)


def test_fetch_curated_interrupted_leaves_whole_films_only(archive, fetch, tmp_path):
    def interrupt(progress):
        if progress.films_done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(archive, progress=interrupt)
    assert films_in(tmp_path / "target") == ["covid/a.jpg", "covid/b.jpg"]


def test_fetch_curated_beside_another_fetch_is_refused(archive, fetch, tmp_path):
    (tmp_path / "target/.fetch").mkdir(parents=True)
    with (
        FileLock(tmp_path / "target/.fetch/lock"),
        pytest.raises(StorageError, match=r"Another fetch into .*target is under way"),
    ):
        fetch(archive)
    assert fetch(archive).num_fetched == 4


def test_fetch_curated_strange_names_are_quoted(serve, fetch, tmp_path):
    names = ('covid/it\'s "one" X-ray.jpg', "covid/50% #1?.jpg", "normal/صورة.jpg", "normal/a+b&c%20d.jpg")
    assert fetch(serve(names)).num_fetched == 4
    assert films_in(tmp_path / "target") == sorted(names)


@pytest.mark.parametrize(
    "name",
    [
        "../a.jpg",
        "covid/../../a.jpg",
        "/etc/a.jpg",
        "covid/..",
        "covid\\..\\a.jpg",
        "C:/a.jpg",
        ".fetch/a",
        "a.jpg",
    ],
)
def test_fetch_curated_listed_name_outside_the_set_is_refused(archive, fetch, tmp_path, name):
    write_list(tmp_path / "list", {NAMES[0]: b"a", name: b"b"})
    with pytest.raises(DataError, match="must be named class/name, inside the data set"):
        fetch(archive)
    assert archive.requests == []
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("change", [("sha256", "", "sha256"), ("sha256", "md5:1", "sha256"), ("bytes", "-1", "bytes")])
def test_fetch_curated_list_without_hash_or_size_is_refused(archive, fetch, tmp_path, change):
    column, value, named = change
    row = {"file": NAMES[0], "patient_id": "1", "bytes": "4", "sha256": "0" * 64} | {column: value}
    (tmp_path / "list/metadata.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    with pytest.raises(DataError, match=rf"must state .*{named}.* Not so for: covid/a\.jpg"):
        fetch(archive)


def test_fetch_curated_without_a_list_is_said(archive, fetch, tmp_path):
    with pytest.raises(DataError, match=r"list of the X-rays is missing: .*nowhere"):
        fetch(archive, list_folder=tmp_path / "nowhere")


def test_fetch_curated_into_another_set_keeps_its_list(archive, fetch, tmp_path):
    theirs = write_list(tmp_path / "target", {"ill/mine.jpg": b"a"}) / "metadata.csv"
    before = theirs.read_bytes()
    with pytest.raises(DataError, match=r"holds another data set.* Its list has: ill/mine\.jpg"):
        fetch(archive)
    assert theirs.read_bytes() == before


def test_fetch_curated_into_a_file_is_said(archive, fetch, tmp_path):
    (tmp_path / "target").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        fetch(archive)


def test_fetch_curated_full_disk_is_said_before_anything_is_asked_for(archive, fetch, tmp_path, monkeypatch):
    free = fetch_module.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("covidlab.files.shutil.disk_usage", lambda _: free)
    with pytest.raises(StorageError, match="The disk is too full"):
        fetch(archive)
    assert archive.requests == []
    assert not (tmp_path / "target").exists()


def test_archive_url_names_the_commit():
    assert ARCHIVE_URL == (
        "https://raw.githubusercontent.com/devindatt/covid19-chest_xrays-analysis/"
        "ac7c7c25838f736760bad82281ea31a64916002c/dataset/"
    )


@pytest.mark.curated
def test_fetch_curated_of_the_fifty_is_sound(curated, serve, tmp_path):
    server = serve(folder=curated)
    server.faults["normal/IM-0240-0001.jpeg"] = ["cut"]
    result = fetch_curated(tmp_path / "target", base_url=server.url, accept_licences=True)
    assert (result.num_fetched, result.bytes_fetched, len(server.requests)) == (50, 12_715_586, 51)
    catalog = load_catalog(tmp_path / "target")
    assert (catalog.num_films, catalog.num_patients) == (50, 37)
