"""Cross-validation on the page Audit: the main estimate, what a split by image would have said, and each X-ray's answer."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.folds_text import (
    describe_accuracy,
    describe_by_image,
    describe_leaks,
    describe_needed,
    describe_one_out,
    describe_permutation,
    describe_spread,
)
from covidlab.audit.settings import REPEATS_RANGE, AuditConfig
from covidlab.evaluation.patients_needed import patients_needed
from covidlab.language import tr
from covidlab.metrics import METRICS
from covidlab.text import class_name, markdown_escaped, pluralize
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.folds_charts import (
    comparison_chart,
    describe_comparison,
    describe_permutations,
    describe_xrays,
    ordered,
    permutation_chart,
    xrays_chart,
)
from covidlab.ui.shared.cached import current_thumbnails
from covidlab.ui.shared.report_view import metric_title
from covidlab.ui.shared.tables import in_visitors_language

Found = Mapping[str, Any]

_QUIET = {"displayModeBar": False}
# Of one repeat and of what does not depend on their number, in seconds.
_EACH, _ALL = 0.15, 6.0
_PRECISIONS = (2, 3, 5, 10, 15, 20)


def draw_folds(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Cross-validation, patients kept together"), anchor=False)
    part = audited.part("folds")
    if part is None:
        st.markdown(
            tr(
                "The accuracy on patients that the model has not learned from, with its interval; beside it what "
                "the original split by image says."
            )
        )
    _ask(audited, done=part is not None)
    if part is None:
        return
    if part.error:
        st.warning(markdown_escaped(part.error, max_length=400))
        return
    _draw_figures(part.found)
    _draw_comparison(part.found)
    _draw_xrays(audited, part.found)
    _draw_permutation(part.found)
    _draw_needed(part.found)


def _ask(audited: Audited, *, done: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low, high = REPEATS_RANGE
        repeats = st.slider(
            tr("Repeats"),
            low,
            high,
            AuditConfig.repeats,
            key="audit_repeats",
            width=320,
            help=tr(
                "Each repeat deals the patients into folds again. More repeats make the mean steadier. They do "
                "not make the interval shorter, since the patients stay the same."
            ),
        )
        ask_for(
            audited,
            ["folds"],
            tr("Cross-validate again") if done else tr("Cross-validate"),
            key="audit_folds",
            expected_seconds=_ALL + _EACH * repeats,
            repeats=repeats,
        )


def _draw_figures(found: Found) -> None:
    st.markdown(f"**{markdown_escaped(describe_accuracy(found), max_length=600)}**")
    if spread := describe_spread(found):
        st.caption(markdown_escaped(spread, max_length=600))
    st.table(_figures_table(found), border="horizontal")
    st.caption(
        tr(
            "Each cell: the figure, its 95 % interval from resampling patients (each left out once), and the "
            "X-rays it counts."
        )
    )


def _figures_table(found: Found) -> pd.DataFrame:
    one_out = (found.get("one_out") or {}).get("figures")
    columns = {tr("Folds by patient"): found["figures"]}
    if one_out:
        columns[tr("One patient left out") if found["num_patients"] else tr("One X-ray left out")] = one_out
    cells = {title: [_cell(figures.get(name)) for name in METRICS] for title, figures in columns.items()}
    return pd.DataFrame(cells, index=[metric_title(name) for name in METRICS])


def _cell(figure: Mapping[str, Any] | None) -> str:
    if not figure or figure["value"] is None:
        return tr("not defined")
    return tr(
        "{value:.2f} ({low:.2f} to {high:.2f}), n\u00a0=\u00a0{n:,}",
        value=figure["value"],
        low=figure["low"],
        high=figure["high"],
        n=figure["n"],
    )


def _draw_comparison(found: Found) -> None:
    st.markdown(tr("**What the original 80/20 split by image would have said**"))
    st.plotly_chart(
        comparison_chart(found), key="audit_folds_comparison", config=_QUIET, alt=describe_comparison(found)
    )
    said = f"{describe_by_image(found)} {describe_leaks(found)} {describe_one_out(found)}"
    st.markdown(markdown_escaped(said, max_length=1200))
    st.caption(tr("Diamonds have their 95 % interval. In a circle stands the number of seeds with that accuracy."))


def _draw_xrays(audited: Audited, found: Found) -> None:
    st.markdown(tr("**Each X-ray, by heads that have not learned from its patient**"))
    chosen = st.plotly_chart(
        xrays_chart(found),
        key="audit_folds_xrays",
        config=_QUIET,
        alt=describe_xrays(found),
        on_select="rerun",
        selection_mode="points",
    )
    st.caption(
        tr(
            "{describe_xrays} Lines: lowest and highest over repeats. X-rays on one grey band are of one "
            "patient. Click a point to see the X-ray.",
            describe_xrays=describe_xrays(found),
        )
    )
    for point in chosen["selection"]["points"][:1]:
        _draw_chosen(audited, found, str((point.get("customdata") or [""])[0]))
    with st.expander(tr("All X-rays as a table")):
        numbers = (tr("Probability"), tr("Lowest"), tr("Highest"))
        shown = in_visitors_language(_xrays_table(found), dict.fromkeys(numbers, ".2f"))
        st.dataframe(shown, hide_index=True, alt=tr("The held-out answers"))


def _draw_chosen(audited: Audited, found: Found, file: str) -> None:
    row = next((row for row in found["xrays"] if row["file"] == file), None)
    if row is None or file not in audited.catalog:
        return
    picture, said = st.columns([1, 3], gap="medium")
    thumbnail = next(iter(current_thumbnails(audited.catalog, [file])))
    if isinstance(thumbnail, bytes):
        picture.image(thumbnail, width=180, alt=tr("Chest X-ray {file}", file=file))
    patient = tr(", patient {patient}", patient=row["patient"]) if row["patient"] else ""
    said.markdown(
        markdown_escaped(
            tr(
                "{file}{patient}. True class: {class_name}. Probability of {class_name_2} {mean:.2f} on average, "
                "{lowest:.2f} to {highest:.2f} over repeats; right in {repeats_right}.",
                file=file,
                patient=patient,
                class_name=class_name(row["class"]),
                class_name_2=class_name(found["positive_class"]),
                mean=row["mean"],
                lowest=row["lowest"],
                highest=row["highest"],
                repeats_right=_repeats_right(found, row),
            ),
            max_length=600,
        )
    )


def _xrays_table(found: Found) -> pd.DataFrame:
    rows = ordered(found)
    return pd.DataFrame(
        {
            tr("X-ray"): [row["file"] for row in rows],
            tr("Patient"): [row["patient"] for row in rows],
            tr("True class"): [class_name(row["class"]) for row in rows],
            tr("Probability"): [round(row["mean"], 2) for row in rows],
            tr("Lowest"): [round(row["lowest"], 2) for row in rows],
            tr("Highest"): [round(row["highest"], 2) for row in rows],
            tr("Right in"): [_repeats_right(found, row) for row in rows],
        }
    )


def _repeats_right(found: Found, row: Mapping[str, Any]) -> str:
    return tr(
        "{right} of {repeats}",
        right=round(row["right"] * found["repeats"]),
        repeats=pluralize(found["repeats"], "repeat"),
    )


def _draw_permutation(found: Found) -> None:
    st.markdown(tr("**Could this be chance?**"))
    st.plotly_chart(
        permutation_chart(found), key="audit_folds_permutation", config=_QUIET, alt=describe_permutations(found)
    )
    st.markdown(markdown_escaped(describe_permutation(found), max_length=800))


def _draw_needed(found: Found) -> None:
    st.markdown(tr("**How many patients would be needed?**"))
    points = st.select_slider(
        tr("Points to each side"),
        _PRECISIONS,
        value=5,
        key="audit_precision",
        width=320,
        format_func=lambda value: f"± {value}",
    )
    within = points / 100
    value = found["figures"]["sensitivity"]["value"]
    st.markdown(markdown_escaped(describe_needed(found, within=within), max_length=600))
    if value != 0.9:
        st.caption(
            tr(
                "For a share of 0.90: {patients_needed:,} patients of each class.",
                patients_needed=patients_needed(0.9, within=within),
            )
        )
