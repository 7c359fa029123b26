"""Home draws what is here, three doors, and what to do where there is nothing."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import StorageError
from covidlab.files import write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.phantom.film import PhantomConfig
from covidlab.runs.status import State
from covidlab.runs.store import RunStore
from tests.services.recorded import record


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An installation without films and without runs."""
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path / "no-such-folder"))
    return tmp_path


def draw_home() -> AppTest:
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.code, *app.info])


@pytest.mark.usefixtures("nobody_named_a_folder")
def test_home_without_films_shows_the_import_command_and_the_projects_folder():
    app = draw_home()
    assert [code.value for code in app.code] == ["python -m covidlab dataset import FOLDER"]
    assert "no X-rays yet" in text_of(app)
    assert "project/dataset" in app.info[0].value.replace("\\", "")


def test_home_with_a_named_folder_that_is_not_there_says_so_and_offers_no_import(empty):
    app = draw_home()
    assert "There is no such folder: " in app.error[0].value.replace("\\", "")
    assert "no-such-folder" in app.error[0].value.replace("\\", "")
    assert not app.code


def test_home_with_one_class_only_says_what_is_needed_and_where_the_picture_lies(empty, monkeypatch):
    film = empty / "covid" / "film.png"
    film.parent.mkdir()
    film.write_bytes(b"never read")
    monkeypatch.setenv("COVIDLAB_DATASET", str(empty))
    app = draw_home()
    assert "At least two classes are needed" in app.error[0].value
    assert "holds 1 picture: 1 in covid" in app.error[0].value.replace("\\", "")
    assert "cannot be used" in text_of(app)
    assert any("class covid" in element.value for element in app.html)


def test_home_shows_synthetic_x_rays_in_place_of_a_named_folder_only_when_asked(empty, monkeypatch):
    monkeypatch.setattr("covidlab.ui.shared.datasets.FIRST_PHANTOMS", PhantomConfig(num_films=4, size=128))
    app = draw_home()
    assert "These X-rays are synthetic" not in text_of(app)
    app.button(key="phantoms_instead").click().run()
    assert not app.exception
    assert "**These X-rays are synthetic**" in text_of(app)
    assert "dataset import" not in text_of(app)
    assert app.sidebar.selectbox(key="data_set").value == "phantoms"


def test_home_says_not_for_diagnosis(empty):
    assert "Not for diagnosis" in text_of(draw_home())


def test_home_has_three_doors(empty):
    links = {link.value for link in draw_home().main.page_link}
    assert {"Read an X-ray", "Explore training", "Present"} <= links


def test_home_door_to_present_opens_the_lesson(empty):
    (present,) = [link for link in draw_home().main.page_link if link.value == "Present"]
    assert present.proto.page == "Present"


def part(app: AppTest, name: str) -> dict:
    """What the script tells a part of the page with JavaScript of its own."""
    (found,) = [each for each in app.get("bidi_component") if each.proto.component_name == f"covidlab_{name}"]
    return json.loads(found.proto.json)


@pytest.fixture
def four(make_dataset, monkeypatch, engine):
    """Two X-rays of each class, and an engine that computes nothing."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2, "normal": 2})))
    return load_catalog(Path(os.environ["COVIDLAB_DATASET"]))


def test_home_shows_x_rays_of_each_class_without_answers_of_a_model_that_does_not_know_them(four):
    app = draw_home()
    groups = part(app, "xray_strip")["groups"]
    assert [group["name"] for group in groups] == ["COVID-19", "non-COVID"]
    assert [len(group["cells"]) for group in groups] == [2, 2]
    assert {cell["share"] for group in groups for cell in group["cells"]} == {None}
    assert "No model has answered for these X-rays yet" in text_of(app)


def test_home_without_a_recorded_run_trains_one_in_place(four, engine):
    app = draw_home()
    assert app.button(key="home_play").label == "Train a network on them and watch"
    app.button(key="home_play").click().run()
    assert not app.exception
    (run,) = RunStore().list()
    assert [submitted.id for submitted in engine.submitted] == [run.id]
    assert part(app, "learning")["run"] == run.id
    assert "[Live] Run 1" in text_of(app).replace("\\", "")


def test_home_plays_a_recorded_run_in_place_and_shows_the_x_rays_again(four, engine):
    run = RunStore().create(TrainingConfig(dataset=str(four.root), epochs=3))
    record(run, four)
    run.write_status(replace(run.status(), state=State.FINISHED, epoch=3))
    app = draw_home()
    app.button(key="home_play").click().run()
    assert (part(app, "learning")["run"], part(app, "learning")["replays"]) == (run.id, True)
    assert "[Replay] Run 1" in text_of(app).replace("\\", "")
    assert not engine.submitted
    app.button(key="home_still").click().run()
    assert len(part(app, "xray_strip")["groups"]) == 2


def test_home_says_why_nothing_can_be_trained(four, monkeypatch):
    def refuse(*_):
        raise StorageError("The disk is full. Received: /runs.")

    monkeypatch.setattr("covidlab.ui.home.playing.start_run", refuse)
    app = draw_home()
    app.button(key="home_play").click().run()
    assert "The disk is full" in app.error[0].value
    assert app.button(key="home_play").label == "Train a network on them and watch"


@pytest.mark.curated
def test_home_shows_what_models_that_had_not_seen_the_patients_say_of_the_fifty(curated, empty, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw_home()
    cells = [cell for group in part(app, "xray_strip")["groups"] for cell in group["cells"]]
    assert [cell["side"] for cell in cells].count("wrong") == 3
    said = text_of(app).replace("\\", "")
    assert "47 of 50 X-rays are on the side of their class" in said
    assert (
        "Accuracy over 50 splits, median of 10 repeats: 0.92 (95 % interval 0.81 to 0.97, n = 50 X-rays of 37 patients)"
        in said
    )
    assert "This does not show that COVID-19 can be seen" in said


@pytest.mark.curated
def test_home_of_the_fifty_plays_the_recording_that_comes_with_covidlab(curated, empty, monkeypatch, engine):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw_home()
    assert app.button(key="home_play").label == "Play how a network learned from them"
    app.button(key="home_play").click().run()
    assert not app.exception
    (run,) = RunStore().list()
    assert part(app, "learning")["run"] == run.id
    assert "[Replay] The recorded run, rate 0.001, real fifty, recorded before and part of covidlab" in text_of(
        app
    ).replace("\\", "")
    assert not engine.submitted


def test_home_shows_the_device_the_trainer_wrote_down(empty):
    write_json(empty / "home" / "device.json", {"device": "NVIDIA H100"})
    assert "NVIDIA H100" in text_of(draw_home())


def test_home_with_curated_films_counts_them(curated, empty, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw_home()
    assert "50 X-rays, 37 patients" in text_of(app).replace("\\", "")
    assert not app.code


def test_home_never_calls_the_other_class_healthy(empty):
    assert "healthy" not in text_of(draw_home()).lower()


def test_home_draws_without_tensorflow(empty):
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "app = AppTest.from_file('app.py', default_timeout=30).run(); "
        "assert not app.exception; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and writes nothing."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def archive(curated, monkeypatch):
    """The curated films behind an address of this machine, which Home takes for the public archive."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(curated)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("covidlab.data.fetch.ARCHIVE_URL", f"http://127.0.0.1:{server.server_port}/")
    yield server
    server.shutdown()
    server.server_close()


def test_home_fetch_asks_for_consent_first(empty):
    app = draw_home()
    assert app.button(key="fetch_start").disabled
    assert any("licence" in line.value for line in app.expander[0].markdown)


@pytest.mark.curated
def test_home_fetch_brings_the_fifty_and_uses_them(empty, archive):
    app = draw_home()
    app.checkbox(key="fetch_accept").check().run()
    app.button(key="fetch_start").click().run(timeout=60)
    assert not app.exception
    assert "50 (12.7 MB)" in app.success[0].value.replace("\\", "")
    assert "50 X-rays, 37 patients" in text_of(app).replace("\\", "")
    assert "fetch_start" not in {button.key for button in app.button}


@pytest.mark.curated
def test_home_fetch_without_an_archive_says_why_and_can_be_tried_again(empty, archive, monkeypatch):
    # tests/data/test_fetch.py holds how long it waits before it asks again.
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    archive.shutdown()
    archive.server_close()
    app = draw_home()
    app.checkbox(key="fetch_accept").check().run()
    app.button(key="fetch_start").click().run(timeout=60)
    assert not app.exception
    assert "continues" in app.error[-1].value
    assert not app.button(key="fetch_start").disabled
