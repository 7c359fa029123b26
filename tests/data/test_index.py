"""The index measures each film once, and continues where a kill ended it."""

import subprocess
import sys

import pytest

from covidlab.data import index as filmindex
from covidlab.data.index import FILMS_A_BLOCK, measure_films
from covidlab.paths import PROJECT_ROOT

# Stops for ever after the first block, as if the machine were slow; killed there.
STOPS_AFTER_ONE_BLOCK = """
import sys
from pathlib import Path
from covidlab.data.index import measure_films

def show(done, total):
    print(done, flush=True)
    sys.stdin.read()

root = Path(sys.argv[1])
measure_films(root, [path.relative_to(root).as_posix() for path in root.glob("*/*.png")], progress=show)
"""


@pytest.fixture
def films(make_dataset):
    """A folder with one block of films and eight more."""
    return make_dataset({"covid": FILMS_A_BLOCK, "normal": 8})


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The files that are read from now on."""
    files, read_bytes = [], filmindex.read_bytes

    def read_and_note(path, *, name):
        files.append(name)
        return read_bytes(path, name=name)

    monkeypatch.setattr(filmindex, "read_bytes", read_and_note)
    return files


def measured(root, **options):
    known, refused = measure_films(
        root, [path.relative_to(root).as_posix() for path in root.glob("*/*.png")], **options
    )
    assert not refused
    return known


def index_of(home):
    (path,) = (home / "index").iterdir()
    return path


def test_measure_films_reads_each_film_once(films, read):
    first = measured(films)
    assert len(read) == len(first) == FILMS_A_BLOCK + 8
    read.clear()
    assert measured(films) == first
    assert read == []


def test_measure_films_tells_how_far_it_is(films):
    calls = []
    measured(films, progress=lambda *call: calls.append(call))
    assert calls == [(FILMS_A_BLOCK, FILMS_A_BLOCK + 8), (FILMS_A_BLOCK + 8, FILMS_A_BLOCK + 8)]


def test_measure_films_killed_continues_where_it_was(films, read):
    command = [sys.executable, "-c", STOPS_AFTER_ONE_BLOCK, str(films)]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == f"{FILMS_A_BLOCK}\n".encode()
        process.kill()
    calls = []
    assert len(measured(films, progress=lambda *call: calls.append(call))) == FILMS_A_BLOCK + 8
    assert sorted(read) == [f"normal/film-{number:03d}.png" for number in range(8)]
    assert calls == [(FILMS_A_BLOCK + 8, FILMS_A_BLOCK + 8)]


def test_measure_films_changed_film_is_measured_again_and_its_old_row_goes(films, read, covidlab_home):
    before = measured(films)
    (films / "covid/film-000.png").write_bytes((films / "normal/film-000.png").read_bytes())
    read.clear()
    after = measured(films)
    assert read == ["covid/film-000.png"]
    assert len({*before, *after}) == len(before) + 1
    assert index_of(covidlab_home).read_text().count("\n") == len(after)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\x00garbage",
        b"[]\n" * 5,
        b'["covid/film-000.png", 1',
        b"null\n",
        b'{"file": 1}\n',
        b"[1,2,3,4,5,6,7]\n",
    ],
)
def test_measure_films_damaged_index_is_mended(films, covidlab_home, damage):
    first = measured(films)
    whole = index_of(covidlab_home).read_bytes()
    index_of(covidlab_home).write_bytes(damage)
    assert measured(films) == first
    assert index_of(covidlab_home).read_bytes() == whole


def test_measure_films_line_torn_by_a_kill_costs_one_film(films, read, covidlab_home):
    measured(films)
    path = index_of(covidlab_home)
    path.write_bytes(path.read_bytes()[:-20])
    read.clear()
    measured(films)
    assert len(read) == 1


def test_measure_films_no_film_is_named(films):
    (films / "normal/film-003.png").write_bytes(b"no X-ray")
    known, refused = measure_films(films, ["normal/film-002.png", "normal/film-003.png", "normal/none.png"])
    assert [state.file for state in known] == ["normal/film-002.png"]
    assert refused["normal/film-003.png"].startswith("normal/film-003.png cannot be read: its content is no image")
    assert refused["normal/none.png"].startswith("normal/none.png cannot be opened: No such file")
