"""The verdict at the top of the page Audit: one sentence, what it does not establish, and the rule it follows from."""

import streamlit as st

from covidlab.runs.audits import verdict_for
from covidlab.text import markdown_escaped
from covidlab.ui.audit.audited import Audited

_LONG = 1500


def draw_verdict(audited: Audited) -> None:
    """Draw the verdict on the audited model; nothing before there is one."""
    verdict = verdict_for(audited.catalog, audited.run_id)
    if verdict is None:
        return
    with st.container(border=True, key="audit_verdict"):
        sentence = markdown_escaped(verdict["sentence"], max_length=_LONG)
        st.markdown(f"##### {sentence}", help=markdown_escaped(verdict["rule"], max_length=_LONG))
        st.caption(markdown_escaped(verdict["not_established"], max_length=_LONG))
