"""The map on trial: is the brightest region of a map what the model used? Needs no TensorFlow.

The brightest tenth of the X-ray is erased and the X-ray is read again, and so it is with twenty regions of the same shape at
random places. A map that shows what the model used names a region whose loss lowers the log odds more than nearly all others
do. It is a deletion test as in Samek et al. 2017 (arXiv 1509.06321), with a permutation p-value instead of a curve.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from covidlab.language import tr
from covidlab.prediction.answer import probability_text
from covidlab.prediction.explanation import ILLUSTRATIVE, METHOD_NAMES, Explanation, Method
from covidlab.prediction.occlusion import LogOddsOf
from covidlab.text import class_name

ERASED_SHARE = 0.1
NUM_RANDOM = 20
PASSING_SHARE = 0.95
# Ranks of a map among itself and the random regions, any of which is as likely for a map that shows nothing.
CHANCE_PASSES = NUM_RANDOM + 1 - round(PASSING_SHARE * NUM_RANDOM)

# Seen from here nothing of a rib, a marker or a letter is left at 224 pixels, while lung and abdomen still differ.
_BLUR_SHARE = 0.07
_SEED = 20_110_463
# Erasing a tenth often changes a number by less than a hundredth.
_DECIMALS = 3
# So many films are read together, fewer where others wait (``steps``).
_FILMS_A_BATCH = 7


@dataclass(frozen=True, kw_only=True, eq=False)
class MapTrial:
    """What happened when the brightest region of a map was erased, and when equal regions at random were.

    drop: by how much the log odds of the class fell. random_drops: the same for each random region, (n,) float. p_value: share
    of regions that matter at least as much, the map's own among them, (k + 1) / (n + 1). passed: the number fell, and by
    more than for 95 % of the random regions; a map that shows nothing passes by chance in 2 of 21 trials. probability,
    erased_probability: of the class before and after. share: of the X-ray that was erased.
    """

    drop: float
    random_drops: np.ndarray
    p_value: float
    passed: bool
    probability: float
    erased_probability: float
    share: float
    class_name: str
    method: Method

    @property
    def num_exceeded(self) -> int:
        """Number of random regions whose loss mattered less."""
        return int((self.random_drops < self.drop).sum())

    def sentences(self) -> tuple[str, str, str]:
        """Return what happened, whether the map passed, and what a map is, for people."""
        return self._what_happened(), self._verdict(), ILLUSTRATIVE

    def _what_happened(self) -> str:
        numbers = self.probability, self.erased_probability
        before, after = (probability_text(number, decimals=_DECIMALS) for number in numbers)
        change = (
            tr("from {before} to {after}", before=before, after=after)
            if before != after
            else tr("by less than 0.001 (it stays {before})", before=before)
        )
        return tr(
            "Erasing the brightest region ({value:.0f} % of the X-ray) changed the model's own number for "
            "{class_name} (not calibrated) {change}. It lowered the log odds more than {num_exceeded} of "
            "{num_random_drops} equal regions at random did (p = {p_value:.2f}).",
            value=100 * self.share,
            class_name=class_name(self.class_name),
            change=change,
            num_exceeded=self.num_exceeded,
            num_random_drops=len(self.random_drops),
            p_value=self.p_value,
        )

    def _verdict(self) -> str:
        name = METHOD_NAMES[self.method]
        if self.passed:
            return tr(
                "The map ({name}) passed this test: the model used what lies in its brightest region. A map that "
                "shows nothing passes by chance in {chance_passes} of {num_random} trials.",
                name=name,
                chance_passes=CHANCE_PASSES,
                num_random=NUM_RANDOM + 1,
            )
        why = "" if self.drop > 0 else tr("the model's own number did not fall, so ")
        return tr("The map ({name}) did not pass: {why}it does not show what this model used.", name=name, why=why)


def try_map(explanation: Explanation, prepared: np.ndarray, log_odds_of: LogOddsOf) -> MapTrial | None:
    """Return how a map does on trial, None where it is empty. The same film and map get the same regions.

    What is erased is replaced by the blurred film (Fong and Vedaldi 2017, arXiv 1704.03296): a grey area would bring edges of
    its own, which a network sees, and the blur leaves no detail but the brightness of the surroundings. The random regions
    are the brightest one, mirrored and shifted at random, what leaves at one border entering at the other: shape and area
    are equal, and under the hypothesis that the map says nothing its place is one of such places at random.

    Parameters
    ----------
    prepared : ndarray of shape (side, side, 3), uint8
    log_odds_of : (n, side, side, 3) uint8 -> (n,) log odds of the explained class
    """
    if explanation.is_empty:
        return None
    region = brightest_region(explanation.heatmap, side=prepared.shape[0])
    blurred = cv2.GaussianBlur(prepared, (0, 0), _BLUR_SHARE * prepared.shape[0])
    films = [prepared, *(erased(prepared, blurred, each) for each in (region, *random_regions(region)))]
    log_odds = _read_in_batches(log_odds_of, np.stack(films))
    drop, random_drops = float(log_odds[0] - log_odds[1]), log_odds[0] - log_odds[2:]
    return MapTrial(
        drop=drop,
        random_drops=random_drops,
        p_value=float((random_drops >= drop).sum() + 1) / (len(random_drops) + 1),
        passed=bool(drop > 0 and (random_drops < drop).mean() >= PASSING_SHARE),
        probability=_probability(log_odds[0]),
        erased_probability=_probability(log_odds[1]),
        share=float(region.mean()),
        class_name=explanation.class_name,
        method=explanation.method,
    )


def brightest_region(heatmap: np.ndarray, *, side: int) -> np.ndarray:
    """Return the brightest tenth of a map drawn over the film, less where less of it is above 0; bool (side, side)."""
    smooth = cv2.resize(heatmap.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    places = np.argsort(-smooth, axis=None, kind="stable")[: round(ERASED_SHARE * smooth.size)]
    region = np.zeros(smooth.shape, bool)
    region.flat[places] = True
    return region & (smooth > 0)


def random_regions(region: np.ndarray) -> list[np.ndarray]:
    """Return ``NUM_RANDOM`` regions of the same shape and area, mirrored and shifted, the same for the same region."""
    generator = np.random.default_rng(_SEED)
    regions = []
    for _ in range(NUM_RANDOM):
        upside_down, mirrored = generator.integers(0, 2, 2)
        turned = region[:: 1 - 2 * upside_down, :: 1 - 2 * mirrored]
        regions.append(np.roll(turned, generator.integers(0, region.shape), axis=(0, 1)))
    return regions


def erased(prepared: np.ndarray, replacement: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Return the film with a region replaced, uint8 (side, side, 3)."""
    return np.where(region[..., None], replacement, prepared)


def _read_in_batches(log_odds_of: LogOddsOf, films: np.ndarray) -> np.ndarray:
    starts = range(0, len(films), _FILMS_A_BATCH)
    return np.concatenate([log_odds_of(films[start : start + _FILMS_A_BATCH]) for start in starts])


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-float(log_odds))))
