"""Home draws what is here, three doors, and what to do where there is nothing."""

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.files import write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.phantom.film import PhantomConfig


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


def test_home_door_to_present_opens_the_original_preset(empty):
    (present,) = [link for link in draw_home().main.page_link if link.value == "Present"]
    assert present.proto.query_string == "train_preset=original&afresh=1"


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
