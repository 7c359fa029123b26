"""A run's report as a page shows it: figures with intervals, ROC, confusion matrix, every validation film."""

from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import language, tr
from covidlab.metrics import METRICS
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped, pluralize
from covidlab.ui.shared.active_model import use_model, visitors_model
from covidlab.ui.shared.cached import table_pictures
from covidlab.ui.shared.components.confusion import confusion_table
from covidlab.ui.shared.components.film_grid import film_grid
from covidlab.ui.shared.components.page_chart import page_chart
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.navigation import PREDICT, switch_page
from covidlab.ui.shared.opened_xray import draw_opened_xray, open_xray
from covidlab.ui.shared.report_view import ReportView, metric_title, report_view
from covidlab.ui.shared.tables import speaks_english
from covidlab.ui.shared.verdict import draw_verdict_line

# Of a cell of a large set.
MOST_OF_CELL = 48
# A table travels whole: with the pictures of thousands it would be tens of megabytes.
MOST_IN_TABLE = 100


def _what_metrics_mean() -> str:
    return "\n".join(f"- **{metric_title(name)}**: {HELP.get(name, HELP.get(name.upper()))}" for name in METRICS)


def draw_report(run: Run, catalog: Catalog | None) -> None:
    """Draw everything that report.json and predictions.csv of an ended run say; it is built once a run."""
    view = report_view(run)
    if view is None:
        return
    _draw_metrics(run, view)
    _draw_charts(run, view, catalog)
    _draw_films(run, view, catalog)
    draw_downloads(run, view, key="report")
    draw_opened_xray(run, catalog)


def draw_downloads(run: Run, view: ReportView, *, key: str) -> None:
    """Draw the buttons that give the report and the model, and the one that puts the model to use."""
    use, report, model = st.columns(3)
    with use:
        _draw_use(run, key=f"use_{key}_{run.id}")
    report.download_button(
        tr("Download report"),
        view.text,
        f"covidlab-run-{run.number_text}.json",
        "application/json",
        key=f"json_{key}_{run.id}",
        on_click="ignore",
        width="stretch",
    )
    if run.model_path.exists():
        model.download_button(
            tr("Download model"),
            run.model_path.read_bytes,
            f"covidlab-run-{run.number_text}.keras",
            key=f"model_{key}_{run.id}",
            on_click="ignore",
            width="stretch",
            help=tr(
                "The layers that learned, as a Keras file. Read X-rays with it: python -m covidlab predict "
                "--model FILE IMAGE"
            ),
        )


def _draw_use(run: Run, *, key: str) -> None:
    if not run.model_path.exists():
        return
    in_use = visitors_model()
    words = {"label": tr("Use this model"), "type": "primary", "help": tr("For you alone: other visitors keep theirs.")}
    if in_use is not None and in_use.id == run.id:
        words = {"label": tr("In use: read an X-ray"), "icon": ":material/check:"}
    if st.button(key=key, width="stretch", **words):
        use_model(run)
        switch_page(PREDICT)


def _draw_metrics(run: Run, view: ReportView) -> None:
    st.subheader(tr("What it learned"), anchor=False, help=HELP["confidence interval"])
    st.markdown(view.split)
    if view.unknown:
        st.warning(view.unknown, icon=":material/warning:")
    if view.conflicts:
        st.warning(view.conflicts, icon=":material/warning:")
    if view.unused:
        st.caption(view.unused)
    if view.crossed:
        st.markdown(view.crossed)
    if view.skipped:
        st.caption(view.skipped)
    page_chart(run, view, "metrics", key=f"figures_{run.id}")
    if view.answers:
        st.markdown(view.answers)
    draw_verdict_line(run, key=f"verdict_{run.id}")
    with st.expander(tr("The metrics as a table, with their meaning")):
        table = _metrics_table(view, f"{run.path}/{view.stamp}/{language()}")
        st.dataframe(table, hide_index=True, alt=tr("The metrics as a table, with their meaning"))
        st.markdown(_what_metrics_mean())


def _draw_charts(run: Run, view: ReportView, catalog: Catalog | None) -> None:
    roc, confusion = st.columns(2, gap="medium")
    with roc:
        st.markdown(tr("**ROC curve**"), help=HELP["AUC"])
        page_chart(run, view, "roc", key="roc")
    with confusion:
        st.markdown(
            tr("**Confusion matrix**"),
            help=tr("Rows: the true class. Columns: the class that the model gives at the operating point."),
        )
        confusion_table(
            view.confusion,
            view.classes,
            key=f"confusion_{run.id}",
            caption=tr("{confusion_text} Choose a cell to see its X-rays.", confusion_text=view.confusion_text),
            chosen=_chosen_cell(run),
            on_choose=partial(_choose_cell, run),
        )
    _draw_cell(run, view, catalog)


def _draw_cell(run: Run, view: ReportView, catalog: Catalog | None) -> None:
    """Draw the X-rays of the chosen cell, those that the model gets wrong first."""
    if not (cell := _chosen_cell(run)):
        return
    films = films_of_cell(view, cell)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(markdown_escaped(describe_cell(view, cell), max_length=300))
            st.button(tr("Close"), key=f"close_cell_{run.id}", on_click=_choose_cell, args=(run, ""))
        known = [] if catalog is None else [file for file in films["file"] if file in catalog]
        if known:
            film_grid(catalog, known[:MOST_OF_CELL], key=f"cell_{run.id}", on_open=open_xray)
        if len(known) > MOST_OF_CELL:
            st.caption(tr("The first {most_of_cell} of {num_known}.", most_of_cell=MOST_OF_CELL, num_known=len(known)))
        if len(known) < len(films):
            st.caption(
                tr("The other X-rays are no longer in this set.") if known else tr("The set in use does not hold them.")
            )


def films_of_cell(view: ReportView, cell: str) -> pd.DataFrame:
    """Return the rows of ``view.films`` in a cell, or in a whole row, of the matrix; those that are wrong come first."""
    true, _, predicted = cell.partition("-")
    films = view.films[view.films["class"] == view.classes[int(true)]]
    if predicted:
        films = films[films["predicted"] == view.classes[int(predicted)]]
    return films.sort_values("correct", kind="stable")


def describe_cell(view: ReportView, cell: str) -> str:
    """Return what is in a cell, as one sentence."""
    films = films_of_cell(view, cell)
    true, _, predicted = cell.partition("-")
    said = (
        tr(", predicted {class_name}", class_name=class_name(view.classes[int(predicted)]))
        if predicted
        else tr(", those that are wrong first")
    )
    return tr(
        "{validation_x_rays} of {class_name}{said}.",
        validation_x_rays=pluralize(len(films), "validation X-ray"),
        class_name=class_name(view.classes[int(true)]),
        said=said,
    )


def _chosen_cell(run: Run) -> str:
    return st.session_state.get(f"cell_of_{run.id}", "")


def _choose_cell(run: Run, cell: str) -> None:
    # The cell that is open closes.
    st.session_state[f"cell_of_{run.id}"] = "" if cell == _chosen_cell(run) else cell


def _draw_films(run: Run, view: ReportView, catalog: Catalog | None) -> None:
    st.markdown(
        tr("**Every validation X-ray**, the lowest probability of the true class first. Tick one to see it large.")
    )
    name = class_name(view.positive_class)
    num_right = int(view.films["correct"].sum())
    fingerprint = f"{catalog.root}/{catalog.fingerprint}" if catalog else ""
    st.dataframe(
        _films_table(view, catalog, f"{run.path}/{view.stamp}/{language()}/{fingerprint}"),
        alt=tr(
            "Table of {num_films} validation X-rays with the probability of {name}; the model is right on {num_right}.",
            num_films=len(view.films),
            name=name,
            num_right=num_right,
        ),
        hide_index=True,
        row_height=72,
        key=f"films_{run.id}",
        selection_mode="single-row",
        on_select=partial(_open_row, run, view),
        column_config={
            "film": st.column_config.ImageColumn("", width="small"),
            "file": tr("file"),
            "true class": tr("true class"),
            "predicted class": tr("predicted class"),
            "probability": st.column_config.ProgressColumn(
                tr("probability of {name}", name=name),
                min_value=0.0,
                max_value=1.0,
                format="%.3f" if speaks_english() else "localized",
            ),
            "right": st.column_config.CheckboxColumn(tr("right")),
        },
    )
    if len(view.films) > MOST_IN_TABLE:
        st.caption(
            tr(
                "The first {most_in_table} of {num_films:,} have a small picture here. Tick any other to see it.",
                most_in_table=MOST_IN_TABLE,
                num_films=len(view.films),
            )
        )


def _open_row(run: Run, view: ReportView) -> None:
    for row in st.session_state[f"films_{run.id}"]["selection"]["rows"]:
        open_xray(view.films["file"].iloc[row])


# Tables are kept as they travel (Arrow), the same for all who look; pictures in them are data addresses.
@st.cache_resource(max_entries=16, show_spinner=False)
def _metrics_table(_view: ReportView, key: str) -> pa.Table:
    return pa.Table.from_pandas(_view.metrics, preserve_index=False)


@st.cache_resource(max_entries=16, show_spinner=False)
def _films_table(_view: ReportView, _catalog: Catalog | None, key: str) -> pa.Table:
    films, files = _view.films, _view.films["file"].to_list()
    return pa.table(
        {
            "film": pa.array(table_pictures(_catalog, files, most=MOST_IN_TABLE), pa.string()),
            "file": files,
            "true class": [class_name(name) for name in films["class"]],
            "predicted class": [class_name(name) for name in films["predicted"]],
            "probability": films["probability"].to_numpy(),
            "right": films["correct"].to_numpy(),
        }
    )
