"""An X-ray with a black box or a marker that can be dragged over it, and the bar of what a model says: all in the browser."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.data.thumbnails import large_film
from covidlab.evaluation.alterations import pasted_marker
from covidlab.evaluation.asked_alterations import BOX_SIZES, PARTS
from covidlab.imaging.encode import data_address, jpeg, png
from covidlab.language import tr
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.alterations import alteration_stamp
from covidlab.services.learning import offer_set
from covidlab.text import class_name, one_line
from covidlab.ui.shared.components import address, page_component
from covidlab.ui.shared.films import film_name

LIBRARY, BAR = "alter_library", "alter_bar"
_draw_alter = page_component("alter", with_scripts=(LIBRARY,), with_styles=(BAR,))

# Named on the bar, whose scale is that of log odds.
TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)
_SIDE = 700
# Of the picture from which the letter is cut: larger than the network's, since it is only looked at.
_MARKER_SIDE = 896


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """Which X-ray the browser asks about, and which model: what all parts that change an X-ray are given.

    catalog, index: the X-ray, a row of the set. run: whose model reads it. threshold: its operating point.
    """

    catalog: Catalog
    index: int
    run: Run
    threshold: float

    @property
    def file(self) -> str:
        """The file of the X-ray."""
        return str(self.catalog.films["file"].iloc[self.index])

    @property
    def alt(self) -> str:
        """What stands for the picture."""
        return film_name(self.catalog.films.iloc[self.index].to_dict())

    @property
    def aspect(self) -> float:
        """Width over height of the X-ray."""
        row = self.catalog.films.iloc[self.index]
        return float(row["width"]) / float(row["height"])

    def data(self) -> dict:
        """What the browser is given: where to ask, and the words of the bar; raises ModelError where the model has no checksum."""
        place = address(f"/sets/{offer_set(self.catalog)}/altered/{self.index}")
        version = alteration_stamp(model_file(self.run))
        name = one_line(class_name(self.positive_class))
        return {
            "address": place,
            "run": self.run.id,
            "version": version,
            "subject": f"{place} {self.run.id} {version}",
            "threshold": self.threshold,
            "aspect": self.aspect,
            "ticks": list(TICKS),
            "words": {
                "resembles": tr("Resembles the {name} X-rays of the set", name=name),
                "threshold": tr("operating point {threshold:.2f}", threshold=self.threshold),
                "above": tr("at or above the operating point of {threshold:.2f}", threshold=self.threshold),
                "below": tr("below the operating point of {threshold:.2f}", threshold=self.threshold),
                "unchanged": tr("unchanged"),
                "ends": [tr("near 0"), tr("near 1")],
                "loading": tr("The model is being loaded. The first time takes some seconds."),
            },
        }

    @property
    def positive_class(self) -> str:
        """The class whose probability the model gives."""
        return str((self.run.report() or {}).get("positive_class") or self.catalog.positive_class)


def alter(asked: Asked, *, key: str) -> None:
    """Draw the X-ray; raises CovidLabError where it cannot be read or the model not be used."""
    pixels = large_film(asked.catalog, asked.file, side=_SIDE)
    data = asked.data()
    words = {
        "tools": tr("What lies on the X-ray"),
        "box": tr("Black box"),
        "marker": tr("Marker R"),
        "whole": tr("Nothing"),
        "size": tr("Size of the box"),
    }
    picture, shares = _marker()
    _draw_alter(
        key=key,
        data={
            **data,
            "key": key,
            "picture": data_address(jpeg(pixels, quality=85)),
            "alt": asked.alt,
            "parts": PARTS,
            "sizes": list(BOX_SIZES),
            "marker": {"picture": data_address(picture, kind="png"), "shares": shares},
            "words": {**data["words"], **words},
        },
    )


@cache
def _marker() -> tuple[bytes, tuple[float, float]]:
    """The letter as PNG on a clear ground, and the shares of an X-ray's width and height that it takes."""
    grey = pasted_marker(np.zeros((_MARKER_SIDE, _MARKER_SIDE, 3), np.uint8), across=0.5, down=0.5)[..., 0]
    x, y, width, height = cv2.boundingRect(grey)
    letter = grey[y : y + height, x : x + width]
    # White, and as clear as the letter is faint.
    picture = np.dstack([np.full((*letter.shape, 3), letter.max(), np.uint8), letter])
    return png(picture), (width / _MARKER_SIDE, height / _MARKER_SIDE)
