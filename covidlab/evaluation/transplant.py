"""The lungs of one X-ray put into the frame of another: pure functions on pixels and masks, no TensorFlow.

What goes with the lungs: everything between their outlines, each lung stretched smoothly until its outline is that of the frame's.
What stays with the frame: every pixel outside its lungs, the outline of its lungs, and its exposure. Grey values are scaled so that
the tissue around the lungs is as bright as in the frame: a lung keeps how bright it is beside that tissue, and so do opacities.
"""

from dataclasses import dataclass

import cv2
import numpy as np

# To be raised whenever a composite would come out differently: it names what is kept of the network's answers.
VERSION = 2
# Over so many pixels within the lungs of the frame the new lungs fade in.
FEATHER = 2
# The tissue whose brightness is matched reaches so many pixels around the lungs.
RING = 12

# A lung smaller than this share of the picture is a speck of the mask.
_SMALLEST_LUNG = 0.005
# Of two parts that are a lung each, the smaller has this share of the larger at least.
_SMALLER_TO_LARGER = 0.15
# Lungs that touch: the column between them has less than this share of the lung in the fullest column on either side.
_VALLEY = 0.8
# Points of the outline between apex, outer corner of the base, inner corner of the base, and apex again.
_POINTS_OF_OUTLINE = (12, 8, 12)


@dataclass(frozen=True, kw_only=True, eq=False)
class Chest:
    """A prepared X-ray, uint8 (side, side, 3), and its lungs, bool (side, side)."""

    film: np.ndarray
    lungs: np.ndarray


def transplanted(frame: Chest, donor: Chest) -> np.ndarray:
    """Return the frame with the lungs of the donor in place of its own, uint8 (side, side, 3).

    No pixel outside the lungs of the frame changes, and none outside the lungs of the donor is used. With the same X-ray on both
    sides the result equals it. Both need two lungs (``has_two_lungs``).

    Notes
    -----
    The outlines are brought together by a thin-plate spline: F. L. Bookstein (1989), Principal warps, IEEE PAMI 11, 567-585,
    doi 10.1109/34.24792.
    """
    film, mixed = _scaled_to(frame, donor), frame.film.astype(np.float32)
    for lung, source, outward in zip(two_lungs(frame.lungs), two_lungs(donor.lungs), (-1, 1), strict=True):
        columns, rows = _places(lung, source, outward=outward)
        warped = cv2.remap(_spread_out(film, source), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        share = _fading(lung)[..., None]
        mixed = share * warped + (1 - share) * mixed
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def there_and_back(chest: Chest, other: Chest) -> np.ndarray:
    """Return an X-ray whose lungs were put into another's frame and back into its own: what the operation alone changes."""
    away = transplanted(other, chest)
    return transplanted(chest, Chest(film=away, lungs=other.lungs))


def has_two_lungs(lungs: np.ndarray) -> bool:
    """Whether a mask, bool (side, side), has a lung on each side."""
    return all(lung.mean() >= _SMALLEST_LUNG for lung in two_lungs(lungs))


def two_lungs(lungs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lung on the left of the picture and that on its right without holes and specks, bool (side, side) each.

    Lungs that touch are parted at the column between them that has the least lung; where there is one lung, the other is empty.
    """
    _, parts, facts, centres = cv2.connectedComponentsWithStats(lungs.astype(np.uint8), connectivity=8)
    areas = facts[1:, cv2.CC_STAT_AREA]
    largest = np.argsort(-areas)[:2]
    if len(largest) == 2 and areas[largest[1]] >= _SMALLER_TO_LARGER * areas[largest[0]]:
        left, right = sorted(1 + largest, key=lambda part: centres[part, 0])
        return _largest(parts == left), _largest(parts == right)
    column = _parting_column(lungs)
    left = np.broadcast_to(np.arange(lungs.shape[1]) < column, lungs.shape)
    return _largest(lungs & left), _largest(lungs & ~left)


def _largest(lung: np.ndarray) -> np.ndarray:
    """The largest part of a mask with its holes filled."""
    outlines, _ = cv2.findContours(lung.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = np.zeros(lung.shape, np.uint8)
    if outlines:
        cv2.drawContours(drawn, [max(outlines, key=cv2.contourArea)], -1, 1, thickness=cv2.FILLED)
    return drawn > 0


def _parting_column(lungs: np.ndarray) -> int:
    """Column between two lungs that has the least lung; 0 where there is none, since it is one lung."""
    held = lungs.sum(axis=0)
    if not held.any():
        return 0
    first, last = np.flatnonzero(held)[[0, -1]]
    inner = np.arange(first + (last - first) // 4, last - (last - first) // 4 + 1)
    least = inner[held[inner] == held[inner].min()]
    column = int(least[len(least) // 2])
    is_between = held[column] < _VALLEY * min(held[:column].max(initial=0), held[column:].max())
    return column if is_between else 0


def _places(lung: np.ndarray, source: np.ndarray, *, outward: int) -> tuple[np.ndarray, np.ndarray]:
    """Where in the donor each pixel of a lung comes from, float32 (side, side) columns and rows; itself elsewhere."""
    rows, columns = np.indices(lung.shape, dtype=np.float32)
    places = np.argwhere(lung)[:, ::-1].astype(float)
    columns[lung], rows[lung] = _splined(places, _outline(lung, outward), _outline(source, outward)).T
    return columns, rows


def _outline(lung: np.ndarray, outward: int) -> np.ndarray:
    """Points of the outline that belong together on all lungs, (points, 2) column and row. outward: -1 for the lung on the left."""
    outlines, _ = cv2.findContours(lung.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    along = max(outlines, key=cv2.contourArea)[:, 0].astype(float)
    across, down = outward * along[:, 0], along[:, 1]
    # The corners of the base lie farthest down and out, and farthest down and in.
    corners = [int(np.argmin(down)), int(np.argmax(across + down)), int(np.argmax(down - across))]
    if (corners[1] - corners[0]) % len(along) > (corners[2] - corners[0]) % len(along):
        # The other way round, so that the outer edge comes first.
        along, corners = along[::-1], [len(along) - 1 - corner for corner in corners]
    ends = zip(corners, [*corners[1:], corners[0]], _POINTS_OF_OUTLINE, strict=True)
    return np.concatenate([_evenly(along, begin, end, number) for begin, end, number in ends])


def _evenly(along: np.ndarray, begin: int, end: int, number: int) -> np.ndarray:
    """So many points of a closed outline from one to before another, equally far apart."""
    part = np.roll(along, -begin, axis=0)[: (end - begin) % len(along) + 1]
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(part, axis=0), axis=1))])
    at = np.linspace(0, far[-1], number, endpoint=False)
    return np.stack([np.interp(at, far, part[:, axis]) for axis in (0, 1)], axis=1)


def _splined(places: np.ndarray, points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Where the thin-plate spline from points to targets takes places; all (n, 2)."""
    number = len(points)
    system = np.zeros((number + 3, number + 3))
    # The small weight of bending keeps points that coincide from making the system singular.
    system[:number, :number] = _bending(points, points) + 1e-3 * np.eye(number)
    system[:number, number:] = _flat(points)
    system[number:, :number] = _flat(points).T
    weights = np.linalg.solve(system, np.vstack([targets, np.zeros((3, 2))]))
    return _bending(places, points) @ weights[:number] + _flat(places) @ weights[number:]


def _bending(places: np.ndarray, points: np.ndarray) -> np.ndarray:
    squared = ((places[:, None] - points[None]) ** 2).sum(axis=-1)
    return squared * np.log(np.maximum(squared, 1e-12))


def _flat(places: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(places)), places])


def _scaled_to(frame: Chest, donor: Chest) -> np.ndarray:
    """The donor, float32, with the tissue around its lungs as bright as that around the frame's; black and white stay.

    Two straight pieces for each channel, so that no two grey values become one.
    """
    scaled = np.empty(donor.film.shape, np.float32)
    pairs = zip(_tissue(donor), _tissue(frame), strict=True)
    for channel, (grey, wanted) in enumerate(pairs):
        scaled[..., channel] = np.interp(donor.film[..., channel], [0, grey, 255], [0, wanted, 255])
    return scaled


def _tissue(chest: Chest) -> np.ndarray:
    """Median grey value of each channel around the lungs, away from black and white."""
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RING + 1, 2 * RING + 1))
    around = (cv2.dilate(chest.lungs.astype(np.uint8), reach) > 0) & ~chest.lungs
    return np.clip(np.median(chest.film[around if around.any() else chest.lungs], axis=0), 1, 254)


def _spread_out(film: np.ndarray, lung: np.ndarray) -> np.ndarray:
    """A picture whose pixels outside a lung are those of the lung that lie nearest."""
    _, nearest = cv2.distanceTransformWithLabels(
        (~lung).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(nearest.max() + 1, int)
    of_label[nearest[lung]] = np.flatnonzero(lung)
    return film.reshape(-1, film.shape[-1])[of_label[nearest]]


def _fading(lung: np.ndarray) -> np.ndarray:
    """How much of the new lung shows at each pixel: 0 outside, rising to 1 over ``FEATHER`` pixels within."""
    along = np.clip(cv2.distanceTransform(lung.astype(np.uint8), cv2.DIST_L2, 3) / (FEATHER + 1), 0, 1)
    return along * along * (3 - 2 * along)
