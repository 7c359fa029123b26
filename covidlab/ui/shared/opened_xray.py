"""One X-ray of a run, opened large from a dot, a cell or a row: what it shows, and what the model said of it."""

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import flags_by_film
from covidlab.data.thumbnails import large_film
from covidlab.errors import CovidLabError, ModelError, TemporaryError
from covidlab.imaging.encode import jpeg
from covidlab.language import tr
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer
from covidlab.ui.shared.epoch_maps import draw_epoch_maps
from covidlab.ui.shared.films import draw_film_facts, film_name
from covidlab.ui.shared.navigation import PREDICT, page_link

# What the visitor has asked to see, until it is closed: {"film": file, "epoch": epoch or None}.
_OPENED = "learning_opened"
_BROWSE = "pages/1_Browse.py"
_SIDE = 1400
_HEIGHT = 560


def open_xray(file: str, *, epoch: int | None = None) -> None:
    """Ask for an X-ray to be shown with the next run of the page; ``epoch``: as the model saw it then, None for the end."""
    st.session_state[_OPENED] = {"film": file, "epoch": epoch}


def draw_opened_xray(run: Run, catalog: Catalog | None) -> None:
    """Draw the X-ray that was asked for, above the page; nothing where none was. To be called once a page, at its end."""
    # Taken, not only read: the cross of the dialog runs nothing, and the next run of the page must not open it again.
    opened = st.session_state.pop(_OPENED, None)
    if opened is None:
        return
    if catalog is None or opened["film"] not in catalog:
        st.warning(
            tr("This set no longer holds that X-ray. Received: {film}.", film=markdown_escaped(str(opened["film"])))
        )
        return
    dialog = st.dialog(tr("X-ray"), width="large")(_draw)
    dialog(run, catalog, str(opened["film"]), opened["epoch"])


def _draw(run: Run, catalog: Catalog, file: str, epoch: int | None) -> None:
    film = catalog.row(file).to_dict()
    shown, known = st.columns([7, 4], gap="medium")
    with shown:
        try:
            pixels = large_film(catalog, file, side=_SIDE)
            _draw_maps(run, catalog, file, epoch)
        except CovidLabError as error:
            st.error(sentence_escaped(error))
            return
        with st.expander(tr("Look closely: zoom and grey values")):
            viewer = Viewer(key=f"opened_xray_{run.id}", height=_HEIGHT, subject=file)
            viewer.draw([Pane(jpeg(pixels, quality=90), film_name(film))])
    with known:
        page_link(_BROWSE, label=tr("Open in Browse"), icon=":material/grid_view:", named={"film": file})
        page_link(PREDICT, label=tr("Read this X-ray"), icon=":material/radiology:", named={"film": file})
        draw_film_facts(film, flags=flags_by_film(catalog)[file])


def _draw_maps(run: Run, catalog: Catalog, file: str, epoch: int | None) -> None:
    """The X-ray over the epochs of the run; where that cannot be had now, why."""
    if not run.model_path.exists():
        st.caption(tr("The maps come once the run has saved its model."))
        return
    try:
        draw_epoch_maps(run, catalog, file, epoch=epoch)
    except (ModelError, TemporaryError) as error:
        st.warning(sentence_escaped(error))
