"""The page Audit from top to bottom: which model, the audit under way, and its sections in tabs."""

from collections.abc import Callable

import streamlit as st

from covidlab.audit.settings import PARTS
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.language import tr, tr_lazy
from covidlab.runs.estimate import audit_seconds
from covidlab.text import about_seconds
from covidlab.ui.audit.asking import ask_for, show_active, show_messages
from covidlab.ui.audit.attention import draw_attention
from covidlab.ui.audit.attributes import draw_attributes
from covidlab.ui.audit.audited import Audited, choose_audited
from covidlab.ui.audit.calibration import draw_calibration
from covidlab.ui.audit.comparing import draw_comparing
from covidlab.ui.audit.documents import draw_documents
from covidlab.ui.audit.elsewhere import draw_elsewhere, has_elsewhere
from covidlab.ui.audit.exam import draw_exam
from covidlab.ui.audit.flips import draw_flips
from covidlab.ui.audit.folds import draw_folds
from covidlab.ui.audit.ladder import draw_ladder
from covidlab.ui.audit.leaks import draw_leaks
from covidlab.ui.audit.live import draw_live
from covidlab.ui.audit.planted import draw_planted
from covidlab.ui.audit.seen import draw_seen
from covidlab.ui.audit.transplant import draw_transplant
from covidlab.ui.audit.verdict import draw_verdict
from covidlab.ui.shared.tabs import draw_tabs

Section = Callable[[Audited], None]


def draw_audit(catalog: Catalog) -> None:
    """Draw the page."""
    audited = choose_audited(catalog)
    show_messages()
    show_active(audited)
    draw_verdict(audited)
    if any(audited.part(name) is None for name in PARTS if name != "elsewhere"):
        expected = audit_seconds(TrainingConfig(dataset=str(catalog.root)), num_films=catalog.num_films)
        ask_for(audited, PARTS, tr("Start the audit"), key="audit_start", expected_seconds=expected, primary=True)
        st.caption(
            tr(
                "{capitalize} the first time, and about a quarter of that afterwards.",
                capitalize=about_seconds(expected).capitalize(),
            )
        )
    for tab, sections in zip(draw_tabs(_TABS, key="audit_tab"), _sections(audited), strict=True):
        if tab.open:
            with tab:
                for draw in sections:
                    draw(audited)


_TABS = (tr_lazy("What it uses"), tr_lazy("How well"), tr_lazy("Maps"), tr_lazy("Data"), tr_lazy("Documents"))


def _sections(audited: Audited) -> tuple[tuple[Section, ...], ...]:
    """The sections of each tab; how the model does elsewhere stands first where that is known."""
    how_well: tuple[Section, ...] = (draw_folds, draw_calibration, draw_comparing)
    how_well = (draw_elsewhere, *how_well) if has_elsewhere(audited) else (*how_well, draw_elsewhere)
    return (
        (draw_seen, draw_ladder, draw_live, draw_transplant, draw_attributes),
        how_well,
        (draw_attention, draw_exam, draw_planted),
        (draw_leaks, draw_flips),
        (draw_documents,),
    )
