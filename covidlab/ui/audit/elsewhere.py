"""Another hospital on the page Audit: how the model does there beside how it does here, how the X-rays differ, each X-ray."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.elsewhere_shift_text import (
    HOW_TOLD,
    TEST_SOURCE,
    about_differences,
    about_shift,
    difference_cells,
    property_text,
    verdict_on,
)
from covidlab.audit.elsewhere_text import (
    HOW_MEASURED,
    NOT_ESTABLISHED,
    about_classes,
    about_left_out,
    about_model,
    headline,
    xray_rows,
)
from covidlab.audit.settings import ELSEWHERE
from covidlab.errors import CovidLabError
from covidlab.imaging.prepared import Recipe
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.visit_files import KEPT_SECONDS, clear_visits
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.runs.audits import FoundPart, load_audit
from covidlab.text import cell_text, class_name, markdown_escaped, sentence_escaped
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.elsewhere_asking import NAMES_KEY, PICTURES_KEY, draw_choice
from covidlab.ui.audit.elsewhere_charts import (
    both_map,
    describe_both_map,
    describe_figures,
    describe_shares,
    figures_chart,
    shares_chart,
)
from covidlab.ui.shared.tables import in_visitors_language, number_column

Found = Mapping[str, Any]

_QUIET = {"displayModeBar": False}
_PROBABILITIES = (tr_lazy("Probability"), tr_lazy("Model itself"))
# Narrow enough that a telephone shows the probability as well.
_COLUMNS = {
    tr_lazy("X-ray"): st.column_config.TextColumn(width=120),
    tr_lazy("Class"): st.column_config.TextColumn(width=80),
}
_NUMBERS = (tr_lazy("Share of models"), tr_lazy("Distance"))
_PICTURE = Recipe(picture_side=320, picture_quality=85)


def draw_elsewhere(audited: Audited) -> None:
    """Draw the section."""
    clear_visits(older_than_seconds=KEPT_SECONDS)
    st.subheader(tr("Another hospital"), anchor=False)
    part = audited.part(ELSEWHERE)
    if part is None:
        st.markdown(
            tr(
                "The test that matters: how the model does on X-rays of another hospital, X-ray by X-ray, beside "
                "how it does here; how the features differ, and which of the usual confounders do."
            )
        )
        draw_choice(audited)
        return
    if part.error:
        st.warning(sentence_escaped(part.error))
        draw_choice(audited)
        return
    _draw_found(part)
    with st.expander(tr("Measure on other X-rays")):
        draw_choice(audited)


def has_elsewhere(audited: Audited) -> bool:
    """Whether it is known how the model does on X-rays of another hospital."""
    part = audited.part(ELSEWHERE)
    return part is not None and not part.error


def _draw_found(part: FoundPart) -> None:
    found = part.found
    first, *rest = headline(found)
    st.markdown(f"**{markdown_escaped(first, max_length=400)}**")
    _draw_text(rest)
    _draw_figures(found)
    _draw_map(found)
    _draw_differences(found)
    _draw_xrays(part)
    st.markdown(markdown_escaped(" ".join(about_left_out(found)), max_length=1200))
    st.caption(str(NOT_ESTABLISHED))


def _draw_figures(found: Found) -> None:
    positive = markdown_escaped(class_name(found["positive_class"]))
    shares, figures = st.columns(2, gap="large")
    with shares:
        st.markdown(tr("**Share that resembles the {positive} X-rays of the set**", positive=positive))
        st.plotly_chart(shares_chart(found), key="audit_elsewhere_shares", config=_QUIET, alt=describe_shares(found))
    with figures:
        st.markdown(tr("**Figures here and elsewhere**"))
        st.plotly_chart(figures_chart(found), key="audit_elsewhere_figures", config=_QUIET, alt=describe_figures(found))
    st.caption(str(HOW_MEASURED))
    _draw_text([*about_classes(found), *about_model(found)])


def _draw_map(found: Found) -> None:
    st.markdown(tr("**Do the features differ?**"))
    drawn, said = st.columns([3, 2], gap="large")
    with drawn:
        st.plotly_chart(both_map(found), key="audit_elsewhere_map", config=_QUIET, alt=describe_both_map(found))
        st.caption(describe_both_map(found))
    with said:
        _draw_text(about_shift(found))
        st.caption(f"{HOW_TOLD} {TEST_SOURCE}.")


def _draw_differences(found: Found) -> None:
    st.markdown(tr("**Which of the usual confounders differ?**"))
    _draw_text(about_differences(found))
    with st.expander(tr("All properties")):
        positive = class_name(found["positive_class"])
        for group, title in (("positive", tr("{positive} X-rays", positive=positive)), ("others", tr("Other X-rays"))):
            rows = [row for row in found["differences"] if row["group"] == group]
            if rows:
                st.markdown(markdown_escaped(title))
                st.dataframe(
                    in_visitors_language(
                        _differences_table(rows), {tr("Difference of shares"): ".2f", tr("p (Holm)"): ".3f"}
                    ),
                    hide_index=True,
                    height="content",
                    alt=tr("Properties of the {title}", title=title),
                )


def _differences_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (row["p"] is None, not row["differs"]))
    cells = [difference_cells(row) for row in ordered]
    return pd.DataFrame(
        {
            tr("Property"): [property_text(row["name"]) for row in ordered],
            tr("Result"): [verdict_on(row) for row in ordered],
            tr("This set"): [here for here, _ in cells],
            tr("Elsewhere"): [elsewhere for _, elsewhere in cells],
            tr("Difference of shares"): [row["difference"] for row in ordered],
            tr("p (Holm)"): [row["p"] for row in ordered],
        }
    )


def _draw_xrays(part: FoundPart) -> None:
    rows = _named(part)
    st.markdown(tr("**X-ray by X-ray**"))
    chosen = st.dataframe(
        in_visitors_language(_shown(rows), {tr(name): ".2f" for name in _NUMBERS}),
        hide_index=True,
        height=320,
        key="audit_elsewhere_xrays",
        on_select="rerun",
        selection_mode="single-row",
        column_config={tr(name): config for name, config in _COLUMNS.items()}
        | {tr(name): number_column() for name in _NUMBERS},
        alt=tr("Each X-ray of the other hospital with the probability"),
    )
    st.caption(markdown_escaped(_columns_text(part.found), max_length=600))
    if places := chosen["selection"]["rows"]:
        _draw_picture(part, places[0])
    st.download_button(
        tr("Download as CSV"),
        _csv(rows),
        file_name="another-hospital.csv",
        mime="text/csv",
        key="audit_elsewhere_csv",
        on_click="ignore",
    )


def _shown(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a person reads them: no probability as 1.00."""
    names = [tr(name) for name in _PROBABILITIES]
    texts = [{name: probability_text(row[name]) for name in names if name in row} for row in rows]
    return pd.DataFrame([{**row, **text} for row, text in zip(rows, texts, strict=True)])


def _columns_text(found: Found) -> str:
    positive, limit = class_name(found["positive_class"]), found["limit"]
    far = (
        tr(" 99 % of the set's own X-rays are nearer than {limit:.2f} to those of other patients.", limit=limit)
        if limit is not None
        else ""
    )
    return tr(
        "Those that the models are furthest from stand first; choose a row to see the X-ray. Probability "
        "of {positive}: the mean over {num_models} models of the folds; beside it the share of them that "
        "call it {positive}. Distance: of the features to the nearest X-rays of the set.{far}",
        positive=positive,
        num_models=found["num_models"],
        far=far,
    )


def _named(part: FoundPart) -> list[dict[str, Any]]:
    """Rows of the table; what this visitor brought has its names, which nobody else sees."""
    names = st.session_state.get(NAMES_KEY, {}).get(_other(part).name, {})
    column = tr("X-ray")
    return [{**row, column: names.get(row[column], row[column])} for row in xray_rows(part.found)]


def _draw_picture(part: FoundPart, place: int) -> None:
    file = list(xray_rows(part.found))[place][tr("X-ray")]
    picture = _picture(part, file)
    if isinstance(picture, bytes):
        st.image(picture, width=240, alt=tr("Chest X-ray {x_ray}", x_ray=file))
    else:
        st.caption(markdown_escaped(picture, max_length=300))


def _picture(part: FoundPart, file: str) -> bytes | str:
    """A small picture of one X-ray, else why there is none."""
    other = _other(part)
    brought = st.session_state.get(PICTURES_KEY, {}).get(other.name, {})
    if file in brought:
        return brought[file]
    path = other / file
    if not other.is_dir() or not path.is_file():
        return tr("This X-ray is not kept here, so it cannot be shown.")
    try:
        return shared_sandbox().prepare(path.read_bytes(), recipe=_PICTURE, name=tr("This X-ray")).picture
    except (CovidLabError, OSError) as error:
        return str(error)


def _other(part: FoundPart) -> Path:
    """Where the X-rays of the other hospital were."""
    audit = load_audit(part.run)
    return Path(audit.other if audit and audit.other else "nowhere")


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([cell_text(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _draw_text(lines: Iterable[str]) -> None:
    for line in lines:
        st.markdown(markdown_escaped(line, max_length=600))
