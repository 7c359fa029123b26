"""All rates on Train: the fan, the button of the range test, the suggested rate that a click takes over."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.files import write_json
from covidlab.runs.previews import PREVIEW_FORMAT, folder_of, load_request, preview_key, result_path
from covidlab.ui.train.fan import describe_range

FOUND = {"format": PREVIEW_FORMAT, "name": "range-b8", "num_heads": 10, "num_films": 40}


def page() -> None:
    import os
    from pathlib import Path

    import streamlit as st

    from covidlab.config import LEARNING_RATES, TrainingConfig
    from covidlab.data.catalog import load_catalog
    from covidlab.ui.train.fan import draw_fan

    rate = st.select_slider("Learning rate", LEARNING_RATES, value=0.001, key="train_learning_rate")
    folder = os.environ["COVIDLAB_DATASET"]
    draw_fan(TrainingConfig(dataset=folder, learning_rate=rate), load_catalog(Path(folder)))


@pytest.fixture
def key(make_dataset, monkeypatch) -> str:
    monkeypatch.setenv("COVIDLAB_PREPARE", "1")
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2}))
    monkeypatch.setenv("COVIDLAB_DATASET", str(catalog.root))
    return preview_key(TrainingConfig(dataset=str(catalog.root)), catalog)


@pytest.fixture
def app(key) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def components(app: AppTest) -> dict[str, dict]:
    """What the script tells each component."""
    return {each.proto.component_name: json.loads(each.proto.json) for each in app.get("bidi_component")}


def find(key: str, **values) -> None:
    """Write a range test as the trainer does."""
    write_json(folder_of(key) / "state.json", {"precision": "float32"})
    write_json(result_path(key, "float32", "range-b8"), FOUND | values)


def test_fan_asks_for_its_settings_and_draws_no_range_test_unasked(app, key):
    drawn = components(app)
    assert drawn["covidlab_rate_fan"]["address"] == f"/api/v1/previews/{key}"
    assert "covidlab_rate_range" not in drawn
    assert load_request(key).ranges == []


def test_range_test_is_asked_of_the_trainer_and_waited_for(app, key):
    app.button(key="train_range_test").click().run()
    assert load_request(key).ranges == [8]
    assert components(app)["covidlab_rate_range"]["known"] is False
    assert app.button(key="train_range_test").disabled


def test_range_test_suggested_rate_is_taken_over_by_a_click(app, key):
    find(key, suggested=0.0042, nearest=0.003)
    app.run()
    assert components(app)["covidlab_rate_range"]["known"] is True
    take = app.button(key="train_take_rate")
    assert take.label == "Use learning rate 0.003"
    take.click().run()
    assert app.select_slider(key="train_learning_rate").value == 0.003
    assert app.button(key="train_take_rate").disabled
    assert load_request(key).wanted[0] == [8, 25, 0.003]


def test_range_test_without_a_suggestion_offers_no_rate(app, key):
    find(key, suggested=None, nearest=None)
    app.run()
    assert "train_take_rate" not in [button.key for button in app.button]
    assert "no rate is suggested" in " ".join(element.value for element in app.markdown)


def test_describe_range_says_the_rule_and_two_digits():
    text = describe_range(FOUND | {"suggested": 0.00123, "nearest": 0.001})
    assert "**0.0012**, where the smoothed loss falls most steeply before its minimum" in text
    assert "nearest rate on the slider is 0.001" in text
    assert "10 heads learn side by side from 40 training X-rays" in text
