"""What a sweep searches, as controls on Train, and the buttons that start it, stop it and let it go on."""

from typing import Any

import streamlit as st

from covidlab.config import FINE_TUNE_DEPTHS, LEARNING_RATES, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.evaluation.sweep_space import SAMPLERS, SweepConfig
from covidlab.language import tr, tr_lazy
from covidlab.runs.continuing import CAN_CONTINUE
from covidlab.runs.estimate import estimate
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run
from covidlab.services.access import Act
from covidlab.services.actions import go_on, start_run, stop_run
from covidlab.text import about_seconds, markdown_escaped, plain_number
from covidlab.ui.shared.permission import allowed, say_why_not
from covidlab.ui.shared.visitor import current_visitor, typed_name

BATCH_SIZES = (2, 4, 8, 16, 32)
MOST_EPOCHS, MOST_TRIALS = 100, 200
SWEEP, _MESSAGE = "sweep", "sweep_message"
# The tabs of Train, and the one that shows a run.
TRAIN_TAB, ONE_RUN = "train_tab", tr_lazy("One run")
_DEFAULTS = SweepConfig()
SAMPLER_TITLES = {"grid": tr_lazy("grid"), "random": tr_lazy("random"), "tpe": "TPE"}
# One trial trains five heads side by side, a cross-validation fifty (runs.estimate).
_TRIAL_COST = 0.4
_LUCK_SECONDS = 10.0


def sweep_settings() -> SweepConfig:
    """Draw the ranges and return what they say."""
    sampler = st.segmented_control(
        tr("How trials are chosen"),
        SAMPLERS,
        default=_DEFAULTS.sampler,
        required=True,
        format_func=lambda sampler: tr(SAMPLER_TITLES[sampler]),
        key="sweep_sampler",
        help=(
            tr(
                "**grid**: all combinations of evenly spaced values. **random**: drawn evenly from the ranges. "
                "**TPE**: batches of ten; each looks near the best trials so far, and trials below the median of "
                "earlier ones are given up (Optuna)."
            )
        ),
    )
    trials = st.slider(tr("Trials"), 10, MOST_TRIALS, _DEFAULTS.trials, step=10, key="sweep_trials")
    rates = st.select_slider(
        tr("Learning rates"),
        LEARNING_RATES,
        value=_DEFAULTS.learning_rates,
        format_func=plain_number,
        key="sweep_learning_rates",
    )
    batches = st.select_slider(tr("Batch sizes"), BATCH_SIZES, value=_DEFAULTS.batch_sizes, key="sweep_batch_sizes")
    epochs = st.slider(tr("Epochs"), 1, MOST_EPOCHS, _DEFAULTS.epochs, key="sweep_epochs")
    with st.expander(tr("Layers that learn, seed")):
        depths = st.multiselect(
            tr("Layers that learn"),
            FINE_TUNE_DEPTHS,
            default=list(_DEFAULTS.depths),
            key="sweep_depths",
            help=tr("Trials of the head learn side by side. Each trial that learns deeper takes minutes."),
        )
        seed = st.number_input(tr("Seed of the trials"), 0, 9999, _DEFAULTS.seed, key="sweep_seed")
    return SweepConfig(
        trials=trials,
        sampler=sampler,
        learning_rates=tuple(rates),
        batch_sizes=tuple(batches),
        epochs=tuple(epochs),
        depths=tuple(depths) or _DEFAULTS.depths,
        seed=int(seed),
    )


def sweep_buttons(config: TrainingConfig, catalog: Catalog, sweep: SweepConfig, shown: Run | None) -> None:
    """Draw Start, and Stop or Continue for the sweep that is shown, with what a sweep is expected to take."""
    expected = expected_seconds(config, catalog, sweep)
    state = shown.status().state if shown else None
    start, other = st.columns(2)
    start.button(
        tr("Start sweep"),
        key="sweep_start",
        type="primary",
        width="stretch",
        on_click=_start,
        args=(config, catalog.fingerprint, sweep, expected),
        **allowed(Act.TRAIN),
    )
    can_continue = state in CAN_CONTINUE
    other.button(
        tr("Continue") if can_continue else tr("Stop sweep"),
        key="sweep_continue" if can_continue else "sweep_stop",
        width="stretch",
        on_click=_go_on if can_continue else _stop,
        args=(shown,),
        **allowed(
            Act.STOP,
            shown,
            disabled=not (can_continue or (state is not None and state.is_active)),
            help=tr("Goes on after the last trial that is done.") if can_continue else None,
        ),
    )
    say_why_not(Act.TRAIN)
    note = (
        tr(" Trials that learn deeper are not counted in this: each takes minutes.")
        if sweep.depths != ("head",)
        else ""
    )
    st.caption(
        tr(
            "{capitalize} with the preset, views and seed of the settings above, luck meter included.{note}",
            capitalize=about_seconds(expected).capitalize(),
            note=note,
        )
    )
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(markdown_escaped(message, max_length=400))


def expected_seconds(config: TrainingConfig, catalog: Catalog, sweep: SweepConfig) -> float:
    """Return what a sweep is expected to take here, its trials of the head alone."""
    middle = TrainingConfig.from_dict(
        {**config.to_dict(), "fine_tune": "head", "epochs": max(1, sum(sweep.epochs) // 2), "start_from": None}
    )
    expected = estimate(middle, catalog)
    return expected.activations + sweep.trials * _TRIAL_COST * expected.training + _LUCK_SECONDS * sweep.trials / 100


def make_run(config: TrainingConfig, fingerprint: str) -> None:
    """Start a run with the settings of a trial and show it; as the callback of a button."""
    if _submit(config, fingerprint, job=Job.TRAIN, address="run"):
        st.session_state[TRAIN_TAB] = ONE_RUN


def _start(config: TrainingConfig, fingerprint: str, sweep: SweepConfig, expected: float) -> None:
    own = TrainingConfig.from_dict({**config.to_dict(), "fine_tune": sweep.depths[0], "start_from": None})
    further = {"sweep": sweep.to_dict()}
    _submit(own, fingerprint, job=Job.SWEEP, address=SWEEP, expected_seconds=expected, more=further)


def _submit(config: TrainingConfig, fingerprint: str, *, address: str, **further: Any) -> bool:
    """Start a run and put it in the address; False, with a message for the page, where that fails."""
    try:
        run = start_run(current_visitor(), config, fingerprint=fingerprint, name=typed_name(), **further)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
        return False
    st.query_params[address] = run.id
    return True


def _stop(run: Run) -> None:
    try:
        stop_run(current_visitor(), run)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def _go_on(run: Run) -> None:
    try:
        go_on(current_visitor(), run)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
