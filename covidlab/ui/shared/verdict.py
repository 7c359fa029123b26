"""The verdict of an audit beside an accuracy: one quiet line, what it does not establish below it, and the way to the page Audit."""

from collections.abc import Sequence

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.names import short_name
from covidlab.runs.store import Run
from covidlab.runs.verdicts import Verdict, verdict_on, verdict_on_set
from covidlab.text import markdown_escaped
from covidlab.ui.audit.audited import model_in_address
from covidlab.ui.shared.navigation import AUDIT, page_link

NOT_AUDITED = tr_lazy("Not audited yet")
_LONGEST = 600


def draw_verdict_line(run: Run, *, key: str, is_large: bool = False, offers: bool = True) -> None:
    """Draw the verdict on the model of a run; where no audit was made a link that says so.

    Parameters
    ----------
    key : of the container; one a page
    is_large : in the type of the page instead of small, as for a room
    offers : whether the link is drawn where there is no audit
    """
    verdict = verdict_on(run)
    if verdict is None and not offers:
        return
    with st.container(key=key, gap=None):
        if verdict is not None:
            text = verdict_markdown(verdict)
            (st.markdown if is_large else st.caption)(text)
        page_link(
            AUDIT,
            label=tr("How the audit found this") if verdict else tr(NOT_AUDITED),
            icon=":material/fact_check:",
            named=_address(run, verdict),
        )


def draw_verdict_on_set(catalog: Catalog, *, key: str) -> None:
    """Draw the verdict on the default settings beside accuracies of settings that no run has yet; nothing where there is none."""
    if (verdict := verdict_on_set(catalog)) is not None:
        with st.container(key=key):
            st.caption(verdict_markdown(verdict))


def draw_verdicts(runs: Sequence[Run], *, key: str) -> None:
    """Draw the verdicts on several runs, each verdict once with the runs it stands for; nothing where there is none."""
    stands_for: dict[Verdict, list[str]] = {}
    for run in runs:
        if (verdict := verdict_on(run)) is not None:
            stands_for.setdefault(verdict, []).append(short_name(run))
    with st.container(key=key):
        for verdict, names in stands_for.items():
            st.caption(f"{markdown_escaped(', '.join(names), max_length=200)}. {verdict_markdown(verdict)}")


def verdict_markdown(verdict: Verdict) -> str:
    """Return the verdict and, on the next line, what it does not establish, in Markdown."""
    return "  \n".join(markdown_escaped(line, max_length=_LONGEST) for line in verdict.lines)


def _address(run: Run, verdict: Verdict | None) -> dict[str, str]:
    """What the page Audit is to show: the model of the verdict; of a run that cannot be audited, the default settings."""
    is_default = run.path == DEFAULT_MODEL or (verdict is not None and not verdict.is_own)
    can_be = not is_default and run.load_config().fine_tune == "head"
    return model_in_address(run if can_be else None)
