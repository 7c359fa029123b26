"""Runs over HTTP: listed, read, started with the settings that the command line takes, and what is refused."""

import json

import pytest

from covidlab.config import TrainingConfig
from covidlab.learning.backbones import backbone_names
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore

RUNS = "/api/v1/runs"


@pytest.fixture
def dataset(make_dataset, monkeypatch):
    """The data set of the server: two X-rays a class."""
    folder = make_dataset({"covid": 2, "normal": 2})
    monkeypatch.setenv("COVIDLAB_DATASET", str(folder))
    return folder


def test_run_is_started_with_the_settings_sent_and_found_again(client, dataset, engine):
    answer = client.post(RUNS, json={"learning_rate": 0.01, "epochs": 5.0, "dataset": "films"})
    run = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{RUNS}/{run['id']}")
    kept = RunStore().get(run["id"])
    assert kept.load_config().epochs == 5 and kept.load_config().dataset == str(dataset)
    assert kept.load_facts()["dataset"]["fingerprint"]
    assert client.get(answer.headers["location"]).json()["config"]["learning_rate"] == 0.01
    assert (run["job"], run["config"]["dataset"], run["made_by"]) == ("train", "films", "")
    assert [each["id"] for each in client.get(RUNS).json()["runs"]] == [run["id"]]
    (line,) = (RunStore().folder.parent / "acts.jsonl").read_text().splitlines()
    assert json.loads(line)["run"] == run["id"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([], "a JSON object"),
        ({"epochs": 0}, "number of epochs must lie between 1 and 500"),
        ({"epochs": "5"}, "epochs must be a whole number. Received: 5."),
        ({"epochs": 2.5}, "epochs must be a whole number"),
        ({"epochs": 10**400}, "epochs must be a whole number"),
        ({"flip": 1}, "flip must be true or false"),
        ({"seed": True}, "seed must be a whole number"),
        ({"preset": "other"}, "The preset must be one of"),
        ({"backbone": "../vgg"}, "The backbone must be one of"),
        ({"rate": 0.1}, "A setting must be one of"),
        ({"dataset": "/etc"}, "dataset must be one of films"),
        ({"dataset": 3}, "dataset must be one of films"),
        ({"dataset": "\ud800"}, "dataset must be one of films"),
        ({"\ud800": 1}, "A setting must be one of"),
        ({"selection": "a" * 5000}, "selection must be text of up to 200 letters or null"),
        ({"positive_class": "\ud800"}, "positive_class must be text"),
        ({"selection": "a\0b"}, "selection must be text"),
        ({"start_from": "../../model.keras"}, "start_from must name a run that has a model"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_what_is_expected(client, dataset, engine, settings, sentence):
    answer = client.post(RUNS, content=json.dumps(settings), headers={"Content-Type": "application/json"})
    assert (answer.status_code, RunStore().list()) == (422, [])
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (415, b"{}", "text/plain"),
        (400, b"{", "application/json"),
        (400, b'{"rotation": NaN}', "application/json"),
        (400, b"[" * 30_000, "application/json"),
        (413, b" " * 70_000, "application/json"),
    ],
)
def test_body_that_is_no_json_is_refused(client, status, content, kind):
    assert client.post(RUNS, content=content, headers={"Content-Type": kind}).status_code == status


def test_x_rays_that_cannot_be_used_are_a_conflict(client, dataset, engine):
    answer = client.post(RUNS, json={"selection": "none"})
    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")


def test_runs_come_a_page_at_a_time_and_by_state(client):
    runs = [RunStore().create(TrainingConfig(dataset="set")) for _ in range(3)]
    runs[0].write_status(Status(state=State.FINISHED))
    first = client.get(RUNS, params={"limit": 2}).json()
    assert [run["id"] for run in first["runs"]] == [runs[2].id, runs[1].id]
    rest = client.get(RUNS, params={"limit": 2, "before": first["next"]}).json()
    assert ([run["id"] for run in rest["runs"]], rest["next"]) == ([runs[0].id], None)
    (finished,) = client.get(RUNS, params={"state": "finished"}).json()["runs"]
    assert finished["id"] == runs[0].id


@pytest.mark.parametrize("asked", [{"limit": "0"}, {"limit": "²"}, {"state": "lost"}, {"before": "9999-beef"}])
def test_page_that_cannot_be_is_refused(client, asked):
    assert client.get(RUNS, params=asked).status_code == 422


def test_run_tells_no_folder_and_no_process_of_the_machine(client, tmp_path):
    run = RunStore().create(
        TrainingConfig(dataset=str(tmp_path / "set"), start_from=str(tmp_path / "0007-beef/model.keras"))
    )
    run.write_status(Status(state=State.RUNNING, epochs=25))
    content = client.get(f"{RUNS}/{run.id}")
    assert str(tmp_path) not in content.text and "owner" not in content.json()
    assert (content.json()["config"]["dataset"], content.json()["config"]["start_from"]) == ("set", "0007-beef")


def test_damaged_run_is_listed_as_what_it_is(client):
    run = RunStore().create(TrainingConfig(dataset="set"))
    (run.path / "run.json").write_text("{")
    assert client.get(f"{RUNS}/{run.id}").json()["state"] == "damaged"


def test_card_of_the_default_model_comes_as_json_and_as_markdown(client, dataset):
    address = f"/api/v1/models/{DEFAULT_MODEL.name}/card"
    card = client.get(address).json()
    assert card["title"].startswith("Model card") and card["sections"]
    answer = client.get(address, headers={"Accept": "text/markdown"})
    assert answer.headers["content-type"].startswith("text/markdown") and answer.text.startswith("# Model card")


def test_schema_of_the_settings_names_each_with_its_range():
    from covidlab.services.v1.openapi import document

    properties = document()["components"]["schemas"]["Settings"]["properties"]
    assert set(properties) == set(TrainingConfig.__dataclass_fields__)
    assert (properties["epochs"]["minimum"], properties["epochs"]["maximum"]) == (1, 500)
    assert properties["backbone"]["enum"] == backbone_names()
