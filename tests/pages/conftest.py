"""Pages drawn by Streamlit's own test driver, with two real runs on small films."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.active_model import MODEL_SETTING
from covidlab.runs.store import RunStore
from covidlab.services.reader import Reader
from tests.homes import compute_once
from tests.xrays import xray_png

PRESETS = ("default", "original")
QUICK = Path(__file__).resolve().parents[1] / "services" / "quick_process.py"


@pytest.fixture(autouse=True)
def without_phantoms(monkeypatch):
    """Keep the empty state; tests/test_first_start.py looks at the first start itself."""
    monkeypatch.setattr("covidlab.ui.shared.layout.make_first_phantoms", lambda: None)


@pytest.fixture(autouse=True)
def without_a_look_for_components(monkeypatch):
    """Spare each page under test the look through all installed packages, 0.1 s, for components that covidlab does not use."""
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda *_, **__: [])


@pytest.fixture(autouse=True)
def every_page_looks_at_the_folder(monkeypatch):
    """A small folder is looked through for every page, also on a machine so busy that a look takes long."""
    monkeypatch.setattr("covidlab.ui.shared.catalogs._LONG_LOOK_SECONDS", 60.0)
    monkeypatch.setattr("covidlab.ui.shared.catalogs._SHARE_OF_LOOKING", 1e9)


@pytest.fixture
def nobody_named_a_folder(tmp_path, monkeypatch):
    """An installation that uses the project's own ``dataset/``, which holds nothing yet."""
    monkeypatch.delenv("COVIDLAB_DATASET", raising=False)
    monkeypatch.setattr("covidlab.paths.OWN_DATASET", tmp_path / "project" / "dataset")


@pytest.fixture
def draw() -> Callable[..., AppTest]:
    """Return a function that draws a page from its address and fails where the page does."""

    def draw_page(page: str, **address) -> AppTest:
        app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60).switch_page(page)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return draw_page


@pytest.fixture(scope="session")
def quick_reader() -> Iterator[Reader]:
    """A reader whose process answers without a network; the first pixel is the probability."""
    reader = Reader(program=(str(QUICK),))
    yield reader
    reader.close()


@pytest.fixture
def quick_answers(monkeypatch, quick_reader):
    """Ask a process without a network, since these tests look at the page."""
    for module in ("reading", "watch"):
        monkeypatch.setattr(f"covidlab.ui.predict.{module}.shared_reader", lambda: quick_reader)


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory, activations_of_all_tests) -> tuple[Path, Path]:
    """A home with a run of each preset, and its films: two a patient. Not to be changed."""
    from covidlab.runs.execution import Execution

    home, films = tmp_path_factory.mktemp("trained"), tmp_path_factory.mktemp("films") / "small"
    compute_once(home, activations_of_all_tests)
    rows = ["file,patient_id"]
    for kind, brightness in (("covid", 40), ("normal", 160)):
        (films / kind).mkdir(parents=True)
        for number in range(8):
            (films / kind / f"film-{number}.png").write_bytes(xray_png(brightness + number, size=(100, 90)))
            rows.append(f"{kind}/film-{number}.png,{kind}-{number // 2}")
    (films / "metadata.csv").write_text("\n".join(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVIDLAB_HOME", str(home))
        for preset in PRESETS:
            run = RunStore().create(TrainingConfig(dataset=str(films), preset=preset, epochs=3, views=1))
            with run.locked():
                assert Execution(run).execute().state == "finished"
    return home, films


@pytest.fixture
def runs(trained_home, covidlab_home, monkeypatch):
    """The two runs in the home of this test, the older first: presets default and original; the newer one's model is everyone's default."""
    home, films = trained_home
    shutil.copytree(home / "runs", covidlab_home / "runs")
    monkeypatch.setenv("COVIDLAB_DATASET", str(films))
    newer, older = RunStore().list()
    monkeypatch.setenv(MODEL_SETTING, newer.id)
    return [older, newer]
