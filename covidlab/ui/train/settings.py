"""The settings of a run on Train, what it will take, and the buttons that start and stop it."""

from pathlib import Path

import streamlit as st

from covidlab.config import (
    BATCH_SIZE_RANGE,
    EPOCHS_RANGE,
    LEARNING_RATES,
    TrainingConfig,
)
from covidlab.data.catalog import Catalog
from covidlab.data.cautions import cautions
from covidlab.data.decisions import apply_selection
from covidlab.data.selections import load_selection
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.estimate import Estimate, estimate
from covidlab.runs.settings_text import further_settings
from covidlab.runs.speed import speed_stamp
from covidlab.runs.store import Run
from covidlab.services.access import Act
from covidlab.services.actions import start_run, stop_run
from covidlab.services.queue import current_places
from covidlab.text import decimal_text, markdown_escaped, plain_number, pluralize, sentence_escaped
from covidlab.ui.shared.bound import draw_bound, set_bound
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.permission import allowed, say_why_not
from covidlab.ui.shared.visitor import current_visitor, keep_visitor, typed_name
from covidlab.ui.train.advanced import advanced_settings
from covidlab.ui.train.expected import describe_expected, describe_missing_gpu, is_being_measured
from covidlab.ui.train.queue import draw_name, draw_queue

MAX_EPOCHS_ON_SLIDER = 100
MAX_BATCH_ON_SLIDER = 32
_DEFAULTS = TrainingConfig(dataset="")


def training_settings(catalog: Catalog) -> TrainingConfig:
    """Draw the sliders, their state bound to the address of the page, and return what they say."""
    bound = {"bind": "query-params"}
    _take_earlier_address()
    learning_rate = draw_bound(
        st.select_slider,
        tr("Learning rate"),
        LEARNING_RATES,
        default=_DEFAULTS.learning_rate,
        format_func=plain_number,
        key="train_learning_rate",
        help=HELP["learning rate"],
    )
    epochs = st.slider(
        tr("Epochs"),
        EPOCHS_RANGE[0],
        MAX_EPOCHS_ON_SLIDER,
        _DEFAULTS.epochs,
        key="train_epochs",
        help=HELP["epoch"],
        **bound,
    )
    batch_size = st.slider(
        tr("Batch size"),
        BATCH_SIZE_RANGE[0],
        MAX_BATCH_ON_SLIDER,
        _DEFAULTS.batch_size,
        key="train_batch_size",
        help=HELP["batch size"],
        **bound,
    )
    return TrainingConfig(
        dataset=str(catalog.root),
        positive_class=catalog.positive_class,
        learning_rate=learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        **advanced_settings(catalog),
    )


def _take_earlier_address() -> None:
    """Understand a link made by version 0.1.0, which wrote small learning rates with an exponent."""
    earlier = {str(rate): rate for rate in LEARNING_RATES if str(rate) != decimal_text(rate)}
    if (asked := st.query_params.get("train_learning_rate")) in earlier:
        set_bound("train_learning_rate", decimal_text(earlier[asked]))


def describe_settings(config: TrainingConfig) -> str:
    """Return the settings of a run in one line."""
    further = "".join(f", {words}" for words in further_settings(config))
    return (
        tr(
            "Preset {preset}, depth {fine_tune}, learning rate {decimal_text}, {epochs}, batch size "
            "{batch_size}, {views}, seed {seed}",
            preset=config.preset,
            fine_tune=config.fine_tune,
            decimal_text=plain_number(config.learning_rate),
            epochs=pluralize(config.epochs, "epoch"),
            batch_size=config.batch_size,
            views=pluralize(config.views, "view"),
            seed=config.seed,
        )
        + tr("{further}, X-rays of {name}", further=further, name=markdown_escaped(Path(config.dataset).name))
        + (tr(", selection {selection}", selection=markdown_escaped(config.selection)) if config.selection else "")
    )


def start_and_stop(config: TrainingConfig, catalog: Catalog, shown: Run | None, active: Run | None) -> None:
    """Draw the two buttons and the estimate; Stop ends the run shown, or where that has ended, the active one."""
    keep_visitor()
    to_stop = shown if shown and shown.status().is_active else active
    places = current_places()
    used = _films_used(config, catalog)
    expected = estimate(config, used)
    start, stop = st.columns(2)
    start.button(
        tr("Start") if active is None else tr("Start another"),
        key="train_start",
        type="primary",
        width="stretch",
        on_click=_start,
        args=(config, catalog.fingerprint, expected),
        # Always: with a note that comes and goes Streamlit draws another button, and the keyboard is lost at each start.
        **allowed(Act.TRAIN, help=tr("A run that you start while another one trains waits in the queue.")),
    )
    label = (
        tr("Stop") if to_stop is None or to_stop.id == (shown and shown.id) else tr("Stop {name}", name=to_stop.name)
    )
    stop.button(
        label,
        key="train_stop",
        width="stretch",
        on_click=_stop,
        args=(to_stop,),
        **allowed(Act.STOP, to_stop, disabled=to_stop is None),
    )
    say_why_not(Act.TRAIN)
    preset = "" if config.preset == _DEFAULTS.preset else tr("Preset {preset}. ", preset=config.preset)
    selected = "" if used is catalog else describe_films_used(config, used, catalog) + " "
    measuring = is_being_measured(config, expected)
    st.caption(preset + selected + describe_expected(config, expected, places=places, is_being_measured=measuring))
    # Once it is measured the page is drawn with the better estimate.
    draw_queue(watch={"speed": speed_stamp()} if measuring else {})
    if missing := describe_missing_gpu(config, expected):
        st.warning(missing, icon=":material/memory_alt:")
    if places and not current_visitor().is_signed_in:
        draw_name()
    for sentence in cautions(used):
        st.warning(markdown_escaped(sentence, max_length=1000), icon=":material/warning:")
    if message := st.session_state.pop("train_message", None):
        st.error(markdown_escaped(message, max_length=400))


def describe_films_used(config: TrainingConfig, used: Catalog, catalog: Catalog) -> str:
    """Return in Markdown which selection is trained on and how many films that is."""
    return tr(
        "Selection {selection}: {num_films:,} of {x_rays}.",
        selection=markdown_escaped(config.selection),
        num_films=used.num_films,
        x_rays=pluralize(catalog.num_films, "X-ray"),
    )


def _films_used(config: TrainingConfig, catalog: Catalog) -> Catalog:
    """The films of the chosen selection; says why where it cannot be used, as the run would."""
    if config.selection is None:
        return catalog
    try:
        return apply_selection(catalog, load_selection(catalog.root, config.selection))
    except CovidLabError as error:
        st.error(sentence_escaped(error))
        return catalog


def _start(config: TrainingConfig, fingerprint: str, expected: Estimate) -> None:
    try:
        visitor = current_visitor()
        run = start_run(visitor, config, fingerprint=fingerprint, expected_seconds=expected.total, name=typed_name())
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
    else:
        st.query_params["run"] = run.id


def _stop(run: Run) -> None:
    try:
        stop_run(current_visitor(), run)
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
