"""The evidence over a visit: which X-rays count, and that nothing is said from an answer that is not whole."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.child import Message
from covidlab.errors import TemporaryError
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.store import Run
from covidlab.ui.predict.watch import visit_distances
from tests.ui.predict.visit import FAR, Told, read_film

RUN = Run(DEFAULT_MODEL)


def draw(monkeypatch, answer) -> AppTest:
    def script(films):
        from covidlab.paths import DEFAULT_MODEL
        from covidlab.runs.store import Run
        from covidlab.ui.predict.watch import draw_watch

        draw_watch(films, Run(DEFAULT_MODEL))

    monkeypatch.setattr("covidlab.ui.predict.watch.shared_reader", lambda: Told(watch=answer))
    app = AppTest.from_function(script, kwargs={"films": [read_film(RUN)]}, default_timeout=30).run()
    assert not app.exception
    return app


def test_evidence_is_said_after_each_x_ray(monkeypatch):
    assert "is 3.0 to 1" in draw(monkeypatch, Message({"evidence": [3.0]})).caption[0].value
    warning = draw(monkeypatch, Message({"evidence": [31.0]})).warning[0].value
    assert "over 20 to 1" in warning
    assert "X-rays of one class only" in warning


@pytest.mark.parametrize(
    "answer",
    [TemporaryError("Busy."), *(Message(values) for values in ({}, {"evidence": [float("nan")]}, {"evidence": []}))],
)
def test_nothing_is_said_where_the_answer_is_not_whole(monkeypatch, answer):
    app = draw(monkeypatch, answer)
    assert not app.caption and not app.warning


def test_visit_distances_counts_each_content_of_the_visitors_own_once():
    films = [read_film(RUN), read_film(RUN, FAR, sha256="e" * 64), read_film(RUN, file="covid/1.png"), read_film(RUN)]
    assert visit_distances(films, RUN) == [(0.4, None), (0.9, None)]


def test_visit_distances_has_the_distance_to_the_class_where_it_is_known():
    assert visit_distances([read_film(RUN, replace(FAR, class_distance=0.7))], RUN) == [(0.9, 0.7)]
