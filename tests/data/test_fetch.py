"""The fifty from a server: every X-ray and the list appear, the licences are read first, what is there is not asked for."""

import stat

import pytest
from filelock import FileLock

from covidlab.data import fetch as fetch_module
from covidlab.data.catalog import load_catalog
from covidlab.data.fetch import ARCHIVE_URL, FetchProgress, fetch_curated
from covidlab.errors import DataError, StorageError, UsageError
from tests.data.archive import NAMES, assert_only_verified, films_in, write_list


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
