"""Curate: decide film by film what to train on, and bring films of one's own."""

import streamlit as st

from covidlab.language import tr_lazy
from covidlab.ui.curate.adding import draw_adding
from covidlab.ui.curate.managing import draw_managing
from covidlab.ui.curate.selection import choose_selection
from covidlab.ui.curate.selection_effect import draw_effect
from covidlab.ui.curate.selection_films import draw_films, ordered_films
from covidlab.ui.shared.cached import current_catalog
from covidlab.ui.shared.layout import explain_missing_films, start_page
from covidlab.ui.shared.tabs import draw_tabs

start_page(tr_lazy("Curate"))
curate, add = draw_tabs([tr_lazy("X-rays of the set"), tr_lazy("Add X-rays")], key="curate_tab")
if add.open:
    with add:
        draw_adding()
if curate.open:
    with curate:
        draw_managing()
        catalog, why_not = current_catalog()
        if catalog is None:
            explain_missing_films(why_not)
            st.stop()
        selection = choose_selection(catalog)
        if selection is not None:
            draw_effect(catalog, selection)
            draw_films(catalog, selection, ordered_films(catalog, selection))
