"""The Train page's parts: settings, estimate, the live run."""

from pathlib import Path

import streamlit as st

from covidlab.config import (
    TrainingConfig,
)
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.runs.engines.local import end_worker
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped, pluralize, seconds_in_words
from covidlab.ui.shared import curves

# Often enough to look live, seldom enough to leave the processor to the training.
LIVE_SECONDS = 0.5
IDLE_SECONDS = 3.0


NO_RUN_YET = (
    "No run yet. Press Start: the first run computes what VGG16's frozen layers give for each X-ray, which takes some seconds; "
    "every later run starts from there and takes about one second."
)


def describe_settings(config: TrainingConfig) -> str:
    """Return the settings of a run in one line."""
    return (
        f"Preset {config.preset}, depth {config.fine_tune}, rate {config.learning_rate:g}, {pluralize(config.epochs, 'epoch')}, "
        f"batch {config.batch_size}, {pluralize(config.views, 'view')}, seed {config.seed}"
        + f", X-rays of {markdown_escaped(Path(config.dataset).name)}"
        + (f", selection {markdown_escaped(config.selection)}" if config.selection else "")
    )


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
    return run.status().state.is_unreadable or Path(run.load_config().dataset).absolute() == catalog.root


def _has_begun(status: Status) -> bool:
    return status.state not in (State.STOPPED, State.FAILED) or status.epoch > 0


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
    if not status.state.is_unreadable:
        st.caption(describe_settings(run.load_config()))
    if status.state is State.RUNNING:
        remaining = status.remaining_seconds
        text = f"Epoch {status.epoch} of {status.epochs}, {status.phase}"
        text += f", {seconds_in_words(remaining)} left" if remaining else ""
        st.progress(min(1.0, status.position / max(1, status.epochs)), text=f"{text} on {status.device}")
    elif status.state is State.QUEUED:
        first = RunStore().active()
        waits_for_trainer = first is None or first.id == run.id
        text = (
            "Waiting for the trainer: its first start takes some seconds."
            if waits_for_trainer
            else "Waiting for its turn."
        )
        st.progress(0.0, text=text)
    elif status.state is State.STALLED:
        st.warning(f"{status.reason} The trainer may be hanging.", icon=":material/hourglass_empty:")
        st.button("End the trainer", on_click=end_worker, help="The run can continue from its last finished epoch.")
    elif status.state is State.FINISHED:
        st.success(
            f"Finished: {pluralize(status.epoch, 'epoch')} in {seconds_in_words(status.elapsed_seconds)} on {status.device}."
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
    num_validation = run.load_facts().get("data", {}).get("num_validation", 0)
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
