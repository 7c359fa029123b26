"""The table of all runs, what is listed in it, and one of them opened."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.language import tr
from covidlab.runs.jobs import Job
from covidlab.runs.names import short_name
from covidlab.runs.run_settings import SETTINGS
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.services.overview import overview
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.runs.audit import draw_audit_run
from covidlab.ui.runs.repeats import RANGE_IS_OF_SEEDS, SAME_BUT_SEED, Repeats, repeats_table
from covidlab.ui.runs.rows import CROSSED, CROSSED_AUC, CURVE, SINGLE, column_order, runs_table
from covidlab.ui.shared.components.live_run import live_run
from covidlab.ui.shared.components.table_keys import choose_rows_by_keys
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.navigation import page_link
from covidlab.ui.shared.report import draw_report
from covidlab.ui.shared.run_drawing import page_state
from covidlab.ui.shared.tables import TIME, in_visitors_language, number_column, speaks_english
from covidlab.ui.train.live import draw_dots, draw_live, draw_status
from covidlab.ui.train.sweep import draw_found

# Pixels of a character in the table, of the margins of a cell, and of the widest column.
_CHARACTER, _PADDING, _WIDEST = 6.9, 20, 300


def choose_runs(runs: Sequence[Run], listed: Sequence[Run], *, with_all: bool = False) -> list[Run]:
    """Draw the table of the runs that are listed and return the runs chosen; the choice stands in the address.

    Parameters
    ----------
    runs : all runs there are; one in the address that is none of them is said to be missing
    with_all : whether settings that are the same in all runs are shown too
    """
    asked = _asked_runs(runs)
    _draw_table(
        runs_table(listed, baseline=st.query_params.get("baseline", "")),
        [[run.id] for run in listed],
        with_all=with_all,
        alt=tr("All runs, the newest first. The arrow keys move between rows; Space or Enter opens one."),
    )
    return [run for run in runs if run.id in asked]


def choose_repeats(runs: Sequence[Run], groups: Sequence[Repeats], *, with_all: bool = False) -> list[Repeats]:
    """Draw a row for each group of repeats and return the groups chosen; their runs stand in the address."""
    asked = _asked_runs(runs)
    _draw_table(
        repeats_table(groups),
        [[run.id for run in group.runs] for group in groups],
        with_all=with_all,
        alt=tr("Repeats of the same settings, a row each. The arrow keys move between rows; Space or Enter opens one."),
    )
    st.caption(f"{SAME_BUT_SEED} {RANGE_IS_OF_SEEDS}")
    return [group for group in groups if asked & {run.id for run in group.runs}]


def _asked_runs(runs: Sequence[Run]) -> set[str]:
    """Names of the runs in the address; those that are not there are said to be missing."""
    asked = set(st.query_params.get_all("run"))
    if missing := sorted(asked - {run.id for run in runs}):
        st.warning(
            tr(
                "There is no run of this name; it may have been deleted. Received: {missing}.",
                missing=markdown_escaped(", ".join(missing)),
            )
        )
    return asked


def _draw_table(table: pd.DataFrame, ids: Sequence[Sequence[str]], *, with_all: bool, alt: str) -> None:
    """Draw a table whose rows stand for the runs in ``ids``."""
    asked = set(st.query_params.get_all("run"))
    # The table remembers rows, not runs: with other runs in it, it must be another table.
    key = f"runs_table_{hash((tuple(map(tuple, ids)), with_all))}"
    st.dataframe(
        in_visitors_language(table, {"seconds": ".1f", "started": TIME}),
        hide_index=True,
        key=key,
        on_select=_putter_in_address(ids, key),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, runs in enumerate(ids) if asked & set(runs)]}},
        placeholder="",
        column_order=column_order(table, with_all=with_all),
        column_config=_columns(table),
        alt=alt,
    )
    choose_rows_by_keys("runs_table")


def _putter_in_address(ids: Sequence[Sequence[str]], key: str) -> Callable[[], None]:
    def put_in_address() -> None:
        chosen = [run_id for row in st.session_state[key].selection.rows for run_id in ids[row]]
        if chosen:
            st.query_params["run"] = chosen
        else:
            st.query_params.pop("run", None)

    return put_in_address


def _columns(table: pd.DataFrame) -> dict:
    """How each column is drawn, wide enough for its texts: a sweep has ranges where a run has one number."""
    interval = tr("With its 95 % interval and the number of X-rays.")
    config = st.column_config
    texts = {
        "learning rate": (tr("rate"), HELP["learning rate"], 72),
        "epochs": (tr("epochs"), HELP["epoch"], 60),
        "batch size": (tr("batch"), HELP["batch size"], 56),
        "preset": (tr("preset"), HELP["preset"], 72),
        "layers that learn": (tr("layers"), HELP["fine-tune depth"], 68),
        "views": (tr("views"), HELP["views"], 64),
        "optimizer": (tr("optimizer"), HELP["optimizer"], 72),
        "weight decay": (tr("decay"), HELP["weight decay"], 64),
        "class weights": (tr("class weights"), HELP["class weights"], 100),
        "patience": (tr("patience"), HELP["patience"], 76),
        "seed": (tr("seed"), HELP["seed"], 64),
        "patients": (
            tr("patients"),
            tr(
                "Of how many patients the X-rays are. Not known: {patients_not_known}",
                patients_not_known=PATIENTS_NOT_KNOWN,
            ),
            84,
        ),
        CROSSED: (tr("cross-validated accuracy"), f"{HELP['cross-validation']} {interval}", 190),
        SINGLE: (tr("validation accuracy"), f"{HELP['accuracy']} {interval}", 180),
        CROSSED_AUC: (tr("cross-validated AUC"), f"{HELP['AUC']} {interval}", 180),
    }
    texts = {
        name: config.TextColumn(label, help=str(said), width=_width(table, name, least=width))
        for name, (label, said, width) in texts.items()
    }
    others = {name: config.TextColumn(tr(name)) for name in SETTINGS if name not in texts}
    return (
        others
        | texts
        | {
            "run": config.TextColumn(tr("run"), pinned=True, width=_width(table, "run", least=68)),
            "runs": config.TextColumn(tr("runs"), pinned=True, width=110),
            "repeats": config.NumberColumn(tr("repeats"), width=72),
            "state": config.TextColumn(tr("state"), width=80),
            CURVE: config.LineChartColumn(
                tr("honest curve"),
                help=tr(
                    "The cross-validated accuracy, median over the repeats, from before learning to the last epoch, "
                    "on an axis from 0 to 1."
                ),
                y_min=0,
                y_max=1,
                width=110,
            ),
            "tags": config.TextColumn(tr("tags"), width=110),
            "note": config.TextColumn(tr("note"), width=180),
            "seconds": number_column(tr("seconds"), decimals=1, width=72),
            "started": config.DatetimeColumn(
                tr("started"),
                format="D MMM, HH:mm" if speaks_english() else None,
                timezone=st.context.timezone,
                width=110 if speaks_english() else 140,
            ),
        }
    )


def _width(table: pd.DataFrame, name: str, *, least: int) -> int:
    """Pixels of a column that no text of it is cut in, within limits."""
    texts = table[name].fillna("").astype(str) if name in table else ()
    return min(_WIDEST, max([least, *(_PADDING + round(_CHARACTER * len(text)) for text in texts)]))


def follow_active(runs: Sequence[Run], stamp: str) -> None:
    """Say how far the run under way is; the page is run again when a run begins or ends.

    Parameters
    ----------
    stamp : of the overview (services.overview), as it was before the runs were read
    """
    active = next((run for run in reversed(runs) if run.id == overview(RunStore()).active), None)
    is_opened = active is not None and active.id in st.query_params.get_all("run")
    shown = None if is_opened else active
    prefix = tr("Run {number} · ", number=active.number) if active else ""
    state = page_state(active.status().state) if shown else ""
    live_run(shown, state, watch={"stamp": stamp}, key="runs_follow", charts=False, prefix=prefix)


def draw_run(run: Run, catalog: Catalog | None) -> None:
    """Draw one run as Train does: where it stands, its settings, its films, its curves, its report."""
    status = run.status()
    if run.is_damaged():
        reason = tr(status.reason) if status.reason else tr("Its settings cannot be read.")
        told = {"short_name": short_name(run), "reason": reason}
        st.error(
            tr("{short_name} cannot be opened. {reason} Its other files stay as they are until you delete it.", **told)
            if status.state is State.NEWER
            else tr("{short_name} is damaged. {reason} Its other files stay as they are until you delete it.", **told)
        )
        return
    if run.load_job() == Job.SWEEP:
        draw_found(run.id)
        return
    if run.load_job() == Job.AUDIT:
        draw_audit_run(run)
        return
    draw_status(run, status)
    data = run.load_facts().get("data", {})
    if "name" in data and not status.is_active:
        number = pluralize(data.get("num_films", 0), "X-ray")
        st.caption(tr("X-rays: {name}, {number}", name=markdown_escaped(data["name"]), number=number))
    draw_dots(run, catalog)
    draw_live(run, status, watch={})
    if not status.is_active:
        draw_report(run, catalog)


def draw_link_to_training() -> None:
    """Say that there is no run yet, and where one comes from."""
    st.info(tr("No run yet. Train one: its settings, curves and results are kept here."), icon=":material/tune:")
    page_link("pages/2_Train.py", label=tr("Train a model"), icon=":material/tune:")
