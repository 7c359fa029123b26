"""Files of later versions, which hold more, and of earlier ones, which hold less; one test a kind of file."""

import json
import shutil
import zipfile

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.selections import load_selection
from covidlab.errors import ModelError, RunError
from covidlab.files import read_json, write_json
from covidlab.learning.modelcard import CARD, CARD_FORMAT, read_card
from covidlab.phantom.dataset import is_phantom_set, make_phantoms
from covidlab.phantom.film import PhantomConfig
from covidlab.runs.active_model import model_in_use
from covidlab.runs.engines import local
from covidlab.runs.engines.worker import Worker
from covidlab.runs.estimate import estimate
from covidlab.runs.execution import Execution
from covidlab.runs.owner import Owner
from covidlab.runs.report_text import report_lines
from covidlab.runs.status import State, Status
from covidlab.runs.store import RUN_FORMAT, RunStore

UNKNOWN = {"from_a_later_version": {"much": [1, 2, 3]}}


def change(path, *, without=(), **values):
    """Add values to a JSON file, and one that this version does not know; drop those named."""
    kept = {name: value for name, value in read_json(path).items() if name not in without}
    write_json(path, {**kept, **values, **UNKNOWN})


def change_card(path, tmp_path, *, without=(), **values):
    """Do the same to the card in a model file; return the changed copy."""
    changed = tmp_path / "changed.keras"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == CARD:
                kept = {key: value for key, value in json.loads(data).items() if key not in without}
                data = json.dumps({**kept, **values, **UNKNOWN})
            target.writestr(name, data)
    return changed


def test_run_with_unknown_and_missing_keys_is_read(runs):
    run = runs[1]
    change(
        run.path / "run.json", config={"dataset": "films", **UNKNOWN}, without=["origin", "created", "data", "device"]
    )
    change(run.path / "status.json", without=["owner", "heartbeat", "phase", "steps"])
    assert run.load_config() == TrainingConfig(dataset="films")
    assert (run.status().state, run.status().epoch, run.status().phase) == (State.FINISHED, 3, "")
    assert model_in_use().id == run.id


def test_status_of_a_state_alone_is_read(runs):
    write_json(runs[1].path / "status.json", {"state": "finished"})
    assert runs[1].status() == Status(state=State.FINISHED)


@pytest.mark.parametrize("values", [{}, {"state": "dreaming"}, {"state": None}, {"epoch": 2}])
def test_status_without_a_known_state_is_damaged_and_not_guessed(runs, values):
    write_json(runs[1].path / "status.json", values)
    assert runs[1].status().state is State.DAMAGED
    assert runs[1].is_damaged()


@pytest.mark.parametrize("newer", [RUN_FORMAT + 1, "next"])
def test_run_of_a_newer_format_says_so_and_is_left_alone(runs, newer):
    change(runs[1].path / "run.json", format=newer)
    assert runs[1].status().state is State.NEWER
    assert runs[1].is_damaged()
    sentence = f"written by a newer version of covidlab .format {newer}; this version reads formats up to {RUN_FORMAT}"
    with pytest.raises(RunError, match=sentence):
        runs[1].load_config()
    assert model_in_use().id != runs[1].id


def test_run_with_a_preset_of_a_later_version_says_so(runs):
    change(runs[1].path / "run.json", config={"dataset": "films", "preset": "later"})
    assert runs[1].status().state is State.DAMAGED
    with pytest.raises(RunError, match=r"settings that this version does not know.*Received: later"):
        runs[1].load_config()


def test_report_with_unknown_and_missing_keys_is_read(runs):
    path = runs[1].path / "report.json"
    crossed = {name: value for name, value in read_json(path)["cross_validation"].items() if name != "repeats"}
    change(path, without=["f1", "seconds", "device"], cross_validation={**crossed, **UNKNOWN})
    assert "accuracy     1.00 (95 % interval" in "\n".join(report_lines(runs[1]))


def test_predictions_with_other_columns_are_read(runs):
    table = runs[1].predictions().drop(columns=["patient_id", "correct"]).assign(from_a_later_version=1)
    table.to_csv(runs[1].path / "predictions.csv", index=False)
    read = runs[1].predictions()
    assert read["file"].tolist() == table["file"].tolist()
    assert read["patient_id"].isna().all()


def test_card_with_unknown_and_missing_keys_is_read(runs, tmp_path):
    missing = ["threshold", "run_id", "data_fingerprint", "version"]
    card = read_card(change_card(runs[1].model_path, tmp_path, without=missing))
    assert (card.kind, card.preset, card.format, card.threshold, card.version) == ("tail", "default", 1, 0.5, "")


@pytest.mark.parametrize("missing", ["preset", "classes", "frozen_sha256", "kind"])
def test_card_without_what_nobody_may_guess_is_refused(runs, tmp_path, missing):
    with pytest.raises(ModelError, match="not a model saved by covidlab, or it is damaged"):
        read_card(change_card(runs[1].model_path, tmp_path, without=[missing]))


def test_card_of_a_newer_format_says_so(runs, tmp_path):
    with pytest.raises(ModelError, match=f"newer version of covidlab .format 9; .* up to {CARD_FORMAT}"):
        read_card(change_card(runs[1].model_path, tmp_path, format=9))


def test_model_in_use_speed_and_device_with_unknown_keys_are_read(runs, covidlab_home, version1):
    for name in ("model_in_use.json", "speed.json", "device.json"):
        change(covidlab_home / name)
    assert model_in_use().id == runs[1].id
    assert estimate(runs[1].load_config(), load_catalog(version1 / "films")).measured
    write_json(covidlab_home / "speed.json", UNKNOWN)
    assert not estimate(runs[1].load_config(), load_catalog(version1 / "films")).measured


@pytest.mark.parametrize("without", [(), ("boot",)])
def test_worker_json_with_unknown_or_missing_keys_ends_nobody_else(covidlab_home, without):
    path = covidlab_home / "worker.json"
    # A process that has ended: this test's own number with another time of start.
    write_json(path, {**vars(Owner.this_process()), "started": 1.0})
    change(path, without=without)
    local.end_worker()


def test_selection_with_unknown_and_missing_keys_is_read(version1, tmp_path):
    films = shutil.copytree(version1 / "films", tmp_path / "films")
    path = films / "selections" / "without two.json"
    decisions = {file: {**made, **UNKNOWN} for file, made in read_json(path)["decisions"].items()}
    decisions["normal/film-0.png"] = {"action": "exclude"}
    change(path, decisions=decisions, without=["revision", "changes", "name"])
    selection = load_selection(films, "without two")
    assert (selection.name, selection.excluded) == ("without two", ("covid/film-0.png", "normal/film-0.png"))


def test_phantom_claim_with_unknown_keys_is_still_a_claim(tmp_path):
    make_phantoms(tmp_path / "phantoms", PhantomConfig(num_films=4, size=128))
    change(tmp_path / "phantoms" / "phantom.json")
    assert is_phantom_set(tmp_path / "phantoms")


def test_index_line_with_more_fields_is_read(version1, tmp_path, covidlab_home, monkeypatch):
    films = shutil.copytree(version1 / "films", tmp_path / "films")
    load_catalog(films)
    (index,) = (covidlab_home / "index").iterdir()
    lines = [json.dumps([*json.loads(line), "from a later version"]) for line in index.read_text().splitlines()]
    index.write_text("\n".join(lines) + "\n")

    def measure_again(root, file):
        raise AssertionError(f"{file} is in the index")

    monkeypatch.setattr("covidlab.data.index._measure", measure_again)
    assert load_catalog(films).num_films == len(lines)


def test_interrupted_run_of_version1_resumes_to_its_end_and_gets_headers(runs, version1, monkeypatch):
    monkeypatch.chdir(version1)
    run = runs[3]
    # As a kill leaves it: running, and nobody holds its lock.
    write_json(run.path / "status.json", {**read_json(run.path / "status.json"), "state": "running", "reason": ""})
    (run.path / "stop").unlink(missing_ok=True)
    assert run.status().state is State.INTERRUPTED
    before = run.history()
    resumed = Worker(RunStore())._next_run()
    assert (resumed.id, resumed.load_facts()["resumes"]) == (run.id, 1)
    with run.locked():
        status = Execution(run).execute()
    assert (status.state, status.epoch) == (State.FINISHED, 50)
    assert run.history()["epoch"].tolist() == list(range(1, 51))
    assert run.history().head(2).equals(before)
    assert run.steps()["step"].tolist() == list(range(1, 101))
    assert (run.path / "history.csv").read_text().startswith("epoch,loss,")
    assert "resumes after epoch 2" in (run.path / "log.txt").read_text()
