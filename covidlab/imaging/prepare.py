"""From decoded pixels to what a network takes: 224 x 224, changed as a view is."""

from dataclasses import dataclass

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE, Augmentation

_PLAIN = Augmentation()
_VIEW_SEED = 20_200_316


def model_input(pixels: np.ndarray, *, resize: str, side: int = IMAGE_SIDE) -> np.ndarray:
    """Film as the model sees it: ``side`` x ``side``, aspect ratio ignored.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    resize : "area" or "linear", the interpolation
    side : int, width and height of what the network takes

    Returns
    -------
    ndarray of shape (side, side, 3), uint8, RGB
    """
    interpolation = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR}[resize]
    return cv2.resize(pixels, (side, side), interpolation=interpolation)


@dataclass(frozen=True, kw_only=True)
class Change:
    """How one view differs from its film. angle: degrees, counter-clockwise. shift: right and down, shares of the side.
    brightness: added to all intensities, a share of their range."""

    angle: float = 0.0
    is_flipped: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    brightness: float = 0.0


def view_change(sha256: str, view: int, augmentation: Augmentation = _PLAIN) -> Change:
    """Return how a view differs from the film: not at all for view 0, else drawn uniformly, the same on every machine."""
    if view == 0:
        return Change()
    generator = np.random.default_rng([_VIEW_SEED, int(sha256, 16), view])
    # Angles come first: with the others at rest they are those of the version that had angles only.
    angle, *others = generator.uniform(-1, 1, 4)
    return Change(
        angle=float(angle) * augmentation.rotation,
        is_flipped=augmentation.flip and bool(generator.random() < 0.5),
        shift=(float(others[0]) * augmentation.shift, float(others[1]) * augmentation.shift),
        brightness=float(others[2]) * augmentation.brightness,
    )


def changed(film: np.ndarray, change: Change) -> np.ndarray:
    """Return a prepared film, uint8 (side, side, 3), as a view shows it; what moves in repeats the border."""
    if change.is_flipped:
        film = film[:, ::-1]
    if change.angle or any(change.shift):
        film = _moved(np.ascontiguousarray(film), change)
    if change.brightness:
        film = np.clip(film + np.float32(255 * change.brightness), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(film)


def _moved(film: np.ndarray, change: Change) -> np.ndarray:
    side = film.shape[0]
    centre = (side - 1) / 2
    move = cv2.getRotationMatrix2D((centre, centre), change.angle, 1.0)
    move[:, 2] += np.array(change.shift) * side
    return cv2.warpAffine(film, move, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
