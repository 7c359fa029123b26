"""What pages ask of previews and what they are told: keys, requests, results that are whole."""

from dataclasses import asdict, fields, replace

import pytest

from covidlab.config import LEARNING_RATES, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.files import write_json
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.previews import (
    COLUMN,
    FAN,
    MAX_FILMS,
    PREVIEW_FORMAT,
    RANGE,
    Place,
    State,
    describe_previews,
    folder_of,
    load_request,
    load_result,
    nearest_rate,
    preview_key,
    request_preview,
    result_path,
    why_no_preview,
)

CONFIG = TrainingConfig(dataset="set")
# Another value of each setting; those that a place below the key names, or that no curve depends on, apart.
OTHER = {
    "preset": "original",
    "fine_tune": "block5",
    "views": 4,
    "seed": 7,
    "device": "cpu",
    "precision": "bfloat16",
    "backbone": "vgg16",
    "optimizer": "sgd",
    "weight_decay": 0.1,
    "class_weights": "balanced",
    "rotation": 5.0,
    "flip": True,
    "shift": 0.1,
    "brightness": 0.1,
}
# The X-rays say which class is positive, which are used and how they are split.
NOT_IN_KEY = {"dataset", "positive_class", "selection", "keep_split", "start_from"}
NOT_IN_KEY |= {"learning_rate", "epochs", "batch_size", "patience"}


@pytest.fixture(autouse=True)
def switched_on(monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")


@pytest.fixture
def catalog(make_dataset):
    return load_catalog(make_dataset({"covid": 3, "normal": 3}))


def tell(key, **values):
    """Write what a worker says of a request."""
    state = State(precision="float32", heartbeat=monotonic_seconds(), **values)
    write_json(folder_of(key) / "state.json", asdict(state))


def test_preview_key_changes_with_every_setting_but_those_that_places_name(catalog):
    assert {field.name for field in fields(TrainingConfig)} == {*OTHER, *NOT_IN_KEY}
    # There is one backbone only.
    changed = [{name: value} for name, value in OTHER.items() if name != "backbone"]
    keys = [preview_key(replace(CONFIG, **change), catalog) for change in ({}, *changed)]
    assert len(set(keys)) == len(keys)
    same = replace(CONFIG, dataset="elsewhere", learning_rate=0.1, epochs=3, batch_size=2, patience=4)
    assert preview_key(same, catalog) == keys[0]


def test_preview_key_changes_with_the_x_rays_and_the_split_that_is_kept(catalog):
    kept = replace(catalog, keeps_split=True)
    parts = replace(kept, films=kept.films.assign(given_part=["train", "test"] * 3))
    fewer = replace(catalog, films=catalog.films.iloc[1:])
    positive = replace(catalog, positive_class="normal")
    assert len({preview_key(CONFIG, used) for used in (catalog, kept, parts, fewer, positive)}) == 5


def test_request_preview_keeps_the_newest_wishes_first(catalog):
    for epochs in (*range(1, 41), 20):
        key = request_preview(replace(CONFIG, epochs=epochs, batch_size=2), catalog)
    request = load_request(key)
    assert [epochs for _, epochs, _ in request.wanted] == [20, *range(40, 20, -1), *range(19, 8, -1)]
    assert (request.ranges, request.num_films, request.settings().batch_size) == ([], 6, 2)
    request_preview(CONFIG, catalog, range_test=True)
    assert load_request(key).ranges == [8]


def test_request_preview_again_writes_nothing_but_counts_as_the_newest(catalog):
    key = request_preview(CONFIG, catalog)
    path = folder_of(key) / "request.json"
    before = path.stat()
    assert request_preview(CONFIG, catalog) == key
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns > before.st_mtime_ns


@pytest.mark.parametrize("content", ["", "{", "[]", '{"config": {}}', '{"wanted": [[1]], "config": {}, "ranges": []}'])
def test_load_request_damaged_is_none(covidlab_home, content):
    folder_of("a" * 24).mkdir(parents=True)
    (folder_of("a" * 24) / "request.json").write_text(content)
    assert load_request("a" * 24) is None
    assert describe_previews("a" * 24) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"format": 1}',
        '{"format": 1, "name": "column-b8-e2"}',
        f'{{"format": {PREVIEW_FORMAT + 1}, "name": "column-b8-e25"}}',
    ],
)
def test_load_result_that_is_not_whole_is_none(catalog, content):
    key = request_preview(CONFIG, catalog)
    path = result_path(key, "float32", "column-b8-e25")
    path.parent.mkdir()
    path.write_text(content)
    assert load_result(key, "column-b8-e25", precision="float32") is None
    write_json(path, {"format": PREVIEW_FORMAT, "name": "column-b8-e25"})
    assert load_result(key, "column-b8-e25", precision="float32") is not None


@pytest.mark.parametrize(("key", "name"), [("..", "column-b8-e25"), ("a" * 24, "../state"), ("a" * 24, "state")])
def test_load_result_of_a_foreign_name_is_none(key, name):
    assert load_result(key, name, precision="float32") is None


def test_describe_previews_says_what_goes_on_until_all_is_there(catalog):
    key = request_preview(CONFIG, catalog)
    wishes = load_request(key).wishes
    assert describe_previews(key)["sentence"] == "The trainer computes previews while no run trains."
    tell(key, wishes=wishes, done=3, total=22)
    assert describe_previews(key)["sentence"] == "The trainer computes previews: 3 of 22."
    tell(key, wishes=wishes, total=22, missing=1)
    assert describe_previews(key)["sentence"] == "The trainer first prepares 1 view of these X-rays."
    tell(key, wishes=wishes, done=22, total=22)
    write_json(result_path(key, "float32", "range-b8"), {})
    described = describe_previews(key)
    assert described["complete"]
    assert (described["sentence"], list(described["results"])) == ("", ["range-b8"])


def test_describe_previews_of_an_earlier_wish_is_not_complete(catalog):
    key = request_preview(CONFIG, catalog)
    tell(key, wishes=load_request(key).wishes, done=22, total=22)
    request_preview(replace(CONFIG, epochs=7), catalog)
    assert not describe_previews(key)["complete"]


def test_describe_previews_failure_is_said_and_ends_the_questions(catalog):
    key = request_preview(CONFIG, catalog)
    tell(key, wishes=load_request(key).wishes, failure="The X-rays have changed.")
    described = describe_previews(key)
    assert (described["complete"], described["failure"]) == (True, "The X-rays have changed.")


@pytest.mark.parametrize(
    ("config", "num_films", "words"),
    [
        (CONFIG, MAX_FILMS, ""),
        (CONFIG, MAX_FILMS + 1, "up to 2,000 X-rays. This set has 2,001"),
        (replace(CONFIG, fine_tune="block5"), 50, "just the head"),
        (replace(CONFIG, start_from="model.keras"), 50, "earlier model"),
    ],
)
def test_why_no_preview_says_what_stands_against_one(config, num_films, words):
    why = why_no_preview(config, num_films)
    assert words in why
    assert bool(why) == bool(words)


def test_why_no_preview_switched_off_says_so(monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "0")
    assert "COVIDLAB_PREPARE=0" in why_no_preview(CONFIG, 50)


def test_place_names_are_decimals():
    assert Place(FAN, 8, 25, 1e-5).name == "fan-b8-e25-r0.00001"
    assert Place(COLUMN, 16, 100).name == "column-b16-e100"
    assert Place(RANGE, 4).name == "range-b4"


def test_nearest_rate_is_nearest_by_ratio():
    assert nearest_rate(0.0055) == 0.01
    assert nearest_rate(0.0054) == 0.003
    assert nearest_rate(5.0) == LEARNING_RATES[-1]
