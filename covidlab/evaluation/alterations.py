"""What is done to a prepared X-ray before a model reads it: lungs removed, markers, mirrored, turned; pure functions on pixels.

Name and version of an alteration enter the name of the pack that keeps what the network makes of it, so a version is raised
whenever its pixels would come out differently. No TensorFlow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from covidlab.imaging.marks import find_marks
from covidlab.imaging.prepare import Change, changed
from covidlab.language import tr, tr_lazy
from covidlab.text import decimal_text

# A marker is printed as large as on an X-ray of a clinic: this share of the side.
_MARKER_HEIGHT = 0.08
_MARKER_GREY = 245
_OUTLINE_WIDTH = 2
# What a removed mark is filled from: so many pixels around it.
_INPAINT_REACH = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What an alteration may know of an X-ray besides its prepared pixels.

    lungs: (side, side) bool, None where no lungs are known and none could be estimated. aspect: width over height of the file.
    """

    lungs: np.ndarray | None = None
    aspect: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Alteration:
    """A named change of a prepared X-ray.

    name: letters, digits, "-" and "."; with ``version`` it names what is kept of it. title: in words for people, of an
    X-ray "with the ...". needs_lungs: whether it can be made only where the lungs are known or estimated. make: from
    (side, side, 3) uint8 and a Subject to the same kind of array.
    """

    name: str
    title: str
    make: Callable[[np.ndarray, Subject], np.ndarray]
    version: int = 1
    needs_lungs: bool = False

    @property
    def key(self) -> str:
        """Name and version, as file names have it; "" for the X-ray as it is."""
        return "" if self.name == "whole" else f"{self.name}_v{self.version}"

    def __call__(self, film: np.ndarray, subject: Subject) -> np.ndarray:
        """Return the altered X-ray, uint8 (side, side, 3), never the array it was given.

        Raises ValueError where the lungs are needed and not known.
        """
        if self.needs_lungs and subject.lungs is None:
            raise ValueError(tr("{name} needs the lungs of the X-ray.", name=self.name))
        return np.ascontiguousarray(self.make(film.copy(), subject), dtype=np.uint8)


def _lungs_black(film: np.ndarray, subject: Subject) -> np.ndarray:
    film[subject.lungs] = 0
    return film


def _lungs_only(film: np.ndarray, subject: Subject) -> np.ndarray:
    film[~subject.lungs] = 0
    return film


def _outline_only(film: np.ndarray, subject: Subject) -> np.ndarray:
    outlines, _ = cv2.findContours(subject.lungs.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = np.zeros_like(film)
    cv2.drawContours(drawn, outlines, -1, (255, 255, 255), _OUTLINE_WIDTH)
    return drawn


def _margins_only(film: np.ndarray, subject: Subject) -> np.ndarray:
    rows, columns = np.flatnonzero(subject.lungs.any(axis=1)), np.flatnonzero(subject.lungs.any(axis=0))
    if len(rows):
        film[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = 0
    return film


def _markers_removed(film: np.ndarray, subject: Subject) -> np.ndarray:
    covered = find_marks(cv2.cvtColor(film, cv2.COLOR_RGB2GRAY))
    if subject.lungs is not None:
        # Ribs and vessels can look like letters; a mark that lies on the lungs is left.
        covered &= ~subject.lungs
    return cv2.inpaint(film, covered.astype(np.uint8), _INPAINT_REACH, cv2.INPAINT_TELEA) if covered.any() else film


def pasted_marker(film: np.ndarray, *, letter: str = "R", across: float = 0.1, down: float = 0.1) -> np.ndarray:
    """Return the X-ray with a letter of lead centred at a place (shares of the sides), uint8."""
    side = len(film)
    font, scale, thickness = (
        cv2.FONT_HERSHEY_SIMPLEX,
        side * _MARKER_HEIGHT / 21.0,
        max(1, round(side * _MARKER_HEIGHT / 7)),
    )
    (wide, tall), _ = cv2.getTextSize(letter, font, scale, thickness)
    # The height that OpenCV gives has the thickness of the stroke above and below.
    at = round(across * side - wide / 2), round(down * side + tall / 2 - thickness)
    grey = (_MARKER_GREY,) * 3
    return cv2.putText(film.copy(), letter, at, font, scale, grey, thickness, cv2.LINE_AA)


def blackened(film: np.ndarray, *, across: float, down: float, width: float, height: float) -> np.ndarray:
    """Return the X-ray with a black box centred at a place; all in shares of the sides."""
    side, film = len(film), film.copy()
    top, left = (max(0, round((centre - size / 2) * side)) for centre, size in ((down, height), (across, width)))
    film[top : max(0, round((down + height / 2) * side)), left : max(0, round((across + width / 2) * side))] = 0
    return film


def _letterboxed(film: np.ndarray, subject: Subject) -> np.ndarray:
    side = len(film)
    width, height = (
        (side, round(side / subject.aspect)) if subject.aspect >= 1 else (round(side * subject.aspect), side)
    )
    small = cv2.resize(film, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    canvas = np.zeros_like(film)
    top, left = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def _grey(film: np.ndarray, subject: Subject) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(film, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


WHOLE = Alteration(name="whole", title=tr_lazy("whole"), make=lambda film, subject: film)
LUNGS_BLACK = Alteration(name="lungs-black", title=tr_lazy("lungs black"), make=_lungs_black, needs_lungs=True)
LUNGS_ONLY = Alteration(name="lungs-only", title=tr_lazy("lungs only"), make=_lungs_only, needs_lungs=True)
OUTLINE_ONLY = Alteration(
    name="outline-only", title=tr_lazy("outline of the lungs only"), make=_outline_only, needs_lungs=True
)
MARGINS_ONLY = Alteration(name="margins-only", title=tr_lazy("margins only"), make=_margins_only, needs_lungs=True)
MARKERS_REMOVED = Alteration(
    name="markers-removed", title=tr_lazy("markers and text removed"), make=_markers_removed, version=2
)
MARKER_PASTED = Alteration(
    name="marker-r", title=tr_lazy("marker R pasted in"), make=lambda film, subject: pasted_marker(film), version=2
)
MIRRORED = Alteration(name="mirrored", title=tr_lazy("mirrored"), make=lambda film, subject: film[:, ::-1])
GREY = Alteration(name="grey", title=tr_lazy("grey"), make=_grey)
LETTERBOXED = Alteration(name="letterboxed", title=tr_lazy("proportions kept, borders black"), make=_letterboxed)

ALTERATIONS = {
    each.name: each
    for each in (
        *(WHOLE, LUNGS_BLACK, LUNGS_ONLY, OUTLINE_ONLY, MARGINS_ONLY),
        *(MARKERS_REMOVED, MARKER_PASTED, MIRRORED, GREY, LETTERBOXED),
    )
}


def _rotated(film: np.ndarray, subject: Subject, *, value: float) -> np.ndarray:
    return changed(film, Change(angle=value))


def _contrasted(film: np.ndarray, subject: Subject, *, value: float) -> np.ndarray:
    mean = film.mean()
    return _greys(mean + value * (film.astype(np.float32) - mean))


def _compressed(film: np.ndarray, subject: Subject, *, value: float) -> np.ndarray:
    stored = cv2.imencode(".jpg", film[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, round(value)])[1]
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)[..., ::-1]


def _exposed(film: np.ndarray, subject: Subject, *, value: float) -> np.ndarray:
    return _greys(film.astype(np.float32) * 2.0**value)


def _greys(values: np.ndarray) -> np.ndarray:
    """Nearest grey values, what is too dark or too bright cut off."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An alteration with an amount.

    values: what its curve is measured at, from the least to the most. step: of a slider between the ends of these. neutral: the
    amount that changes (nearly) nothing.
    """

    name: str
    title: str
    unit: str
    values: Sequence[float]
    neutral: float
    step: float
    make: Callable[..., np.ndarray]
    version: int = 1

    def at(self, value: float) -> Alteration:
        """Return the alteration of this amount."""
        amount = decimal_text(value)
        return Alteration(
            name=f"{self.name}{amount}",
            title=f"{self.title} {amount}{self.unit}",
            make=partial(self.make, value=value),
            version=self.version,
        )


SCALES = {
    scale.name: scale
    for scale in (
        Scale(
            name="rotation",
            title=tr_lazy("turned by"),
            unit="°",
            values=(-20, -10, -5, 0, 5, 10, 20),
            neutral=0,
            step=1,
            make=_rotated,
        ),
        Scale(
            name="contrast",
            title=tr_lazy("contrast times"),
            unit="",
            values=(0.25, 0.5, 0.75, 1, 1.5, 2),
            neutral=1,
            step=0.05,
            make=_contrasted,
            version=2,
        ),
        Scale(
            name="jpeg",
            title=tr_lazy("JPEG quality"),
            unit="",
            values=(5, 10, 25, 50, 75, 100),
            neutral=100,
            step=5,
            make=_compressed,
        ),
        Scale(
            name="exposure",
            title=tr_lazy("exposure in stops"),
            unit="",
            values=(-2, -1, -0.5, 0, 0.5, 1),
            neutral=0,
            step=0.25,
            make=_exposed,
            version=2,
        ),
    )
}
