"""Weights by their checksums, X-rays found and complete, an upload decoded."""

from hashlib import sha256

import pandas as pd
import pytest

from covidlab.doctor import contents
from covidlab.doctor.findings import State


def test_weights_that_come_with_covidlab_work():
    assert contents.look_at_weights().state is State.WORKS


def test_damaged_weights_do_not_work_and_the_advice_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr("covidlab.doctor.contents.DEFAULT_MODEL", tmp_path)
    found = contents.look_at_weights()
    assert found.state is State.FAILS
    assert "git checkout" in found.advice


def test_a_folder_of_ones_own_is_counted(make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"a": 2, "b": 3})))
    found = contents.look_at_dataset()
    assert found.state is State.WORKS
    assert found.sentence.startswith("5 X-rays in 2 classes in ")


def test_a_named_folder_without_xrays_does_not_work(tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path))
    assert contents.look_at_dataset().state is State.FAILS


def test_no_xrays_and_no_named_folder_mean_synthetic_ones(tmp_path, monkeypatch):
    monkeypatch.delenv("COVIDLAB_DATASET", raising=False)
    monkeypatch.setattr("covidlab.paths.OWN_DATASET", tmp_path)
    found = contents.look_at_dataset()
    assert found.state is State.LIMITED
    assert "dataset import" in found.advice


@pytest.fixture
def listed(make_dataset, monkeypatch):
    """A data set whose files are those of the committed list."""
    root = make_dataset({"covid": 2, "normal": 2})
    files = [f"{kind}/film-00{number}.png" for kind in ("covid", "normal") for number in (0, 1)]
    table = pd.DataFrame({"file": files, "sha256": [sha256((root / file).read_bytes()).hexdigest() for file in files]})
    monkeypatch.setattr("covidlab.data.metadata.read_metadata", lambda folder: table)
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    return root


@pytest.mark.usefixtures("listed")
def test_the_curated_set_is_complete():
    assert contents.look_at_dataset().sentence.startswith("The 4 curated X-rays are complete")


def test_a_curated_xray_that_is_missing_or_changed_is_named(listed):
    (listed / "covid" / "film-000.png").unlink()
    (listed / "normal" / "film-001.png").write_bytes(b"other")
    found = contents.look_at_dataset()
    assert found.state is State.LIMITED
    assert found.facts["wrong"] == ["covid/film-000.png", "normal/film-001.png"]


def test_an_upload_is_decoded():
    assert contents.look_at_decoding().facts == {"width": 256, "height": 256}


def test_a_machine_where_the_process_dies_cannot_decode(monkeypatch):
    monkeypatch.setattr(
        "covidlab.imaging.sandbox.Sandbox.__init__.__kwdefaults__",
        {"program": ("-c", "raise SystemExit(3)"), "num_processes": 1, "wall_seconds": 1.0},
    )
    assert contents.look_at_decoding().state is State.FAILS
