"""The fifty from a server that cuts, stalls and lies: only verified films appear, and a second try continues."""

import signal
import subprocess
import sys
import time

import pytest

from covidlab.data import fetch_download
from covidlab.data.catalog import list_films
from covidlab.errors import StorageError
from tests.data.archive import FAULTY, NAMES, assert_only_verified, films_in


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
    monkeypatch.setattr(fetch_download, "SILENCE_SECONDS", 0.2)
    archive.faults[FAULTY] = [fault] * 4
    begun = time.monotonic()
    with pytest.raises(StorageError, match=rf"{FAULTY} .*127\.0\.0\.1 stopped sending"):
        fetch(archive)
    # Else one would stall for ever, and the other trickle for seven minutes; a busy machine takes its time.
    assert time.monotonic() - begun < 60
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
        raise fetch_download.requests.ConnectTimeout

    monkeypatch.setattr(fetch_download.requests.Session, "get", unanswered)
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
