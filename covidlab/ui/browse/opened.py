"""The X-ray that is opened in Browse, in the viewer, with its lungs where they are known."""

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.thumbnails import large_film, lungs_png
from covidlab.imaging.encode import jpeg
from covidlab.language import tr
from covidlab.ui.shared.components.xray_viewer import Layer, Pane, Viewer
from covidlab.ui.shared.films import Film, film_name, is_synthetic_film
from covidlab.ui.shared.help import HELP

# Name in the address: a link may show the lungs.
MASK = "browse_mask"

# Enough for a zoom into a rib on a desk; an X-ray of the curated set is seldom larger.
_SIDE = 1600
_JPEG_QUALITY = 92
_HEIGHT = 720


def draw_opened(catalog: Catalog, film: Film) -> None:
    """Draw one X-ray of the set in the viewer; raises UnreadableImage where it or its mask cannot be read."""
    file = str(film["file"])
    subject = f"{catalog.root}/{catalog.fingerprint}/{film['mask']}/{file}"
    picture, lungs = _pictures(catalog, subject, file)
    pane = Pane(picture, film_name(film), _about_mask(film, is_known=lungs is not None), lungs, tr("Lung mask"))
    shown = Viewer(
        key="browse_viewer",
        height=_HEIGHT,
        layer=Layer(tr("Lung mask"), has_scale=False, opacity=100, is_shown=MASK in st.query_params),
        subject=file,
        on_switch=_put_mask,
    )
    shown.draw([pane])


def _about_mask(film: Film, *, is_known: bool) -> str:
    if not is_known:
        return tr("There is no lung mask for this X-ray.")
    return HELP["synthetic lung mask" if is_synthetic_film(film) else "lung mask"]


@st.cache_data(max_entries=32, show_spinner=False)
def _pictures(_catalog: Catalog, subject: str, file: str) -> tuple[bytes, bytes | None]:
    """An X-ray as JPEG, and its lungs as PNG where they are known."""
    pixels = large_film(_catalog, file, side=_SIDE)
    height, width = pixels.shape[:2]
    return jpeg(pixels, quality=_JPEG_QUALITY), lungs_png(_catalog, file, (width, height))


def _put_mask(is_shown: bool) -> None:
    """Put into the address whether the lungs are shown; hidden ones need nothing."""
    if is_shown:
        st.query_params[MASK] = "true"
    else:
        st.query_params.pop(MASK, None)
