"""Browse says what tells the classes apart, once the section is opened and a process has compared them."""

import time
from pathlib import Path

import pytest

from covidlab.services.probes import Prober
from covidlab.ui.browse import probing

QUICK = (str(Path(__file__).parent.parent / "services" / "quick_probe_process.py"),)
TIMEOUT_SECONDS = 60


@pytest.fixture
def prober(monkeypatch):
    """A prober whose process answers at once, in place of the server's."""
    monkeypatch.setattr("covidlab.services.probes._LOOK_SECONDS", 0.02)
    prober = Prober(program=QUICK)
    monkeypatch.setattr(probing, "shared_prober", lambda: prober)
    yield prober
    prober.close()


def texts(app) -> str:
    elements = (*app.main.markdown, *app.main.warning, *app.main.caption)
    return "\n".join(element.value for element in elements).replace("\\", "")


def drawn_until(app, *, holds):
    until = time.monotonic() + TIMEOUT_SECONDS
    while not holds(app):
        assert time.monotonic() < until, texts(app)
        time.sleep(0.05)
        app.run()
    assert not app.exception
    return app


def test_browse_probe_closed_starts_nothing(draw, prober, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset()))
    draw("pages/1_Browse.py")
    assert prober._thread is None


def test_browse_probe_opened_says_what_was_found(draw, prober, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset()))
    app = draw("pages/1_Browse.py", browse_probe="true")
    drawn_until(app, holds=lambda app: "colour or grey alone in 90 %" in texts(app))
    assert "A model may learn this instead of the disease." in texts(app)
    assert list(app.table[0].value.index) == ["colour or grey", "width"]
    assert list(app.table[0].value["Beyond chance"]) == ["yes", "no"]


def test_browse_probe_under_way_says_how_far_it_is(draw, prober, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="endless")))
    app = draw("pages/1_Browse.py", browse_probe="true")
    drawn_until(app, holds=lambda app: "3 of 12 X-rays" in app.get("progress")[0].proto.text)


def test_browse_probe_that_failed_says_why_and_can_be_asked_again(draw, prober, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="refused")))
    app = draw("pages/1_Browse.py", browse_probe="true")
    drawn_until(app, holds=lambda app: "The X-rays of the class covid cannot be read." in texts(app))
    app.button(key="browse_probe_again").click().run()
    assert not app.exception


@pytest.mark.curated
def test_browse_probe_of_the_fifty_shows_the_published_figures_too(draw, prober, curated, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw("pages/1_Browse.py", browse_probe="true")
    assert "97 %" in list(app.table[-1].value["Accuracy"])
    assert "measured beforehand" in texts(app)
