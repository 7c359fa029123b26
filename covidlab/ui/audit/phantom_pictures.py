"""Pictures of phantoms for the page Audit, drawn again from their number; nothing is stored."""

import numpy as np
import streamlit as st

from covidlab.audit.phantom_marks import marked_pixels, phantom_without_mark, pool_config
from covidlab.config import IMAGE_SIDE
from covidlab.imaging.encode import jpeg
from covidlab.language import tr
from covidlab.prediction.overlay import overlay_png
from covidlab.ui.shared.components.xray_viewer import Pane

HEIGHT = 260


def phantom_pane(
    *,
    shortcut: str,
    contrast: float,
    number: int,
    is_marked: bool,
    heat: list[list[float]],
    title: str,
    caption: str = "",
) -> Pane:
    """Return a phantom with a map over it, as a viewer shows it."""
    heatmap = np.array(heat, np.float32)
    return Pane(
        phantom_picture(shortcut=shortcut, contrast=contrast, number=number, is_marked=is_marked),
        title,
        caption=caption,
        overlay=overlay_png(heatmap, (IMAGE_SIDE, IMAGE_SIDE)) if heatmap.max() > 0 else None,
        overlay_title=tr("What spoke for opacities"),
        alt=tr("A phantom, {title}. {caption}", title=title, caption=caption),
    )


@st.cache_data(max_entries=128, show_spinner=False)
def phantom_picture(*, shortcut: str, contrast: float, number: int, is_marked: bool) -> bytes:
    """Return a phantom as JPEG."""
    config = pool_config(shortcut=shortcut, contrast=contrast)
    pixels = phantom_without_mark(config, number).pixels
    grey = marked_pixels(pixels, config)[0] if is_marked else pixels
    return jpeg(np.repeat(grey[..., None], 3, axis=2), quality=88)
