"""The probe inside each class on the page Audit: what else than the class can be read from the features, and what cannot be told."""

import streamlit as st

from covidlab.audit.attributes_text import METHOD, describe_summary, describe_yardstick
from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS
from covidlab.language import tr, tr_lazy
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.attributes_table import attributes_html
from covidlab.ui.audit.audited import Audited

EXPECTED_SECONDS = 4.0
_LONG = 1500
_LEGEND = tr_lazy("Dot: balanced accuracy from 0 to 1 with its 95 % interval over patients. Upright line: chance.")


def draw_attributes(audited: Audited) -> None:
    """Draw the section."""
    st.subheader(tr("What else can be read inside each class?"), anchor=False)
    part = audited.part("attributes")
    if part is None:
        st.markdown(
            tr(
                "It will show, for the X-rays of one class alone, whether view, letters, sex or source can be "
                "read from the features, and where nobody can tell, since an attribute and the class coincide."
            )
        )
        ask_for(
            audited,
            ("attributes",),
            tr("Look inside the classes"),
            key="audit_attributes_ask",
            expected_seconds=EXPECTED_SECONDS,
        )
    elif part.error:
        st.warning(sentence_escaped(part.error))
    else:
        st.markdown(f"**{markdown_escaped(describe_summary(part.found), max_length=_LONG)}**")
        st.html(attributes_html(part.found))
        st.caption(markdown_escaped(f"{_LEGEND} {describe_yardstick(part.found)} {METHOD}", max_length=_LONG))
        if not part.found["patients_known"]:
            st.caption(str(INTERVALS_WITHOUT_PATIENTS))
