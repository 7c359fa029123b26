"""The X-rays of the set on Curate: a selection, what it leaves of the set, and a page of X-rays to decide on."""

import streamlit as st

from covidlab.ui.curate.selection import choose_selection
from covidlab.ui.curate.selection_effect import draw_effect
from covidlab.ui.curate.selection_films import draw_films, ordered_films
from covidlab.ui.shared.layout import require_catalog


# A fragment: a decision or a page turn draws this anew, and not the sidebar.
@st.fragment
def curate() -> None:
    """Draw the selection and the X-rays."""
    catalog = require_catalog()
    selection = choose_selection(catalog)
    if selection is not None:
        draw_effect(catalog, selection)
        draw_films(catalog, selection, ordered_films(catalog, selection))
