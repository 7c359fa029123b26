"""The table of all runs and one of them opened."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.runs.report_text import describe_patients
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.services.overview import overview
from covidlab.text import decimal_text, markdown_escaped, pluralize
from covidlab.ui.runs.comparison import short_metric
from covidlab.ui.shared.components.live_run import live_run
from covidlab.ui.shared.components.table_keys import choose_rows_by_keys
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.navigation import page_link
from covidlab.ui.shared.report import draw_report
from covidlab.ui.shared.run_drawing import page_state
from covidlab.ui.train.live import draw_live, draw_status

COLUMNS = (
    *("run", "state", "accuracy", "cross-validated accuracy", "cross-validated AUC", "preset", "layers", "rate"),
    *("epochs", "batch", "views", "seed", "selection", "patients", "seconds", "started"),
)


def runs_table(runs: Sequence[Run], *, baseline: str = "") -> pd.DataFrame:
    """Return a row a run, in the order given; what a damaged run does not say stays empty."""
    rows = [_row(run, is_baseline=run.id == baseline) for run in runs]
    # Damaged runs have two entries only: the columns stand here, whatever the runs.
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(run: Run, *, is_baseline: bool) -> dict:
    status = run.status()
    row = {"run": f"{run.number} (base)" if is_baseline else f"{run.number}", "state": str(status.state)}
    if run.is_damaged():
        return row if status.state.is_unreadable else {**row, "state": str(State.DAMAGED)}
    config, report = run.load_config(), run.report() or {}
    crossed = report.get("cross_validation") or {}
    return {
        **row,
        "accuracy": short_metric(report.get("accuracy")),
        "cross-validated accuracy": short_metric(crossed.get("accuracy"), with_number=False),
        "cross-validated AUC": short_metric(crossed.get("auc"), with_number=False),
        "preset": config.preset,
        "layers": config.fine_tune,
        "rate": decimal_text(config.learning_rate),
        "epochs": config.epochs,
        "batch": config.batch_size,
        "views": config.views,
        "seed": config.seed,
        "selection": config.selection or "all X-rays",
        "patients": describe_patients(run.load_facts().get("data", {})),
        "seconds": (report.get("seconds") or {}).get("total"),
        "started": pd.to_datetime(
            run.load_facts().get("started") or run.load_facts().get("created"), utc=True, errors="coerce"
        ),
    }


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw the table and return the runs chosen in it; the choice stands in the address."""
    asked = set(st.query_params.get_all("run"))
    known = {run.id for run in runs}
    if missing := sorted(asked - known):
        st.warning(
            f"There is no run of this name; it may have been deleted. Received: {markdown_escaped(', '.join(missing))}."
        )
    # The table remembers rows, not runs: with other runs in it, it must be another table.
    key = f"runs_table_{hash(tuple(run.id for run in runs))}"
    st.dataframe(
        runs_table(runs, baseline=st.query_params.get("baseline", "")),
        hide_index=True,
        key=key,
        on_select=lambda: _put_in_address(runs, key),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, run in enumerate(runs) if run.id in asked]}},
        placeholder="",
        column_config=_columns(),
        alt="All runs, the newest first. The arrow keys move between rows; Space or Enter opens one.",
    )
    choose_rows_by_keys("runs_table")
    return [run for run in runs if run.id in asked]


def _put_in_address(runs: Sequence[Run], key: str) -> None:
    chosen = [runs[row].id for row in st.session_state[key].selection.rows]
    if chosen:
        st.query_params["run"] = chosen
    else:
        st.query_params.pop("run", None)


def _columns() -> dict:
    interval = "With its 95 % interval."
    config = st.column_config
    return {
        "run": config.TextColumn("run", pinned=True, width=76),
        "state": config.TextColumn("state", width=84),
        "accuracy": config.TextColumn("validation accuracy", help=f"{HELP['accuracy']} {interval}", width=180),
        "cross-validated accuracy": config.TextColumn(
            "cross-val. accuracy", help=f"{HELP['cross-validation']} {interval}", width=136
        ),
        "cross-validated AUC": config.TextColumn("cross-val. AUC", help=f"{HELP['AUC']} {interval}", width=136),
        "preset": config.TextColumn("preset", help=HELP["preset"], width=72),
        "layers": config.TextColumn("layers", help=HELP["fine-tune depth"], width=68),
        "rate": config.TextColumn("rate", help=HELP["learning rate"], width=64),
        "epochs": config.NumberColumn("epochs", help=HELP["epoch"], width=64),
        "batch": config.NumberColumn("batch", help=HELP["batch size"], width=64),
        "views": config.NumberColumn("views", help=HELP["views"], width=64),
        "seed": config.NumberColumn("seed", help=HELP["seed"], format="%d", width=64),
        "patients": config.TextColumn(
            "patients", help=f"Of how many patients the X-rays are. Not known: {PATIENTS_NOT_KNOWN}", width=84
        ),
        "seconds": config.NumberColumn("seconds", format="%.1f", width=72),
        "started": config.DatetimeColumn("started", format="D MMM, HH:mm", timezone=st.context.timezone, width=110),
    }


def follow_active(runs: Sequence[Run], stamp: str) -> None:
    """Say how far the run under way is; the page is run again when a run begins or ends.

    Parameters
    ----------
    stamp : of the overview (services.overview), as it was before the runs were read
    """
    active = next((run for run in reversed(runs) if run.id == overview(RunStore()).active), None)
    is_opened = active is not None and active.id in st.query_params.get_all("run")
    shown = None if is_opened else active
    prefix = f"Run {active.number} · " if active else ""
    state = page_state(active.status().state) if shown else ""
    live_run(shown, state, watch={"stamp": stamp}, key="runs_follow", charts=False, prefix=prefix)


def draw_run(run: Run, catalog: Catalog | None) -> None:
    """Draw one run as Train does: where it stands, its settings, its films, its curves, its report."""
    status = run.status()
    if run.is_damaged():
        reason = status.reason or "Its settings cannot be read."
        what = "cannot be opened" if status.state is State.NEWER else "is damaged"
        st.error(f"Run {run.number} {what}. {reason} Its other files stay as they are until you delete it.")
        return
    draw_status(run, status)
    data = run.load_facts().get("data", {})
    if "name" in data and not status.is_active:
        st.caption(f"X-rays: {markdown_escaped(data['name'])}, {pluralize(data.get('num_films', 0), 'X-ray')}")
    draw_live(run, status, watch={})
    if not status.is_active:
        draw_report(run, catalog)


def draw_link_to_training() -> None:
    """Say that there is no run yet, and where one comes from."""
    st.info("No run yet. Train one: its settings, curves and results are kept here.", icon=":material/tune:")
    page_link("pages/2_Train.py", label="Train a model", icon=":material/tune:")
