"""X-rays of a set that are damaged: found by their checksum or their content, named, and left out while they are few."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.learning.cache_space import Kept
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.modelcard import file_sha256
from covidlab.runs.execution import Execution
from covidlab.runs.report_text import report_lines
from covidlab.runs.store import Run, RunStore
from tests.conftest import write_table

pytestmark = pytest.mark.usefixtures("quick_passes", "covidlab_home")


@pytest.fixture
def films(make_dataset) -> Path:
    """Forty X-rays, of which two are 5 %."""
    return make_dataset({"covid": 20, "normal": 20})


def executed(films: Path, **settings) -> Run:
    run = RunStore().create(TrainingConfig(dataset=str(films), **{"epochs": 2, "views": 1, **settings}))
    with run.locked():
        Execution(run).execute()
    return run


def damage(path: Path) -> None:
    """Change a byte of the pixels, whose checksum the file holds; neither its size nor its time tells."""
    facts, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_damaged_xrays_up_to_five_percent_are_named_and_the_run_equals_one_without_them(films):
    load_catalog(films)
    names = ["covid/film-003.png", "normal/film-007.png"]
    for name in names:
        damage(films / name)
    run = executed(films)
    assert run.status().state == "finished", run.status().reason
    data = run.load_facts()["data"]
    assert data["num_films"] == 38
    assert f"Not used, cannot be read (2): {', '.join(names)}." in " ".join(report_lines(run))
    assert "its checksum is another" in run.load_facts()["damaged"][names[0]]
    assert run.history()["epoch"].tolist() == [1, 2]
    for name in names:
        (films / name).unlink()
    without = executed(films)
    assert run.predictions().equals(without.predictions())
    assert run.history()["loss"].tolist() == without.history()["loss"].tolist()


def test_more_damaged_xrays_than_five_percent_stop_the_run_and_are_all_named(films):
    load_catalog(films)
    names = [f"covid/film-00{number}.png" for number in range(3)]
    for name in names:
        damage(films / name)
    run = executed(films)
    assert run.status().state == "failed"
    assert run.status().reason.startswith("3 of 40 pictures cannot be read; up to 5 % are passed over.")
    assert all(name in run.status().reason for name in names)


def test_xray_that_is_not_the_one_its_table_lists_is_left_out(films):
    rows = [{"file": str(path.relative_to(films)), "sha256": file_sha256(path)} for path in sorted(films.glob("*/*"))]
    rows[4]["sha256"] = "0" * 64
    write_table(films / "metadata.csv", rows)
    run = executed(films)
    assert run.load_facts()["data"]["num_films"] == 39
    assert rows[4]["file"] in " ".join(report_lines(run))


def test_records_that_are_torn_are_computed_again(films, covidlab_home):
    first = executed(films)
    for records in covidlab_home.glob("activations/*/records.bin"):
        with open(records, "r+b") as file:
            file.write(bytes(400_000))
        os.truncate(records, records.stat().st_size - 1000)
    again = executed(films)
    assert again.predictions().equals(first.predictions())
    assert again.report()["prepared"]["num_views"] > 1


@pytest.mark.parametrize("depth", ["head", "all"])
def test_disk_too_small_for_the_cache_gives_the_same_and_says_so(films, monkeypatch, covidlab_home, depth):
    catalog = load_catalog(films)
    options = {"preset": "default", "fine_tune": depth, "device": Execution(run_of(films)).device}
    from covidlab.learning.backbones.vgg16 import BACKBONE

    kept = FilmActivations(catalog, BACKBONE, **options)
    expected = kept.read([0, 1, 25], 1)
    assert list(covidlab_home.glob("activations/*/records.bin"))
    monkeypatch.setenv("COVIDLAB_HOME", str(covidlab_home / "another"))
    forgetful = FilmActivations(catalog, BACKBONE, **options)
    forgetful.kept = Kept(activations=False, films=False)
    np.testing.assert_array_equal(forgetful.read([0, 1, 25], 1), expected)
    assert not list((covidlab_home / "another").glob("activations/*/records.bin"))


def run_of(films: Path) -> Run:
    return RunStore().create(TrainingConfig(dataset=str(films), device="cpu"))


def test_run_on_a_disk_without_room_for_the_cache_equals_another(films, monkeypatch, covidlab_home):
    roomy = executed(films)
    monkeypatch.setattr("covidlab.learning.cache_space.free_bytes", lambda folder: 23_000_000)
    monkeypatch.setenv("COVIDLAB_HOME", str(covidlab_home / "another"))
    narrow = executed(films)
    assert narrow.status().state == "finished"
    assert narrow.load_facts()["note"].startswith(
        "What the frozen layers give would take 8 MB of the disk and 1 MB can be used"
    )
    assert narrow.predictions().equals(roomy.predictions())
    assert replace(narrow.load_config(), dataset="") == replace(roomy.load_config(), dataset="")
