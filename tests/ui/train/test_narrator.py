"""The narrator on a page: sentences, and a button that sets the slider they speak of."""

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.runs.store import RunStore


def page() -> None:
    import streamlit as st

    from covidlab.config import LEARNING_RATES
    from covidlab.runs.store import RunStore
    from covidlab.ui.train.narrator import draw_narrator

    st.select_slider("Learning rate", LEARNING_RATES, value=0.001, key="train_learning_rate")
    draw_narrator(next(iter(RunStore().list()), None))


@pytest.fixture
def flat_run():
    """A run whose loss stays where it began."""
    run = RunStore().create(TrainingConfig(dataset="X-rays", epochs=20, learning_rate=1e-5))
    for epoch in range(1, 21):
        run.append_history(epoch=epoch, loss=0.7, accuracy=0.5, val_loss=0.7, val_accuracy=1.0, seconds=0.1)
    return run


def test_narrator_without_a_run_or_an_epoch_draws_nothing():
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    RunStore().create(TrainingConfig(dataset="X-rays"))
    assert not app.run().markdown


def test_narrator_button_sets_the_slider_and_then_says_so(flat_run):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "Nothing is learned" in app.markdown[1].value
    (button,) = app.button
    assert button.label == "Apply: learning rate 0.0001"
    button.click().run()
    assert app.select_slider(key="train_learning_rate").value == 0.0001
    assert not app.button
    assert "Now set: learning rate 0.0001" in app.caption[0].value
