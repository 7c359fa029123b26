"""Change an X-ray and see what a model says: a black box or a marker to drag, named changes, and amounts with their curves.

The numbers come to the browser by a route (services.alteration_routes); the page does not run for them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from covidlab.audit.curves_text import named_rows, sentences
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.evaluation.paired import THRESHOLD
from covidlab.language import tr
from covidlab.runs.active_model import model_in_use, runs_with_model
from covidlab.runs.audits import FoundPart
from covidlab.runs.exposure import PATIENT_TRAINED, TRAINED, exposure
from covidlab.runs.names import readable_name
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.xrays import listed_name
from covidlab.ui.shared.components.alter import Asked, alter
from covidlab.ui.shared.components.alter_scale import alter_scale
from covidlab.ui.shared.components.alter_strip import alter_strip
from covidlab.ui.shared.tables import in_visitors_language, number_column

# A pass of 50 X-rays takes 3.5 s on two cores, and a scale has six amounts that change them.
EXPECTED_SECONDS = 110.0
_XRAY, _MODEL = "audit_live_xray", "audit_live_model"
# The X-ray of the first screen, where one was chosen there.
_SEEN = "audit_seen_file"
# In a longer list nobody finds an X-ray.
_MOST_LISTED = 300
_LONG = 800


def draw_live(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("Change an X-ray"), anchor=False)
    part = audited.part("curves", options={}) or audited.part("curves")
    st.fragment(_draw_xray)(audited, part.found if part else {})
    _draw_curves(audited, part)


def _draw_xray(audited: Audited, curves: Mapping[str, Any]) -> None:
    asked = _choose(audited)
    if asked is None:
        st.info(tr("There is no model yet. Train one first."))
        return
    try:
        alter(asked, key="audit_alter")
        st.caption(_about(asked))
        st.markdown(tr("**Named changes**, each with the number before and after it"))
        alter_strip(asked, key="audit_alter_strip")
        st.markdown(tr("**More and more of a change**"))
        alter_scale(asked, curves, key="audit_alter_scale")
    except CovidLabError as error:
        st.warning(sentence_escaped(error))


def _choose(audited: Audited) -> Asked | None:
    """Draw the choice of the X-ray and of the model; None where there is no model."""
    runs = {run.id: run for run in runs_with_model()}
    default = audited.run if audited.run_id in runs else model_in_use()
    if default is None:
        return None
    catalog, (left, right) = audited.catalog, st.columns(2)
    files = _offered(catalog)
    seen = st.session_state.get(_SEEN)
    file = left.selectbox(
        tr("X-ray"),
        files,
        index=files.index(seen) if seen in files else _first_positive(catalog, files),
        format_func=partial(listed_name, catalog),
        key=_XRAY,
    )
    run_id = right.selectbox(
        tr("Model that reads it"),
        list(runs),
        index=list(runs).index(default.id),
        format_func=lambda run_id: one_line(readable_name(runs[run_id]), max_length=160),
        key=_MODEL,
        help=tr("Any saved run. It reads the X-ray as on Predict, without a map."),
    )
    index = int((catalog.films["file"] == file).to_numpy().argmax())
    return Asked(catalog=catalog, index=index, run=runs[run_id], threshold=_threshold(runs[run_id]))


def _offered(catalog: Catalog) -> list[str]:
    """The X-rays of the list, by class, of a large set an even choice."""
    ordered = catalog.films.sort_values(["class", "file"])["file"].tolist()
    return ordered[:: -(-len(ordered) // _MOST_LISTED)]


def _first_positive(catalog: Catalog, files: list[str]) -> int:
    classes = catalog.films.set_index("file")["class"]
    return next((place for place, file in enumerate(files) if classes[file] == catalog.positive_class), 0)


def _threshold(run: Run) -> float:
    return float((run.report() or {}).get("threshold", THRESHOLD))


def _about(asked: Asked) -> str:
    """What the number is, and whether the model knows the X-ray."""
    seen = exposure(asked.run, asked.catalog).get(asked.file)
    known = {
        TRAINED: tr("This model was trained on this X-ray. "),
        PATIENT_TRAINED: tr("This model was trained on another X-ray of this patient. "),
    }.get(seen, "")
    return tr(
        "{known}Drag the box or the marker, or move it with the arrow keys. While it moves, the number "
        "is computed with fewer digits; once it rests, it is the one of Predict. A number that moves "
        "says that the model uses what was covered or added; one that stays does not say that it uses "
        "nothing there. The bar is stretched at both ends (log odds).",
        known=known,
    )


def _draw_curves(audited: Audited, part: FoundPart | None) -> None:
    """The figures of all changes over all X-rays, or the button that asks for them."""
    if part is not None and part.error:
        st.warning(sentence_escaped(part.error))
    elif part is not None and part.found:
        for sentence in sentences(part.found):
            st.markdown(f"- {markdown_escaped(sentence, max_length=_LONG)}")
        if rows := named_rows(part.found):
            means = [name for name, value in rows[0].items() if not isinstance(value, str)]
            said = tr("Mean probability of the positive class.")
            shown = {name: number_column(help=said) for name in means}
            table = in_visitors_language(pd.DataFrame(rows), dict.fromkeys(means, ".2f"))
            st.dataframe(table, hide_index=True, column_config=shown, key="audit_curves_named", alt=said)
    if part is None or part.error or not (part.found.get("named") and len(part.found.get("scales", {})) > 1):
        ask_for(
            audited,
            ("curves",),
            tr("Compute the curves"),
            key="audit_curves_ask",
            expected_seconds=EXPECTED_SECONDS,
            options={"curves": {}},
            help=tr(
                "All {x_rays} with each change, read by held-out heads: about two minutes for fifty the first "
                "time, some seconds afterwards.",
                x_rays=pluralize(audited.catalog.num_films, "X-ray"),
            ),
        )
