"""One X-ray over the epochs of a run: contours of the map, probability and scrubber, drawn by the browser."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from covidlab.imaging.encode import data_address
from covidlab.prediction.overlay import colour_steps
from covidlab.ui.shared.components import page_component

_draw_map = page_component("epoch_map", with_scripts=("epoch_scrubber",))


@dataclass(frozen=True, kw_only=True, eq=False)
class EpochView:
    """What is drawn of one X-ray.

    picture: JPEG, ``size`` its width and height. alt: what stands for it. epochs, probabilities, heatmaps: as in
    ``prediction.epoch_maps.EpochMaps``. captions: a sentence or two for each epoch. threshold: the operating point. path: what the
    line of probabilities shows, in words.
    """

    picture: bytes
    size: tuple[int, int]
    alt: str
    epochs: Sequence[int]
    probabilities: Sequence[float]
    heatmaps: np.ndarray
    captions: Sequence[str]
    threshold: float
    path: str


def epoch_map(view: EpochView, *, key: str, subject: str, start: int) -> None:
    """Draw an X-ray over the epochs; ``start`` is the place among the epochs where it begins, ``subject`` names the content."""
    _draw_map(key=key, data={**map_data(view), "subject": subject, "start": start})


def map_data(view: EpochView) -> dict:
    """What the browser is given."""
    width, height = view.size
    return {
        "picture": data_address(view.picture),
        "width": width,
        "height": height,
        "alt": view.alt,
        "epochs": [int(epoch) for epoch in view.epochs],
        "probabilities": [round(float(each), 4) for each in view.probabilities],
        "heatmaps": [[round(float(each), 5) for each in heatmap.ravel()] for heatmap in view.heatmaps],
        "rows": int(view.heatmaps.shape[1]),
        "captions": list(view.captions),
        "threshold": view.threshold,
        # From little to much, without the darkest, which an X-ray would hide.
        "colours": colour_steps(7)[3:6],
        "path": view.path,
    }
