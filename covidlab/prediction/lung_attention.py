"""How much of a heat map lies inside the lungs, and where its brightest place lies; needs no TensorFlow."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from covidlab.imaging.lungs import estimated_lungs
from covidlab.language import tr, tr_lazy

# The outer tenth of the X-ray, where side markers, names and panel letters stand.
_BORDER_SHARE = 0.1
# By thirds from top to bottom, each from left to right; left is the left of the picture.
_PARTS = (
    (
        tr_lazy("in the upper left part of the picture"),
        tr_lazy("in the upper part of the picture"),
        tr_lazy("in the upper right part of the picture"),
    ),
    (
        tr_lazy("in the left part of the picture"),
        tr_lazy("in the middle of the picture"),
        tr_lazy("in the right part of the picture"),
    ),
    (
        tr_lazy("in the lower left part of the picture"),
        tr_lazy("in the lower part of the picture"),
        tr_lazy("in the lower right part of the picture"),
    ),
)
_BORDERS = (
    (tr_lazy("at the upper left border"), tr_lazy("at the upper border"), tr_lazy("at the upper right border")),
    (tr_lazy("at the left border"), tr_lazy("at the border"), tr_lazy("at the right border")),
    (tr_lazy("at the lower left border"), tr_lazy("at the lower border"), tr_lazy("at the lower right border")),
)


@dataclass(frozen=True, eq=False)
class Lungs:
    """Where the lungs lie on an X-ray.

    mask: (height, width) bool of any size, over the whole X-ray. estimated: whether covidlab estimated it, for want of a
    mask that came with the set.
    """

    mask: np.ndarray
    estimated: bool


@dataclass(frozen=True)
class LungAttention:
    """How much of a heat map lies inside the lungs.

    share: of the heat, 0 to 1. chance: the lungs' share of the X-ray, which is what heat at random would have. estimated:
    whether the lungs were.
    """

    share: float
    chance: float
    estimated: bool

    @property
    def ratio(self) -> float:
        """Share over chance: 1 is chance."""
        return self.share / self.chance

    def sentence(self) -> str:
        """Return it in one sentence, for people."""
        whose = tr("The lungs were estimated") if self.estimated else tr("The lungs are those of the set's mask")
        return tr(
            "{value:.0f} % of the heat lies inside the lungs; by chance it would be {value_2:.0f} %, their "
            "share of the X-ray. {whose}.",
            value=100 * self.share,
            value_2=100 * self.chance,
            whose=whose,
        )


class Place(StrEnum):
    """Where the brightest cell of a map lies."""

    LUNGS = "lungs"
    BORDER = "border"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class HottestPlace:
    """Where the brightest cell of a map lies, and what that may mean, in a sentence for people."""

    place: Place
    sentence: str


def find_lungs(pixels: np.ndarray, known_mask: np.ndarray | None = None) -> Lungs | None:
    """Return the lungs of an X-ray: the known mask, else an estimate, else None where no estimate is plausible.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    known_mask : ndarray of shape (height, width) or (height, width, 3), uint8 or bool, lungs white; of any size
    """
    if known_mask is not None:
        grey = known_mask if known_mask.ndim == 2 else known_mask[..., 0]
        return Lungs(grey if grey.dtype == bool else grey > 127, estimated=False)
    estimate = estimated_lungs(pixels)
    return None if estimate is None else Lungs(estimate, estimated=True)


def lung_attention(heatmap: np.ndarray, lungs: Lungs) -> LungAttention | None:
    """Return how much of the heat lies inside the lungs and how much would by chance; None where map or mask is empty."""
    within, heat = _share_of_cells(lungs.mask, heatmap.shape), float(heatmap.sum())
    if not (heat > 0 and within.any()):
        return None
    share = float((heatmap * within).sum()) / heat
    return LungAttention(share=min(1.0, share), chance=float(within.mean()), estimated=lungs.estimated)


def hottest_place(heatmap: np.ndarray, lungs: Lungs | None) -> HottestPlace | None:
    """Return where the brightest cell lies: inside the lungs, at the border or elsewhere; None for an empty map.

    A cell lies inside the lungs where at least half of it does, and at the border where its centre lies in the outer tenth.
    """
    if not heatmap.max() > 0:
        return None
    row, column = np.unravel_index(int(heatmap.argmax()), heatmap.shape)
    centre = (row + 0.5) / heatmap.shape[0], (column + 0.5) / heatmap.shape[1]
    place = Place.BORDER if min(*centre, *(1 - each for each in centre)) < _BORDER_SHARE else Place.ELSEWHERE
    if lungs is not None and _share_of_cells(lungs.mask, heatmap.shape)[row, column] >= 0.5:
        place = Place.LUNGS
    return HottestPlace(place, _sentence(place, centre, lungs))


def _sentence(place: Place, centre: tuple[float, float], lungs: Lungs | None) -> str:
    estimated = tr(" (estimated)") if lungs is not None and lungs.estimated else ""
    outside = "" if lungs is None else tr(", outside the lungs{estimated}", estimated=estimated)
    unknown = tr(" Where the lungs lie is not known.") if lungs is None else ""
    row, column = (int(3 * share) for share in centre)
    part = _PARTS[row][column]
    if place == Place.LUNGS:
        return tr("The brightest place lies inside the lungs{estimated}, {part}.", estimated=estimated, part=part)
    if place == Place.BORDER:
        marks = tr("a side marker or text may be what the model used")
        return tr(
            "The brightest place lies {border}{outside}: {marks}.{unknown}",
            border=_BORDERS[row][column],
            outside=outside,
            marks=marks,
            unknown=unknown,
        )
    if lungs is None:
        return tr("The brightest place lies {part}.{unknown}", part=part, unknown=unknown)
    return tr(
        "The brightest place lies {part}{outside}: the model may have used something other than the lungs.",
        part=part,
        outside=outside,
    )


def _share_of_cells(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Share of each cell of a map that a mask covers, float32 of the map's shape."""
    return cv2.resize(mask.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA)
