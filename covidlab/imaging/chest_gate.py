"""Whether a picture looks like a chest X-ray at all, as far as a few measures of its grey values tell: the cheap first gate."""

from dataclasses import dataclass

import cv2
import numpy as np

from covidlab.imaging.posture import Posture
from covidlab.imaging.receipt import Check, Verdict
from covidlab.imaging.small_picture import SmallPicture
from covidlab.language import tr_lazy

_MEASURED_SIDE = 256
_OCTAVES = 5
# A step between neighbours that an X-ray has at markers and metal only.
_HARD_STEP = 40


@dataclass(frozen=True)
class Limit:
    """What no X-ray measured lies beyond: low and high, and what a picture beyond them is called."""

    low: float
    high: float
    too_low: str = ""
    too_high: str = ""

    def complaint(self, value: float) -> str:
        """What speaks against the picture, "" where ``value`` is within the limit."""
        return self.too_low if value < self.low else self.too_high if value > self.high else ""


_ANY = float("inf")
# Beside each: the range of 1,174 chest X-rays (two public collections of adults, one of children, at 512 pixels or less). The
# limits lie further out, since to refuse an X-ray is worse than to let a strange picture through: of 200 X-rays made noisy, sharp,
# flat, small, strongly compressed, framed, blurred or equalized (CLAHE), in each way one is refused at most.
LIMITS = {
    "spread": Limit(7.0, _ANY, too_low=tr_lazy("it is nearly one grey")),  # 25 to 78
    "levels": Limit(24, _ANY, too_low=tr_lazy("it has only few greys, like a drawing")),  # 123 to 256
    "commonest": Limit(0.0, 0.5, too_high=tr_lazy("most of it is one grey, like a drawing or a page")),  # 0.01 to 0.27
    "flat": Limit(0.0, 0.75, too_high=tr_lazy("most of it is plain, like a drawing or a page")),  # 0.01 to 0.45
    "outlines": Limit(1.15, _ANY, too_low=tr_lazy("it has no outlines, like noise or a plain gradient")),  # 1.5 to 6.5
    # -4.3 to -1.8
    "octave 2": Limit(
        -5.2, -1.3, tr_lazy("it has no shapes, like a plain gradient"), tr_lazy("its shapes are too small")
    ),
    "octave 0": Limit(
        -_ANY, -1.5, too_high=tr_lazy("too much of it is fine detail, like text or noise")
    ),  # -4.9 to -2.0
    "octave 1": Limit(
        -_ANY, -1.7, too_high=tr_lazy("too much of it is fine detail, like text or noise")
    ),  # -4.8 to -2.2
    "octave 3": Limit(-_ANY, -1.1, too_high=tr_lazy("its shapes are not those of a chest")),  # -3.6 to -1.4
    "octave 4": Limit(-_ANY, -0.93, too_high=tr_lazy("its shapes are not those of a chest")),  # -2.7 to -1.06
    "direction": Limit(0.0, 1.6, too_high=tr_lazy("it changes in one direction only")),  # 0 to 0.7
    "hard steps": Limit(
        0.0, 0.07, too_high=tr_lazy("it has too many sharp edges, like a page or a photograph")
    ),  # 0 to 0.013
    "posture": Limit(2.6, _ANY, too_low=tr_lazy("light and dark do not lie where a chest has them")),  # 2.9 to 12
}

# Four of five X-rays resemble a chest as much as this, none of the photographs and pages tried does. Detail and edges then
# count for nothing, since strong processing (CLAHE, sharpening) makes both.
CLEAR_POSTURE = 7.5
NOT_WHERE_CLEAR = {"octave 0", "octave 1", "octave 3", "octave 4", "hard steps"}
# 0.5 % of the X-rays resemble a chest less than this. None of them has as much fine detail as the second, which grey photographs have.
WEAK_POSTURE = 5.0
PHOTOGRAPH_POSTURE, PHOTOGRAPH_DETAIL = 5.5, -2.5


def check_chest(picture: SmallPicture, lie: Posture) -> Check:
    """Say whether the picture looks like a chest X-ray."""
    complaints = chest_complaints(chest_measures(picture, lie))
    if complaints:
        return Check(
            "chest",
            Verdict.REFUSE,
            tr_lazy("This does not look like a chest X-ray: {complaints}.", complaints=complaints[0]),
        )
    if lie.best < WEAK_POSTURE:
        sentence = tr_lazy(
            "The picture resembles a chest X-ray only weakly. Look whether it is a frontal X-ray of the chest."
        )
        return Check("chest", Verdict.WARN, sentence)
    sentence = tr_lazy(
        "Light and dark lie as in a chest X-ray. This check is coarse: passing it does not mean that the "
        "X-ray is valid."
    )
    return Check("chest", Verdict.PASS, sentence)


def chest_complaints(measures: dict[str, float]) -> list[str]:
    """What speaks against a chest X-ray, in the order of ``LIMITS``, then what two measures say together."""
    is_clear = measures["posture"] >= CLEAR_POSTURE
    limits = {name: limit for name, limit in LIMITS.items() if not (is_clear and name in NOT_WHERE_CLEAR)}
    complaints = [said for name, limit in limits.items() if (said := limit.complaint(measures[name]))]
    if measures["posture"] < PHOTOGRAPH_POSTURE and measures["octave 0"] > PHOTOGRAPH_DETAIL:
        complaints.append(
            tr_lazy("it has much fine detail, like a photograph, and light and dark do not lie where a chest has them")
        )
    return complaints


def chest_measures(picture: SmallPicture, lie: Posture) -> dict[str, float]:
    """Return the measures that ``LIMITS`` bounds."""
    square = cv2.resize(picture.inner, (_MEASURED_SIDE, _MEASURED_SIDE), interpolation=cv2.INTER_AREA).astype(
        np.float32
    )
    # One line is repeated, so that a picture of one line has neighbours too.
    grey = cv2.copyMakeBorder(picture.inner, 0, 1, 0, 1, cv2.BORDER_REPLICATE)
    across, down = (cv2.absdiff(each, grey[:-1, :-1]) for each in (grey[:-1, 1:], grey[1:, :-1]))
    counts = np.bincount(picture.inner.ravel(), minlength=256) / picture.inner.size
    octaves = {f"octave {index}": value for index, value in enumerate(_octaves(square))}
    return {
        "spread": float(square.std()),
        "levels": float((counts > 1e-4).sum()),
        "commonest": float(counts.max()),
        "flat": float(((across == 0) & (down == 0)).mean()),
        "hard steps": float(((across > _HARD_STEP) | (down > _HARD_STEP)).mean()),
        "direction": abs(float(np.log2((across.mean() + 0.01) / (down.mean() + 0.01)))),
        "outlines": _outlines(square),
        "posture": lie.best,
        **octaves,
    }


def _octaves(square: np.ndarray) -> list[float]:
    """How much of the spread is detail of each octave, from the finest to the coarsest, as logarithm to base 2."""
    spread, shares = square.std() + 1e-6, []
    for _ in range(_OCTAVES):
        coarser = cv2.pyrDown(square)
        detail = square - cv2.pyrUp(coarser, dstsize=square.shape[::-1])
        shares.append(float(np.log2(detail.std() / spread + 1e-4)))
        square = coarser
    return shares


def _outlines(square: np.ndarray) -> float:
    """How far the steepest slopes stand out from all slopes: 1 for noise, higher where shapes have outlines."""
    smooth = cv2.GaussianBlur(square, (0, 0), 1.5)
    slopes = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(smooth, cv2.CV_32F, 0, 1) ** 2
    return float(np.log2((slopes**2).mean() / max(slopes.mean() ** 2, 1e-9) + 1e-9))
