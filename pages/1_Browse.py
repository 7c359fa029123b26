"""Browse: the films of the set, filtered, in pages; one of them large with what is known of it."""

from covidlab.language import tr
from covidlab.ui.browse.page import browse, forget_left
from covidlab.ui.shared.layout import start_page

start_page(tr("Browse"))
forget_left()
browse()
