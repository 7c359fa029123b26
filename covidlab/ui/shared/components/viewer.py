"""The viewer of one film: the picture and its lungs for the browser, and the component that shows them."""

import cv2
import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.thumbnails import large_film
from covidlab.imaging.decode import decode_file
from covidlab.imaging.encode import data_address, jpeg, png
from covidlab.ui.shared.cached import current_large_film
from covidlab.ui.shared.components import page_component
from covidlab.ui.shared.films import Film, film_name, is_synthetic_film

MASK_KEY = "browse_mask"
# Enough for a zoom into a rib on a desk; a film of the curated set is seldom larger.
VIEWER_SIDE = 1600

_KEY = "film_viewer"
_JPEG_QUALITY = 92
# As in thumbnails: Okabe and Ito's orange, here with its opacity.
_LUNG_TINT = (230, 159, 0, 38)
_LUNG_OUTLINE = (230, 159, 0, 255)

_draw_viewer = page_component("viewer")


def show_film(catalog: Catalog, film: Film, *, with_mask: bool) -> None:
    """Draw one film large, to be zoomed, moved and graded; a plain picture stands for it until the viewer runs.

    Raises UnreadableImage where the film or its mask cannot be read.
    """
    file, has_mask = film["file"], bool(film["mask"])
    name = film_name(film) + (", lungs marked" if with_mask else "")
    plain = current_large_film(catalog, file, with_mask=with_mask)
    picture, overlay = _read_pictures(catalog, f"{catalog.root}/{catalog.fingerprint}/{film['mask']}/{file}", file)
    with st.container(key="large_film"):
        st.image(plain, width="stretch", output_format="JPEG", alt=name)
        _draw_viewer(
            key=_KEY,
            data={
                "id": f"{film['sha256']}/{file}",
                "film": picture,
                "overlay": overlay,
                "lungs": with_mask,
                "has_lungs": has_mask,
                "synthetic": is_synthetic_film(film),
                "label": f"Viewer. {name}. Keys 1 to 4 set the grey values, i inverts, m marks the lungs, + and − zoom, 0 resets.",
            },
            on_lungs_change=_take_lungs,
        )


def film_address(pixels: np.ndarray) -> str:
    """A film, uint8 array (height, width, 3) RGB, as a data address of a JPEG."""
    return data_address(jpeg(pixels, quality=_JPEG_QUALITY))


def lungs_address(mask: np.ndarray, *, width: int, height: int) -> str:
    """Lungs tinted and outlined on a clear ground, as a data address of a PNG of the given size.

    Parameters
    ----------
    mask : uint8 array of any shape (height, width), above 127 inside the lungs
    """
    inside = (cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
    overlay = np.zeros((height, width, 4), np.uint8)
    overlay[inside > 0] = _LUNG_TINT
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(overlay, outlines, -1, _LUNG_OUTLINE, thickness=max(1, max(width, height) // 400))
    return data_address(png(overlay), kind="png")


@st.cache_data(max_entries=32, show_spinner=False)
def _read_pictures(_catalog: Catalog, key: str, file: str) -> tuple[str, str]:
    """Data addresses of a film and of its lungs, "" where these are not known."""
    pixels = large_film(_catalog, file, with_mask=False, side=VIEWER_SIDE)
    height, width = pixels.shape[:2]
    path = _catalog.mask_path(file)
    mask = decode_file(path).pixels[..., 0] if path else None
    return film_address(pixels), "" if mask is None else lungs_address(mask, width=width, height=height)


def _take_lungs() -> None:
    # Key m was pressed in the viewer: the switch on the page, and so the address, follow.
    lungs = st.session_state[_KEY]["lungs"]
    if lungs is not None:
        st.session_state[MASK_KEY] = lungs
