"""The card of a run on a page: only where the run is finished, with the name that was typed."""

from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore


def page() -> None:
    from covidlab.runs.store import RunStore
    from covidlab.ui.shared.run_card import draw_run_card

    draw_run_card(next(iter(RunStore().list()), None))


def test_run_card_is_drawn_for_a_finished_run_only():
    assert not AppTest.from_function(page, default_timeout=30).run().expander
    run = RunStore().create(TrainingConfig(dataset="X-rays", learning_rate=0.003))
    assert not AppTest.from_function(page, default_timeout=30).run().expander
    run.update_facts(data={"name": "fifty_1"})
    run.write_report({"accuracy": {"value": 0.9, "low": 0.6, "high": 0.98, "n": 10}})
    run.write_status(Status(state=State.FINISHED))
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert "Run 1\\, rate 0\\.003\\, fifty\\_1" in app.markdown[0].value
    assert "Accuracy by cross-validation: not cross-validated" in app.markdown[0].value
