"""Curate: decide film by film what to train on, and bring films of one's own."""

from covidlab.language import tr_lazy
from covidlab.ui.curate.adding import draw_adding
from covidlab.ui.curate.managing import draw_managing
from covidlab.ui.curate.page import curate
from covidlab.ui.shared.layout import start_page
from covidlab.ui.shared.tabs import draw_tabs

start_page(tr_lazy("Curate"))
xrays, add = draw_tabs([tr_lazy("X-rays of the set"), tr_lazy("Add X-rays")], key="curate_tab")
if add.open:
    with add:
        draw_adding()
if xrays.open:
    with xrays:
        draw_managing()
        curate()
