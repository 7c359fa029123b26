"""The tab of one run on Train: start and stop, every X-ray as it learns, the curves, the report."""

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.runs.store import Run
from covidlab.services.access import Act
from covidlab.ui.shared.opened_xray import draw_opened_xray
from covidlab.ui.shared.permission import may_here
from covidlab.ui.shared.report import draw_report
from covidlab.ui.shared.run_card import draw_run_card
from covidlab.ui.shared.unused import draw_unused
from covidlab.ui.shared.verdict import draw_verdict_on_set
from covidlab.ui.train.guess import draw_guess, draw_guess_result
from covidlab.ui.train.live import draw_head, watch
from covidlab.ui.train.narrator import draw_narrator
from covidlab.ui.train.preview import draw_preview
from covidlab.ui.train.settings import start_and_stop
from covidlab.ui.train.tensorboard import draw_tensorboard


def draw_one_run(config: TrainingConfig, catalog: Catalog, run: Run | None, active: Run | None) -> None:
    """Draw the run shown, and what starts the next one."""
    buttons, head = st.columns([1, 2], gap="large")
    # What of these takes no room, so that the X-rays are seen without scrolling, is a matter of the style of the page.
    with buttons, st.container(key="train_buttons"):
        start_and_stop(config, catalog, run, active)
        # Nobody guesses the run that somebody else may start.
        if may_here(Act.TRAIN):
            draw_guess(config)
        draw_unused(catalog)
    with head, st.container(gap="xsmall"):
        status = draw_head(run)
        with st.container(key="train_preview"):
            draw_preview(config, catalog, run)
    watch(run, status, catalog, watch={"active": active.id if active else ""})
    if run is None or status.is_active:
        # The report of a run that has ended has its own.
        draw_verdict_on_set(catalog, key="train_verdict")
    if run is None or status.state.is_unreadable:
        return
    draw_guess_result(run)
    draw_narrator(run)
    if not status.is_active:
        draw_report(run, catalog)
        draw_run_card(run)
    draw_tensorboard(run)
    draw_opened_xray(run, catalog)
