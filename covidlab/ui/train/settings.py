"""The settings of a run on Train, what it will take, and the buttons that start and stop it."""

from pathlib import Path

import streamlit as st

from covidlab.config import (
    BATCH_SIZE_RANGE,
    DEVICES,
    EPOCHS_RANGE,
    FINE_TUNE_DEPTHS,
    LEARNING_RATES,
    PRESETS,
    TrainingConfig,
)
from covidlab.data.catalog import Catalog
from covidlab.data.cautions import cautions
from covidlab.data.selections import apply_selection, load_selection, selection_names
from covidlab.data.splits import has_given_split
from covidlab.errors import CovidLabError
from covidlab.learning.backbones import find_backbone
from covidlab.runs.engines import chosen_engine
from covidlab.runs.estimate import Estimate, estimate
from covidlab.runs.store import Run, RunStore
from covidlab.text import about_seconds, decimal_text, markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.shared.help import HELP

ALL_FILMS = "all X-rays"
MAX_EPOCHS_ON_SLIDER = 100
MAX_BATCH_ON_SLIDER = 32
_DEFAULTS = TrainingConfig(dataset="")


def training_settings(catalog: Catalog) -> TrainingConfig:
    """Draw the sliders, their state bound to the address of the page, and return what they say."""
    bound = {"bind": "query-params"}
    _take_earlier_address()
    learning_rate = st.select_slider(
        "Learning rate",
        LEARNING_RATES,
        value=_DEFAULTS.learning_rate,
        format_func=decimal_text,
        key="train_learning_rate",
        help=HELP["learning rate"],
        **bound,
    )
    epochs = st.slider(
        "Epochs",
        EPOCHS_RANGE[0],
        MAX_EPOCHS_ON_SLIDER,
        _DEFAULTS.epochs,
        key="train_epochs",
        help=HELP["epoch"],
        **bound,
    )
    batch_size = st.slider(
        "Batch size",
        BATCH_SIZE_RANGE[0],
        MAX_BATCH_ON_SLIDER,
        _DEFAULTS.batch_size,
        key="train_batch_size",
        help=HELP["batch size"],
        **bound,
    )
    with st.expander("Advanced"):
        preset = st.selectbox("Preset", tuple(PRESETS), key="train_preset", help=HELP["preset"], **bound)
        st.caption(describe_presets(catalog))
        fine_tune = st.selectbox(
            "Layers that learn",
            FINE_TUNE_DEPTHS,
            key="train_fine_tune",
            help=HELP["fine-tune depth"],
            **bound,
        )
        st.caption(describe_depth(fine_tune))
        views = st.slider("Views of each X-ray", 1, 10, _DEFAULTS.views, key="train_views", help=HELP["views"], **bound)
        seed = st.number_input("Seed", 0, 9999, _DEFAULTS.seed, key="train_seed", help=HELP["seed"], **bound)
        selection = _choose_selection(catalog)
        keep_split = _ask_for_split(catalog)
        device = st.selectbox("Device", DEVICES, key="train_device", help=HELP["device"], **bound)
    return TrainingConfig(
        dataset=str(catalog.root),
        positive_class=catalog.positive_class,
        preset=preset,
        fine_tune=fine_tune,
        learning_rate=learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        views=views,
        seed=int(seed),
        device=device,
        selection=selection,
        keep_split=keep_split,
    )


def _take_earlier_address() -> None:
    """Understand a link made by version 0.1.0, which wrote small learning rates with an exponent."""
    earlier = {str(rate): rate for rate in LEARNING_RATES if str(rate) != decimal_text(rate)}
    if (asked := st.query_params.get("train_learning_rate")) in earlier:
        st.session_state["train_learning_rate"] = earlier[asked]


def _choose_selection(catalog: Catalog) -> str | None:
    """Draw the choice of a saved selection where there is one; None for all films."""
    names = selection_names(catalog.root)
    if not names:
        return None
    chosen = st.selectbox(
        "X-rays",
        [ALL_FILMS, *names],
        key="train_selection",
        bind="query-params",
        help="All X-rays, or a selection made on Curate.",
    )
    return None if chosen == ALL_FILMS else chosen


def _ask_for_split(catalog: Catalog) -> bool:
    """Draw whether to keep the split that came with the set; False, and nothing drawn, where none came."""
    if not has_given_split(catalog):
        return False
    if catalog.keeps_split:
        st.caption("This set keeps the split it came with: training on train, validation on all others.")
        return True
    return st.toggle(
        "Keep the split of the folders", key="train_keep_split", help=HELP["given split"], bind="query-params"
    )


def describe_presets(catalog: Catalog) -> str:
    """Return in Markdown what the two presets do, and where patients are not known that neither keeps them together."""
    split = (
        "all X-rays of a patient are on one side of the split"
        if catalog.patients_known
        else "the split is by X-ray, since patients are not known in this set"
    )
    return (
        f"**default**: X-rays are prepared as for VGG16's own training, the whole 7 × 7 map is averaged, and {split}.  \n"
        "**original**: the published procedure. Intensities from 0 to 1 go in unchanged, only the upper left 4 × 4 cells of "
        "the map are used, and the split is by image, so X-rays of one patient can be on both sides."
    )


def describe_depth(fine_tune: str) -> str:
    """Return which layers learn and how many weights these are, in one sentence."""
    cut = find_backbone(_DEFAULTS.backbone).cut_point(fine_tune)
    number = cut.num_learning
    return f"{cut.learns}: {f'{number / 1e6:.1f} million' if number >= 1e6 else f'{round(number, -3):,}'} weights."


def describe_settings(config: TrainingConfig) -> str:
    """Return the settings of a run in one line."""
    return (
        f"Preset {config.preset}, depth {config.fine_tune}, learning rate {decimal_text(config.learning_rate)}, {pluralize(config.epochs, 'epoch')}, "
        f"batch size {config.batch_size}, {pluralize(config.views, 'view')}, seed {config.seed}"
        + f", X-rays of {markdown_escaped(Path(config.dataset).name)}"
        + (f", selection {markdown_escaped(config.selection)}" if config.selection else "")
    )


def describe_estimate(expected: Estimate) -> str:
    """Return what a run is expected to take, in one or two sentences."""
    sentences = [f"{about_seconds(expected.total).capitalize()}."]
    if expected.num_passes:
        passes = pluralize(expected.num_passes, "pass", "passes")
        sentences = [
            f"{about_seconds(expected.total).capitalize()}, of which {about_seconds(expected.activations)} for {passes} "
            "through VGG16. Later runs reuse their results."
        ]
    if not expected.measured:
        sentences.append("This is a guess until this machine has trained once at this depth.")
    return " ".join(sentences)


def start_and_stop(config: TrainingConfig, catalog: Catalog, shown: Run | None, active: Run | None) -> None:
    """Draw the two buttons and the estimate; Stop ends the run shown, or where that has ended, the active one."""
    to_stop = shown if shown and shown.status().is_active else active
    start, stop = st.columns(2)
    start.button(
        "Start" if active is None else "Start another",
        key="train_start",
        type="primary",
        width="stretch",
        on_click=_start,
        args=(config, catalog.fingerprint),
        help="A run that you start while another one trains waits in the queue." if active else None,
    )
    label = "Stop" if to_stop is None or to_stop.id == (shown and shown.id) else f"Stop {to_stop.name}"
    stop.button(label, key="train_stop", width="stretch", disabled=to_stop is None, on_click=_stop, args=(to_stop,))
    preset = "" if config.preset == _DEFAULTS.preset else f"Preset {config.preset}. "
    used = _films_used(config, catalog)
    selected = "" if used is catalog else describe_films_used(config, used, catalog) + " "
    st.caption(preset + selected + describe_estimate(estimate(config, used)))
    for sentence in cautions(used):
        st.warning(markdown_escaped(sentence, max_length=1000), icon=":material/warning:")
    if message := st.session_state.pop("train_message", None):
        st.error(markdown_escaped(message, max_length=400))


def describe_films_used(config: TrainingConfig, used: Catalog, catalog: Catalog) -> str:
    """Return in Markdown which selection is trained on and how many films that is."""
    return f"Selection {markdown_escaped(config.selection)}: {used.num_films:,} of {pluralize(catalog.num_films, 'X-ray')}."


def _films_used(config: TrainingConfig, catalog: Catalog) -> Catalog:
    """The films of the chosen selection; says why where it cannot be used, as the run would."""
    if config.selection is None:
        return catalog
    try:
        return apply_selection(catalog, load_selection(catalog.root, config.selection))
    except CovidLabError as error:
        st.error(sentence_escaped(error))
        return catalog


def _start(config: TrainingConfig, fingerprint: str) -> None:
    try:
        engine = chosen_engine()
        run = RunStore().create(config, engine=engine.name, fingerprint=fingerprint)
        engine.submit(run)
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
    else:
        st.query_params["run"] = run.id


def _stop(run: Run) -> None:
    try:
        chosen_engine().cancel(run)
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
