"""The run that Train and Runs show: which one, how it stands, and its live view."""

import os

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, RunError
from covidlab.language import tr, tr_lazy
from covidlab.runs.jobs import Job
from covidlab.runs.names import readable_name
from covidlab.runs.report_text import describe_end
from covidlab.runs.status import State, Status
from covidlab.runs.status_text import describe_failure
from covidlab.runs.store import Run, RunStore
from covidlab.services.access import Act
from covidlab.services.actions import end_trainer
from covidlab.services.overview import overview
from covidlab.text import markdown_escaped
from covidlab.ui.shared.components.learning import learning
from covidlab.ui.shared.components.live_run import has_curves, live_run
from covidlab.ui.shared.opened_xray import open_xray
from covidlab.ui.shared.permission import allowed, may_here
from covidlab.ui.shared.run_drawing import page_state
from covidlab.ui.shared.visitor import current_visitor
from covidlab.ui.train.settings import describe_settings

NO_RUN_YET = tr_lazy(
    "No run yet. Press Start: each X-ray then moves to the probability that the model gives it, "
    "epoch by epoch. The first run prepares each X-ray with the frozen layers of VGG16, which takes "
    "some seconds. Later runs reuse that and take about one second."
)
NO_RUN_TO_LOOK_AT = tr_lazy(
    "No run yet. Once somebody starts one, it is shown here: each X-ray moves to the probability that the model gives it, "
    "epoch by epoch."
)


def active_run() -> Run | None:
    """Return the run that trains now, else the oldest that waits, else None."""
    store = RunStore()
    active = overview(store).active
    return Run(store.folder / active) if active else None


def shown_run(catalog: Catalog) -> Run | None:
    """Return the run this page shows: the one in the address, else of this data set the active or the newest that began."""
    store = RunStore()
    try:
        return _trained(store.get(st.query_params["run"]))
    except (KeyError, CovidLabError):
        states = {run: run.status() for run in store.list() if run.load_job() == Job.TRAIN}
        runs = [run for run, status in states.items() if _is_on(run, status, catalog)]
        active = (run for run in runs if states[run].is_active)
        begun = (run for run in runs if _has_begun(states[run]))
        return next(active, None) or next(begun, None) or next(iter(runs), None)


def _trained(run: Run) -> Run:
    """The run itself; raises RunError where it trains no model, as a sweep, which has a tab of its own."""
    if run.load_job() != Job.TRAIN:
        raise RunError(tr("A run that trains one model is expected. Received: {id}.", id=run.id))
    return run


def _is_on(run: Run, status: Status, catalog: Catalog) -> bool:
    """Whether a run was made on this data set; a damaged one may have been."""
    return status.state.is_unreadable or os.path.abspath(run.load_config().dataset) == os.path.abspath(catalog.root)


def _has_begun(status: Status) -> bool:
    return status.state not in (State.STOPPED, State.FAILED) or status.epoch > 0


def run_before(run: Run | None, catalog: Catalog) -> Run | None:
    """Return the newest run before this one that has finished an epoch and was made on this data set; None for none."""
    earlier = (other for other in RunStore().list() if run is not None and other.number < run.number)
    with_epochs = (other for other in earlier if (other.path / "history.csv").exists() and not other.is_damaged())
    on_this_set = (other for other in with_epochs if _is_on(other, other.status(), catalog))
    return next((other for other in on_this_set if other.load_job() == Job.TRAIN), None)


def draw_head(run: Run | None) -> Status | None:
    """Draw which run is shown and how it stands; return the status that is drawn."""
    if run is None:
        said = NO_RUN_YET if may_here(Act.TRAIN) else NO_RUN_TO_LOOK_AT
        st.info(said, icon=":material/play_circle:")
        return None
    status = run.status()
    draw_status(run, status)
    return status


def watch(run: Run | None, status: Status | None, catalog: Catalog, *, watch: dict[str, str]) -> None:
    """Draw the X-rays and the curves of a run and let the browser keep them fresh.

    The page is run again when ``status``, which it shows, no longer holds, or when the server's status (services.overview)
    differs from the values in ``watch``, on which the rest of the page depends.
    """
    draw_dots(run, catalog, ghost=run_before(run, catalog))
    if run is None:
        live_run(None, "", watch=watch, key="live_run_none", charts=False)
    else:
        draw_live(run, status, watch=watch)


def draw_dots(run: Run | None, catalog: Catalog | None, *, ghost: Run | None = None, key: str = "learning") -> None:
    """Draw every X-ray as it learns, with the honest curve; of a run that cannot be read nothing, without one the X-rays waiting.

    ``ghost`` is a run whose curve stays visible beside this one's. One ``key`` a page: the X-rays of one run move on to the next.
    """
    if run is None:
        learning(None, catalog, key=key)
        return
    status = run.status()
    if status.state.is_unreadable:
        return
    waiting = catalog if catalog is not None and _is_on(run, status, catalog) else None
    learning(run, waiting, key=key, state=page_state(status.state), ghost=ghost, on_open=open_at_epoch)


def open_at_epoch(file: str, epoch: int) -> None:
    """Open an X-ray as the model saw it after an epoch."""
    open_xray(file, epoch=epoch)


def draw_live(run: Run, status: Status, *, watch: dict[str, str]) -> None:
    """Draw loss and accuracy of a run as they come, or as they are; how far it is stands above, with its X-rays."""
    charts = status.is_active or has_curves(run)
    state = page_state(status.state)
    live_run(run, state, watch=watch, key=f"live_run_{run.id}", charts=charts, progress=False)


def draw_status(run: Run, status: Status) -> None:
    """Draw the run's name, its settings, and what there is to say where it does not simply go on."""
    st.subheader(markdown_escaped(readable_name(run), max_length=160), anchor=False)
    if not status.state.is_unreadable:
        st.caption(describe_settings(run.load_config()))
    if status.state is State.STALLED:
        st.warning(
            tr("{reason} The trainer may have stopped responding.", reason=tr(status.reason)),
            icon=":material/hourglass_empty:",
        )
        st.button(
            tr("End the trainer"),
            on_click=lambda: end_trainer(current_visitor()),
            **allowed(Act.OPERATE, help=tr("The run can continue from its last finished epoch.")),
        )
    elif status.state is State.FINISHED:
        # One line, since the X-rays that follow are what to look at.
        st.caption(f":material/check_circle: {markdown_escaped(describe_end(run), max_length=400)}")
    elif not status.is_active:
        st.warning(markdown_escaped(describe_failure(status), max_length=400))
