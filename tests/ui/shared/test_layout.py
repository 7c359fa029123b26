"""Every page begins the same: "Not for diagnosis", the way around, the status."""

import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.files import write_json
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.active_model import MODEL_SETTING
from covidlab.runs.store import RunStore


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An installation without films; its folder of runs and caches."""
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path / "no-such-folder"))
    return tmp_path / "home"


def draw_home() -> AppTest:
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).run()
    assert not app.exception
    return app


def status_of(app: AppTest) -> str:
    return app.sidebar.markdown[-1].value.replace("\\", "")


def test_sidebar_without_films_and_runs_says_so(home):
    status = status_of(draw_home())
    assert "no X-rays yet" in status
    assert "the default model" in status
    assert "idle" in status
    assert "known once the trainer has started" in status


def test_sidebar_counts_waiting_runs(home):
    for _ in range(2):
        RunStore().create(TrainingConfig(dataset="set"))
    assert "2 waiting" in status_of(draw_home())


def test_sidebar_names_the_run_whose_model_is_in_use(home, monkeypatch):
    run = RunStore().create(TrainingConfig(dataset="set"))
    run.request_stop()
    run.model_path.write_bytes(b"model")
    monkeypatch.setenv(MODEL_SETTING, run.id)
    assert "run 1" in status_of(draw_home())


def test_sidebar_names_the_device(home):
    write_json(home / "device.json", {"device": "CPU"})
    assert "**Device**  \nCPU\n" in status_of(draw_home())


def test_sidebar_names_the_precision(home):
    write_json(home / "device.json", {"device": "CPU (AMD EPYC, 2 cores)", "precision": "bfloat16"})
    assert "**Device**  \nbfloat16 on CPU (AMD EPYC, 2 cores)" in status_of(draw_home())


def test_sidebar_links_every_page_by_its_name(home):
    names = [link.value for link in draw_home().sidebar.page_link]
    files = sorted(path.stem.split("_", 1)[1] for path in (PROJECT_ROOT / "pages").glob("*.py"))
    assert names[0] == "Home"
    assert sorted(names[1:]) == files


@pytest.mark.parametrize("page", sorted(path.name for path in (PROJECT_ROOT / "pages").glob("*.py")))
def test_page_visited_first_and_without_films_says_not_for_diagnosis(home, page):
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).switch_page(f"pages/{page}").run()
    assert not app.exception
    assert "Not for diagnosis" in app.main.markdown[0].value
    assert app.title[0].value


def test_configuration_serves_this_machine_only_and_fetches_nothing():
    text = (PROJECT_ROOT / ".streamlit" / "config.toml").read_text()
    config = tomllib.loads(text)
    assert config["server"]["address"] == "localhost"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["maxUploadSize"] == 32
    assert config["browser"]["gatherUsageStats"] is False
    assert "http" not in text
