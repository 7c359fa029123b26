"""What very little tells about the classes: found where it is planted, no alarm where it is not, patients kept together."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from covidlab.data.catalog import load_catalog
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import DataError
from covidlab.evaluation import permutation
from covidlab.evaluation import probe as probing
from covidlab.evaluation.probe import probe
from covidlab.evaluation.probe_result import Probe
from covidlab.paths import PROJECT_ROOT
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compare once instead of several times."""
    monkeypatch.setattr(probing, "NUM_REPEATS", 1)
    monkeypatch.setattr(permutation, "NUM_PERMUTATIONS", 199)


@pytest.fixture
def make_set(tmp_path):
    """Return a function that writes grey noise, the covid X-rays stored as said, and returns the catalog."""

    def make(number=12, *, patients=None, mode="L", **covid_settings):
        noise = np.random.default_rng(3)
        rows = ["file,patient_id"]
        for kind in ("covid", "normal"):
            (tmp_path / kind).mkdir()
            for place in range(number):
                settings = {"quality": 90} | (covid_settings if kind == "covid" else {})
                picture = Image.fromarray(noise.integers(0, 255, (80, 90)).astype(np.uint8))
                picture.convert(mode if kind == "covid" else "L").save(tmp_path / kind / f"{place}.jpg", **settings)
                rows.append(f"{kind}/{place}.jpg,{kind}-{place % (patients or number)}")
        if patients:
            (tmp_path / "metadata.csv").write_text("\n".join(rows))
        return load_catalog(tmp_path)

    return make


def alarming(found: Probe) -> list[str]:
    return [one.name for one in found.properties if one.is_alarm]


def test_probe_finds_and_names_the_colour_of_the_files(make_set):
    found = probe(make_set(mode="RGB", subsampling="4:4:4"))
    assert alarming(found) == ["colour or grey"]
    assert "colour or grey alone in 100 %. A model may learn this instead of the disease." in found.sentences()[0]


def test_probe_finds_and_names_the_quality_of_the_files(make_set):
    assert alarming(probe(make_set(quality=70))) == ["JPEG quality"]


def test_probe_of_files_stored_alike_raises_no_alarm(make_set):
    found = probe(make_set())
    assert not found.is_alarm
    assert "bytes a pixel left out, is the same for all X-rays (n = 24)" in found.sentences()[0]


def test_probe_of_a_property_without_meaning_says_chance(make_set):
    catalog = make_set()
    for file in catalog.films["file"][::3]:
        Image.open(catalog.root / file).convert("RGB").save(catalog.root / file, quality=90)
    found = probe(load_catalog(catalog.root))
    assert not found.is_alarm
    assert "is not found to tell the classes apart (0." in found.sentences()[0]
    assert "n = 24; chance is 0.50" in found.sentences()[0]


def test_probe_of_bytes_that_differ_is_told_and_raises_no_alarm(make_set):
    catalog = make_set()
    for number, file in enumerate(catalog.films["file"][catalog.films["class"] == "covid"]):
        Image.fromarray(np.full((80, 90), number, np.uint8)).save(catalog.root / file, quality=90)
    found = probe(load_catalog(catalog.root))
    assert not found.is_alarm
    assert found.sentences()[1].startswith("The number of bytes a pixel alone tells the classes apart in 100 %")


def test_probe_without_known_patients_says_so(make_set):
    found = probe(make_set())
    assert found.num_patients is None
    assert PATIENTS_NOT_KNOWN in found.sentences()


def test_probe_keeps_known_patients_together(make_set, monkeypatch):
    seen, folds = [], probing.grouped_folds
    monkeypatch.setattr(
        probing, "grouped_folds", lambda *given, **named: seen.append(given[1]) or folds(*given, **named)
    )
    found = probe(make_set(patients=4))
    assert (found.num_patients, len(set(seen[0]))) == (8, 8)
    assert PATIENTS_NOT_KNOWN not in found.sentences()


def test_probe_passes_over_an_unreadable_film_and_says_so(make_set):
    catalog = make_set()
    (catalog.root / "covid" / "3.jpg").write_bytes(b"no picture")
    found = probe(catalog)
    assert (found.num_films, found.num_unreadable) == (23, 1)
    assert "1 X-ray could not be read and was left out here." in found.sentences()


def test_probe_of_a_class_with_one_patient_is_refused(make_set):
    catalog = make_set()
    with pytest.raises(DataError, match="needs at least two patients in each class"):
        probe(replace(catalog, films=catalog.films.iloc[11:]))


def test_probe_of_three_classes_has_a_third_for_chance(make_dataset):
    found = probe(load_catalog(make_dataset({"covid": 6, "normal": 6, "other": 6})))
    assert found.num_classes == 3
    assert "Each class counts alike in these shares; with 3 classes 33 % is chance." in found.sentences()


def test_probe_of_a_large_set_draws_of_each_class(make_set, monkeypatch):
    monkeypatch.setattr(probing, "MOST_FILMS", 16)
    found = probe(make_set())
    assert (found.num_films, found.num_known, found.num_unreadable) == (16, 24, 0)
    assert "These are 16 X-rays drawn at random from the 24 of the set." in found.sentences()


def test_probe_tells_how_far_it_is(make_set):
    told = []
    probe(make_set(20), progress=lambda done, total: told.append((done, total)))
    assert told == [(32, 40), (40, 40)]


def test_probe_survives_the_way_to_a_file_and_back(make_set):
    found = probe(make_set(mode="RGB"))
    values = json.loads(json.dumps(found.to_dict()))
    assert Probe.from_dict(values | {"of_a_later_version": 1}) == found


@pytest.mark.parametrize("values", [{}, {"header": {}, "stored": 3}, {"properties": None}])
def test_probe_from_a_damaged_file_is_refused(values):
    with pytest.raises(ValueError, match=r"expected|missing"):
        Probe.from_dict(values)


@pytest.mark.parametrize(("shortcut", "is_alarm"), [("none", False), ("jpeg_colour", True)])
def test_probe_of_phantoms_raises_the_alarm_with_the_shortcut_only(tmp_path, shortcut, is_alarm):
    # benchmarks/probe_alarms.py counts over many sets.
    make_phantoms(tmp_path / "set", PhantomConfig(num_films=24, size=128, seed=1, shortcut=shortcut))
    assert probe(load_catalog(tmp_path / "set")).is_alarm == is_alarm


@pytest.mark.curated
def test_probe_of_the_fifty_finds_the_colour_bit(curated, monkeypatch):
    monkeypatch.setattr(probing, "NUM_REPEATS", 3)
    found = probe(load_catalog(curated))
    told = {one.name: one.told.value for one in found.properties}
    assert max(told, key=told.get) == "colour or grey"
    assert told["colour or grey"] == pytest.approx(0.94, abs=0.015)
    assert found.header.value == pytest.approx(0.97, abs=0.025)
    assert found.thumbnail.value == pytest.approx(0.935, abs=0.025)
    assert "colour or grey alone in 94 %" in found.sentences()[0]


def test_probe_imports_neither_tensorflow_nor_scipy():
    code = (
        "import sys, covidlab.evaluation.probe, covidlab.services.probes; "
        "print(sorted({'tensorflow', 'sklearn', 'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
