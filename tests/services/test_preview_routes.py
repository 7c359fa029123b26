"""The routes of previews."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.files import write_json
from covidlab.runs.previews import PREVIEW_FORMAT, folder_of, request_preview, result_path


@pytest.fixture
def key(make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    key = request_preview(TrainingConfig(dataset=str(catalog.root)), catalog)
    write_json(folder_of(key) / "state.json", {"precision": "float32"})
    content = {"format": PREVIEW_FORMAT, "name": "column-b8-e25", "epochs": 25}
    write_json(result_path(key, "float32", "column-b8-e25"), content)
    return key


def asked(address, **headers):
    """Status, headers and content of an answer."""
    try:
        answer = urlopen(Request(address, headers=headers), timeout=10)
    except HTTPError as refusal:
        answer = refusal
    with answer:
        content = answer.read()
        return answer.status, answer.headers, json.loads(content) if content.startswith(b"{") else content


def test_previews_are_named_and_an_unchanged_answer_is_not_sent_again(serve, key):
    address = f"{serve()}/api/v1/previews/{key}"
    status, headers, content = asked(address)
    assert (status, list(content["results"])) == (200, ["column-b8-e25"])
    status, _, content = asked(address, **{"If-None-Match": headers["etag"]})
    assert (status, content) == (304, b"")


def test_preview_result_is_kept_for_ever_by_its_stamp(serve, key):
    address = f"{serve('/lungs')}/api/v1/previews/{key}"
    stamp = asked(address)[2]["results"]["column-b8-e25"]
    _, headers, content = asked(f"{address}/column-b8-e25?v={stamp}")
    assert content["epochs"] == 25
    assert "immutable" in headers["cache-control"]
    assert asked(f"{address}/column-b8-e25")[1]["cache-control"] == "no-store"


def test_previews_of_a_foreign_name_are_refused(serve, key):
    address = serve()
    for place in ("a" * 24, "..%2Fruns", f"{'a' * 24}/column-b8-e25", f"{key}/..%2Fstate", f"{key}/range-b8"):
        assert asked(f"{address}/api/v1/previews/{place}")[0] == 404
