"""The tab "All rates" on Train: the cross-validated curve of every learning rate, and the learning-rate range test."""

import math

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.language import tr
from covidlab.runs.previews import RANGE, Place, load_request, load_result
from covidlab.text import plain_number, pluralize
from covidlab.ui.shared.components.rate_fan import rate_fan
from covidlab.ui.shared.components.rate_range import rate_range
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.verdict import draw_verdict_on_set
from covidlab.ui.train.preview import ask_for_previews

RATE_KEY = "train_learning_rate"


def draw_fan(config: TrainingConfig, catalog: Catalog) -> None:
    """Draw all rates for the batch size and the number of epochs on the sliders, and below them the range test."""
    if (key := ask_for_previews(config, catalog, all_rates=True)) is None:
        return
    st.caption(
        tr(
            "Each rate is cross-validated with {epochs} and batch size {batch_size}. A line is the median of "
            "the repeats, the band its 95 % interval.",
            epochs=pluralize(config.epochs, "epoch"),
            batch_size=config.batch_size,
        )
    )
    rate_fan(key, config)
    draw_verdict_on_set(catalog, key="train_fan_verdict")
    st.subheader(tr("Range test"), anchor=False, help=HELP["range test"])
    _draw_range_test(key, config, catalog)


def _draw_range_test(key: str, config: TrainingConfig, catalog: Catalog) -> None:
    found = load_result(key, Place(RANGE, config.batch_size).name)
    request = load_request(key)
    is_asked = request is not None and config.batch_size in request.ranges
    button, take = st.columns(2)
    button.button(
        tr("Range test"),
        key="train_range_test",
        width="stretch",
        disabled=is_asked or found is not None,
        on_click=ask_for_previews,
        args=(config, catalog),
        kwargs={"all_rates": True, "range_test": True},
    )
    if found is not None and found["nearest"] is not None:
        take.button(
            tr("Use learning rate {decimal_text}", decimal_text=plain_number(found["nearest"])),
            key="train_take_rate",
            type="primary",
            width="stretch",
            disabled=found["nearest"] == config.learning_rate,
            on_click=take_rate,
            args=(found["nearest"],),
        )
    if found is not None:
        st.markdown(describe_range(found))
    if found is not None or is_asked:
        rate_range(key, config, is_known=found is not None)


def describe_range(found: dict) -> str:
    """Return what a range test suggests, and by which rule, in sentences."""
    how = tr(
        "{num_heads} heads learn side by side from {training_x_rays}. At each of 100 steps the rate "
        "grows, from 0.000001 to 1.",
        num_heads=found["num_heads"],
        training_x_rays=pluralize(found["num_films"], "training X-ray"),
    )
    if found["suggested"] is None:
        return tr("The loss falls at no rate, so no rate is suggested. {how}", how=how)
    suggested = round(found["suggested"], 1 - math.floor(math.log10(found["suggested"])))
    return tr(
        "Suggested rate: **{decimal_text}**, where the smoothed loss falls most steeply before its "
        "minimum. The nearest rate on the slider is {decimal_text_2}. {how}",
        decimal_text=plain_number(suggested),
        decimal_text_2=plain_number(found["nearest"]),
        how=how,
    )


def take_rate(rate: float) -> None:
    """Put a rate on the slider."""
    st.session_state[RATE_KEY] = rate
