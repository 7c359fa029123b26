"""docs/api.md: its examples are run, and what it says of routes and limits is held against the code."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from covidlab.imaging.prepared import prepare_image
from covidlab.paths import PROJECT_ROOT
from covidlab.services.access import Act, Role
from covidlab.services.v1 import body, multipart, predictions, routes
from covidlab.services.v1.openapi import document
from covidlab.services.v1.predictions import Predictions
from tests.services.conftest import serve  # noqa: F401
from tests.services.v1.conftest import TOKEN, quick_reader, token  # noqa: F401
from tests.xrays import xray_png

PAGE = (PROJECT_ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^    (curl .+)$", PAGE, flags=re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_examples_do_what_the_page_says(serve, quick_reader, engine, make_dataset, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))
    for name in ("xray.png", "other.png"):
        (tmp_path / name).write_bytes(xray_png())
    address = serve(predictions=Predictions(reader=lambda: quick_reader, prepare=lambda: prepare_image))
    said = []
    for example in EXAMPLES:
        command = shlex.split(example.replace("http://localhost:8501", address).replace("$COVIDLAB_API_TOKEN", TOKEN))
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True)
        said.append(done.stdout)
    assert json.loads(said[0])["predictions"][0]["file"] == "xray.png"
    assert [json.loads(line)["status"] for line in said[1].splitlines()] == ["read", "read"]
    assert json.loads(said[2])["config"]["epochs"] == 5
    assert json.loads(said[3])["runs"][0]["id"] == json.loads(said[2])["id"]
    assert json.loads(said[4])["runs"] == [] and said[5].startswith("# Model card")
    assert len(said) == 7


def test_page_names_each_route_and_no_other():
    named = set(re.findall(r"^\| `(GET|POST) /api/v1(/\S+)`", PAGE, flags=re.MULTILINE))
    told = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert {(method, path.replace("{id}", "{run_id}")) for method, path in named} == told


def test_page_states_the_limits_that_hold():
    assert f"up to {multipart.MAX_FILES} in one request" in PAGE
    assert f"nothing for {body.SILENT_SECONDS:.0f} seconds" in PAGE
    assert (predictions.AT_ONCE, predictions.WAITING) == (2, 16) and "at once and 16 wait" in PAGE
    looks = f"{routes.LOOKS_A_MINUTE:,} times a minute"
    assert f"{routes.READS_A_MINUTE} predictions, start {routes.STARTS_A_MINUTE} trainings and look {looks}" in PAGE


def test_page_names_each_role_and_each_act():
    assert all(f"| {role} |" in PAGE for role in Role)
    assert f"where it differs: {', '.join(Act)}" in PAGE
