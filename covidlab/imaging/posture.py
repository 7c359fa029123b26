"""How an X-ray lies: upright, turned by quarters, or with black and white exchanged, told from 8 x 8 grey values."""

from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 8
# One weight (in hundredths) for each of the 8 x 8 values: a chest is bright in the middle and below, dark at both sides of the
# middle. benchmarks/fit_posture.py makes them; it says how well they do on X-rays of sources that they were not made from.
WEIGHTS = np.array(
    [
        [-16, -33, -19, 26, 30, -18, -27, -13],
        [-11, -14, -22, 6, 3, -5, -8, -10],
        [17, 14, -18, -1, -5, -25, 4, 9],
        [8, 3, -11, 8, 19, -25, -11, 15],
        [-10, -18, -44, 12, 28, -21, -18, -6],
        [-15, -10, -17, 32, 33, 7, -11, -20],
        [-21, 3, 6, 37, 39, 21, -8, -23],
        [-20, 10, 32, 61, 58, 35, 2, -27],
    ]
)
TURNS = 4


@dataclass(frozen=True)
class Posture:
    """How well a picture resembles a chest X-ray in eight postures.

    scores: of the picture turned counter-clockwise by 0, 90, 180 and 270 degrees to be upright, then of the inverted
    picture turned likewise; the highest is the most likely posture.
    """

    scores: tuple[float, ...]

    @property
    def best(self) -> float:
        """The highest score; low where the picture resembles a chest X-ray in no posture."""
        return max(self.scores)

    @property
    def turn_degrees(self) -> int:
        """By how much the picture is turned clockwise in the most likely posture."""
        return self.scores.index(self.best) % TURNS * 90

    @property
    def rotation_evidence(self) -> float:
        """By how much a turned posture is more likely than both that are not turned; negative where it is less."""
        straight = max(self.scores[0], self.scores[TURNS])
        return max(score for index, score in enumerate(self.scores) if index % TURNS) - straight

    @property
    def inversion_evidence(self) -> float:
        """By how much an inverted posture is more likely than all that are not; negative where it is less."""
        return max(self.scores[TURNS:]) - max(self.scores[:TURNS])


def posture(grey: np.ndarray) -> Posture:
    """Return how a picture lies, told from its grey values (height, width)."""
    return Posture(tuple(float(score) for score in (postures(ranks(grey)) @ WEIGHTS.ravel()) / 100))


def ranks(grey: np.ndarray) -> np.ndarray:
    """The picture at 8 x 8 with each value replaced by its rank, mean 0 and variance 1, so that exposure does not count."""
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    # Equal values share a rank: an empty picture resembles nothing.
    _, places, counts = np.unique(small, return_inverse=True, return_counts=True)
    shared = np.cumsum(counts) - (counts + 1) / 2
    values = shared[places.reshape(small.shape)] - (small.size - 1) / 2
    return values / max(values.std(), 1e-6)


def postures(values: np.ndarray) -> np.ndarray:
    """The ranks in the eight postures of ``Posture.scores``: (8, 64)."""
    turned = [np.rot90(values, turn) for turn in range(TURNS)]
    return np.array([*turned, *(-each for each in turned)]).reshape(2 * TURNS, -1)
