"""The Train page's parts: settings, estimate, the live run."""

from dataclasses import replace
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
from covidlab.data.selections import apply_selection, load_selection, selection_names
from covidlab.errors import CovidLabError
from covidlab.runs.engines.local import end_worker, ensure_worker
from covidlab.runs.estimate import Estimate, estimate
from covidlab.runs.store import Run, RunStore, Status
from covidlab.ui.shared import curves
from covidlab.ui.shared.words import HELP, counted, markdown_escaped, seconds_in_words, sentence_escaped

# Often enough to look live, seldom enough to leave the processor to the training.
LIVE_SECONDS = 0.5
IDLE_SECONDS = 3.0

ALL_FILMS = "all films"

MAX_EPOCHS_ON_SLIDER = 100
MAX_BATCH_ON_SLIDER = 32

NO_RUN_YET = (
    "No run yet. Press Start: the first run computes what VGG16's frozen layers give for each film, which takes some seconds; "
    "every later run starts from there and takes about one second."
)

_DEFAULTS = TrainingConfig(dataset="")
_DEPTH_NAMES = {
    "head": "the 33,000 numbers of the head",
    "block5": "the head and block 5, 7.1 million numbers,",
    "block4": "the head and blocks 4 and 5, 13 million numbers,",
    "all": "all layers, 14.7 million numbers,",
}
_DIFFERENCE = (
    "**default**: films as VGG16 was trained on them, the whole 7 × 7 map averaged, patients kept on one side of the split.  \n"
    "**original**: the published procedure. Intensities from 0 to 1 fed straight in, only the upper left 4 × 4 cells of the map "
    "seen, split by image, so that films of one patient can stand on both sides."
)


def training_settings(catalog: Catalog) -> TrainingConfig:
    """Draw the sliders, their state bound to the address of the page, and return what they say."""
    bound = {"bind": "query-params"}
    learning_rate = st.select_slider(
        "Learning rate",
        LEARNING_RATES,
        value=_DEFAULTS.learning_rate,
        format_func=lambda rate: f"{rate:g}",
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
        st.caption(_DIFFERENCE)
        fine_tune = st.selectbox(
            "Layers that learn",
            FINE_TUNE_DEPTHS,
            key="train_fine_tune",
            help=HELP["fine-tune depth"],
            **bound,
        )
        st.caption(f"{_DEPTH_NAMES[fine_tune].capitalize()} learn.")
        views = st.slider("Views of each film", 1, 10, _DEFAULTS.views, key="train_views", help=HELP["views"], **bound)
        seed = st.number_input("Seed", 0, 9999, _DEFAULTS.seed, key="train_seed", help=HELP["seed"], **bound)
        selection = _choose_selection(catalog)
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
    )


def _choose_selection(catalog: Catalog) -> str | None:
    """Draw the choice of a saved selection where there is one; None for all films."""
    names = selection_names(catalog.root)
    if not names:
        return None
    chosen = st.selectbox(
        "Films",
        [ALL_FILMS, *names],
        key="train_selection",
        bind="query-params",
        help="All films, or a selection made on Curate.",
    )
    return None if chosen == ALL_FILMS else chosen


def describe_estimate(expected: Estimate) -> str:
    """Return what a run is expected to take, in one or two sentences."""
    parts = (
        [f"{counted(expected.num_passes, 'pass', 'passes')} through VGG16 not yet in the cache"]
        if expected.num_passes
        else []
    )
    text = f"About {seconds_in_words(expected.total)}"
    if parts:
        text += f", of which {seconds_in_words(expected.activations)} for {parts[0]}"
    return f"{text}." + ("" if expected.measured else " A guess until this machine has trained once at this depth.")


def describe_settings(config: TrainingConfig) -> str:
    """Return the settings of a run in one line."""
    return (
        f"Preset {config.preset}, depth {config.fine_tune}, rate {config.learning_rate:g}, {counted(config.epochs, 'epoch')}, "
        f"batch {config.batch_size}, {counted(config.views, 'view')}, seed {config.seed}"
        + f", films of {markdown_escaped(Path(config.dataset).name)}"
        + (f", selection {markdown_escaped(config.selection)}" if config.selection else "")
    )


def start_and_stop(config: TrainingConfig, catalog: Catalog, shown: Run | None) -> None:
    """Draw the two buttons and the estimate; Stop ends the run shown, or where that has ended, the active one."""
    active = RunStore().active()
    to_stop = shown if shown and shown.status().is_active else active
    start, stop = st.columns(2)
    start.button(
        "Start" if active is None else "Start another",
        key="train_start",
        type="primary",
        width="stretch",
        on_click=_start,
        args=(config,),
        help="A run that begins while another trains waits for its turn." if active else None,
    )
    label = "Stop" if to_stop is None or to_stop.id == (shown and shown.id) else f"Stop {to_stop.name}"
    stop.button(label, key="train_stop", width="stretch", disabled=to_stop is None, on_click=_stop, args=(to_stop,))
    preset = "" if config.preset == _DEFAULTS.preset else f"Preset {config.preset}. "
    used = _films_used(config, catalog)
    selected = "" if used is catalog else describe_films_used(config, used, catalog) + " "
    st.caption(preset + selected + describe_estimate(estimate(config, used)))
    if message := st.session_state.pop("train_message", None):
        st.error(markdown_escaped(message, max_length=400))


def describe_films_used(config: TrainingConfig, used: Catalog, catalog: Catalog) -> str:
    """Return in Markdown which selection is trained on and how many films that is."""
    return (
        f"Selection {markdown_escaped(config.selection)}: {used.num_films:,} of {counted(catalog.num_films, 'film')}."
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


def shown_run(catalog: Catalog) -> Run | None:
    """Return the run this page shows: the one in the address, else of this data set the active or the newest that began."""
    store = RunStore()
    try:
        return store.get(st.query_params["run"])
    except (KeyError, CovidLabError):
        runs = [run for run in store.list() if _is_on(run, catalog)]
        states = [run.status() for run in runs]
        active = (run for run, status in zip(runs, states, strict=True) if status.is_active)
        begun = (run for run, status in zip(runs, states, strict=True) if _has_begun(status))
        return next(active, None) or next(begun, None) or next(iter(runs), None)


def _is_on(run: Run, catalog: Catalog) -> bool:
    """Whether a run was made on this data set; a damaged one may have been."""
    return run.status().state == "damaged" or Path(run.config.dataset).absolute() == catalog.root


def _has_begun(status: Status) -> bool:
    return status.state not in ("stopped", "failed") or status.epoch > 0


def watch(run: Run | None) -> None:
    """Draw the run and keep it fresh; the whole page is drawn anew when its state changes or another run begins."""
    seen = _state_of(run)

    @st.fragment(run_every=LIVE_SECONDS if run and run.status().is_active else IDLE_SECONDS)
    def live() -> None:
        if _state_of(run) != seen:
            st.rerun()
        if run is None:
            st.info(NO_RUN_YET, icon=":material/play_circle:")
        else:
            draw_status(run, run.status())
            draw_curves(run)

    live()


def draw_status(run: Run, status: Status) -> None:
    """Draw the run's name, where it stands and what is left."""
    st.subheader(f"Run {run.number}", anchor=False)
    if status.state != "damaged":
        st.caption(describe_settings(run.config))
    if status.state == "running":
        remaining = status.remaining_seconds
        text = f"Epoch {status.epoch} of {status.epochs}, {status.phase}"
        text += f", {seconds_in_words(remaining)} left" if remaining else ""
        st.progress(min(1.0, status.position / max(1, status.epochs)), text=f"{text} on {status.device}")
    elif status.state == "queued":
        first = RunStore().active()
        waits_for_trainer = first is None or first.id == run.id
        text = (
            "Waiting for the trainer: its first start takes some seconds."
            if waits_for_trainer
            else "Waiting for its turn."
        )
        st.progress(0.0, text=text)
    elif status.state == "stalled":
        st.warning(f"{status.reason} The trainer may be hanging.", icon=":material/hourglass_empty:")
        st.button("End the trainer", on_click=end_worker, help="The run can continue from its last finished epoch.")
    elif status.state == "finished":
        st.success(
            f"Finished: {counted(status.epoch, 'epoch')} in {seconds_in_words(status.elapsed_seconds)} on {status.device}."
        )
    else:
        state = status.state.capitalize()
        text = status.reason if status.reason.startswith(state) else f"{state}. {status.reason}"
        st.warning(markdown_escaped(text, max_length=400))


def draw_curves(run: Run) -> None:
    """Draw loss and accuracy of the run, as far as it has come."""
    history, steps, epochs = run.history(), run.steps(), max(1, run.recorded_status().epochs)
    if history.empty and steps.empty and not run.status().is_active:
        return
    num_validation = run.facts.get("data", {}).get("num_validation", 0)
    for column, measure in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        figure = curves.history_chart(
            history, epochs=epochs, num_validation=num_validation, measure=measure, steps=steps
        )
        column.plotly_chart(
            figure,
            key=f"curve_{run.id}_{measure}",
            config={"displayModeBar": False},
            alt=curves.describe_history(history, measure=measure, num_validation=num_validation),
        )


def _state_of(run: Run | None) -> tuple[str | None, str | None]:
    """State of the run shown, and which run is active: what decides how the rest of the page looks."""
    active = RunStore().active()
    return run.status().state if run else None, active.id if active else None


def _start(config: TrainingConfig) -> None:
    try:
        run = RunStore().create(replace(config))
        ensure_worker()
    except CovidLabError as error:
        st.session_state["train_message"] = str(error)
    else:
        st.query_params["run"] = run.id


def _stop(run: Run) -> None:
    run.request_stop()
