"""Phantoms for the audit: each with and without its planted mark, as the network takes them, passed through it once and kept."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from covidlab.audit.data import FeatureMaker
from covidlab.audit.head_maps import HeadWeights
from covidlab.audit.phantom_marks import VERSION, marked_pixels, phantom_without_mark
from covidlab.config import TrainingConfig
from covidlab.imaging.prepare import model_input
from covidlab.learning.activations import ActivationPack
from covidlab.learning.device import Device
from covidlab.learning.heads import HeadJob, train_heads
from covidlab.learning.updates import update_rule
from covidlab.paths import home
from covidlab.phantom.film import Phantom, PhantomConfig, num_positive
from covidlab.prediction.occlusion import CELLS_A_SIDE, covered_films

_NUM_THREADS = 2
_KEPT_AS = f"phantoms{VERSION}"


@dataclass(frozen=True, eq=False)
class PhantomPool:
    """Phantoms of one kind, asked for by their numbers. maker: passes them through the network. config: see ``phantom_marks.pool_config``."""

    maker: FeatureMaker
    config: PhantomConfig

    def labels(self, numbers: Sequence[int]) -> np.ndarray:
        """Return the class of each phantom, (n,) int: 1 with opacities, else 0."""
        return np.array([num_positive(self.config, each + 1) - num_positive(self.config, each) for each in numbers])

    def activations(self, numbers: Sequence[int], *, marked: bool) -> np.ndarray:
        """Return what the last frozen layer gives, with or without the mark, float32 (n, 7, 7, 512) of VGG16."""
        keys = [self._key(number, marked) for number in numbers]
        make = lambda places: self.prepared([numbers[place] for place in places], marked=marked)  # noqa: E731
        return self.maker.kept_activations(keys, make, of=_KEPT_AS)

    def missing(self, numbers: Sequence[int], *, marked: bool) -> list[int]:
        """Return those phantoms that ``activations`` would have to pass through the network."""
        keys = [self._key(number, marked) for number in numbers]
        return [numbers[place] for place in self.maker.missing_activations(keys, of=_KEPT_AS)]

    def covered_features(self, numbers: Sequence[int]) -> np.ndarray:
        """Return the features of each marked phantom with one place after the other covered, float32 (n, 49, features)."""
        places = [(number, cell) for number in numbers for cell in range(CELLS_A_SIDE**2)]
        keys = [f"{self._key(number, True)}{cell:02d}" for number, cell in places]

        def make(wanted: list[int]) -> np.ndarray:
            return np.stack([self._covered(places[each][0])[places[each][1]] for each in wanted])

        features = self.maker.kept_features(keys, make, of=f"phantoms{VERSION}-covered")
        return features.reshape(len(numbers), CELLS_A_SIDE**2, -1)

    def truth(self, numbers: Sequence[int]) -> np.ndarray:
        """Return where lungs and opacities lie, of the X-ray as the network takes it: bool (n, 2, side, side); kept."""
        side = self._side
        pack = ActivationPack(
            home() / "activations" / f"phantom-truth{VERSION}-{side}", shape=(2, side, side // 8), dtype=np.uint8
        )
        records = [(self._key(number, False), 0) for number in numbers]
        missing = set(pack.missing(records))
        if wanted := [(number, record) for number, record in zip(numbers, records, strict=True) if record in missing]:
            made = self.phantoms([number for number, _ in wanted])
            masks = np.stack([[_resized(each.lung_mask, side), _resized(each.opacity_mask, side)] for each in made])
            pack.add([record for _, record in wanted], np.packbits(masks, axis=-1))
        return np.unpackbits(pack.read(records), axis=-1).astype(bool)

    def prepared(self, numbers: Sequence[int], *, marked: bool) -> np.ndarray:
        """Return phantoms as the network takes them, uint8 (n, side, side, 3)."""
        films = [self._pixels(phantom.pixels, marked) for phantom in self.phantoms(numbers)]
        return np.stack(films) if films else np.zeros((0, self._side, self._side, 3), np.uint8)

    def phantoms(self, numbers: Sequence[int]) -> list[Phantom]:
        """Return the phantoms themselves, without the mark."""
        missing = [number for number in numbers if number not in self._drawn]
        with ThreadPoolExecutor(_NUM_THREADS) as threads:
            made = threads.map(lambda number: phantom_without_mark(self.config, number), missing)
            self._drawn.update(zip(missing, made, strict=True))
        return [self._drawn[number] for number in numbers]

    @cached_property
    def _drawn(self) -> dict[int, Phantom]:
        return {}

    @cached_property
    def _last_covered(self) -> dict[int, np.ndarray]:
        return {}

    def _covered(self, number: int) -> np.ndarray:
        """A marked phantom with each place covered; the last one is kept, since one phantom is asked for 49 times."""
        if number not in self._last_covered:
            self._last_covered.clear()
            self._last_covered[number] = covered_films(self.prepared([number], marked=True)[0])
        return self._last_covered[number]

    def _pixels(self, pixels: np.ndarray, marked: bool) -> np.ndarray:
        grey = marked_pixels(pixels, self.config)[0] if marked else pixels
        colour = np.repeat(grey[..., None], 3, axis=2)
        return model_input(colour, resize=self.maker.preset.resize, side=self._side)

    @property
    def _side(self) -> int:
        return self.maker.backbone.input_side

    def _key(self, number: int, marked: bool) -> str:
        # The mark, where it is not planted, and the number of phantoms change no pixel.
        config = self.config if marked else replace(self.config, shortcut="none")
        settings = {**asdict(config), "num_films": 0, "shortcut_strength": 0, "number": number}
        return hashlib.sha256(repr(sorted(settings.items())).encode()).hexdigest()


def _resized(mask: np.ndarray, side: int) -> np.ndarray:
    # By area, so that half a pixel of lung is half a pixel.
    return cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA) >= 0.5


def train_on_phantoms(
    features: np.ndarray,
    labels: np.ndarray,
    config: TrainingConfig,
    device: Device,
    *,
    num_heads: int,
    on_epoch: Callable[[int, list[HeadWeights]], None] = lambda epoch, heads: None,
) -> list[HeadWeights]:
    """Train heads that differ in their seeds, with the settings of the audited model; return the weights of each.

    Parameters
    ----------
    features : (n, features) float32, one phantom a row
    labels : (n,) int
    on_epoch : called with 0 before the first epoch and with each finished one, and the weights then
    """
    films = np.arange(len(labels))
    jobs = [
        HeadJob(films=films, labels=labels, views=(0,), learning_rate=config.learning_rate, seed=config.seed + number)
        for number in range(num_heads)
    ]
    weights = lambda stack: [stack.keras_weights(head) for head in range(num_heads)]  # noqa: E731
    with device.scope():
        stack = train_heads(
            jobs,
            np.asarray(features, np.float32)[:, None],
            num_classes=2,
            epochs=config.epochs,
            batch_size=config.batch_size,
            rule=update_rule(config, labels, num_classes=2),
            on_epoch=lambda epoch, stack: on_epoch(epoch, weights(stack)),
        )
    return weights(stack)
