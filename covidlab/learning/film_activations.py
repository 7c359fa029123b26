"""Films as the layers that learn see them: prepared once, passed through the frozen layers once, read from the packs."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import tensorflow as tf

from covidlab.config import PRESETS, REFERENCE, Augmentation, Preset
from covidlab.data.catalog import Catalog
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import changed, model_input, view_change
from covidlab.learning.activations import open_film_pack, open_pack
from covidlab.learning.backbones.base import INPUT, Backbone
from covidlab.learning.device import Device
from covidlab.learning.network import build_model, frozen_part, pooled, with_precision

FORWARD_BATCH = 16

_PLAIN = Augmentation()


class FilmActivations:
    """Activations of a catalog's films at the deepest frozen layer, computed where they are missing.

    ``seconds`` counts what the computation of missing ones has taken, ``num_computed`` how many there were, and
    ``num_films_computed`` of how many films.
    """

    def __init__(
        self,
        catalog: Catalog,
        backbone: Backbone,
        *,
        preset: str,
        fine_tune: str,
        device: Device,
        precision: str = REFERENCE,
        augmentation: Augmentation = _PLAIN,
    ):
        backbone.require_weights()
        self.catalog = catalog
        self.backbone = backbone
        self.preset = PRESETS[preset]
        self.fine_tune = fine_tune
        self.every_layer_learns = backbone.cut_point(fine_tune).layer == INPUT
        self.device = device
        self.precision = precision
        self.seconds = 0.0
        self.num_computed = 0
        self._films_computed: set[str] = set()
        self._prepared = open_film_pack(self.preset.resize, side=backbone.input_side)
        self._pack = (
            self._prepared
            if self.every_layer_learns
            else open_pack(backbone, self.preset, fine_tune=fine_tune, precision=precision, augmentation=augmentation)
        )
        self._augmentation = augmentation
        self._sha256s = catalog.films["sha256"].tolist()
        self._pooled: dict[tuple[str, int], np.ndarray] = {}

    def read(self, films: Sequence[int], view: int) -> np.ndarray:
        """Return activations, float32 (n, height, width, channels); films in [0, 1] where every layer learns.

        Raises UnreadableImage where a film cannot be decoded.
        """
        if self.every_layer_learns:
            return self._prepared_films(films, view).astype(np.float32) / 255.0
        keys = [(self._sha256s[film], view) for film in films]
        self._compute_missing(films, view)
        try:
            return self._pack.read(keys).astype(np.float32)
        except KeyError:
            # A record failed its checksum and is forgotten: compute it anew.
            self._compute_missing(films, view)
            return self._pack.read(keys).astype(np.float32)

    def features(self, films: Sequence[int], view: int) -> np.ndarray:
        """Return what the head's pooling leaves of the activations, float32 (n, num_features); kept in memory."""
        keys = [(self._sha256s[film], view) for film in films]
        missing = [film for film, key in zip(films, keys, strict=True) if key not in self._pooled]
        if missing:
            vectors = pooled(self.read(missing, view), self.preset)
            self._pooled.update(
                {(self._sha256s[film], view): vector for film, vector in zip(missing, vectors, strict=True)}
            )
        return np.stack([self._pooled[key] for key in keys])

    @property
    def num_films_computed(self) -> int:
        """Of how many films activations were computed here."""
        return len(self._films_computed)

    def num_missing(self, views: Sequence[int]) -> int:
        """Return how many passes through the frozen layers are still to do for all films in ``views``."""
        if self.every_layer_learns:
            return 0
        return len(self._pack.missing([(sha256, view) for sha256 in self._sha256s for view in views]))

    def missing_films(self, view: int, films: Sequence[int] | None = None) -> list[int]:
        """Return those of ``films`` (of all films where none are given) that have no activation yet in ``view``."""
        self._pack.refresh()
        chosen = range(self.catalog.num_films) if films is None else films
        return [film for film in chosen if (self._sha256s[film], view) not in self._pack]

    def compute(self, films: Sequence[int], view: int, *, on_progress: Callable[[], None] | None = None) -> None:
        """Compute what is missing for ``films``; ``on_progress`` is called after each batch of passes."""
        for start in range(0, len(films), FORWARD_BATCH):
            self._compute_missing(films[start : start + FORWARD_BATCH], view)
            if on_progress:
                on_progress()

    def _compute_missing(self, films: Sequence[int], view: int) -> None:
        if self.every_layer_learns:
            self._prepared_films(films, view)
            return
        first_film = {self._sha256s[film]: film for film in reversed(list(films))}
        missing = [
            first_film[sha256] for sha256, _ in self._pack.missing([(self._sha256s[film], view) for film in films])
        ]
        started = time.monotonic()
        for start in range(0, len(missing), FORWARD_BATCH):
            chunk = missing[start : start + FORWARD_BATCH]
            with self.device.scope():
                frozen = forward(self.preset, self.backbone, self.fine_tune, self.precision)
                activations = frozen(self._prepared_films(chunk, view)).numpy()
            self._pack.add([(self._sha256s[film], view) for film in chunk], activations)
        if missing:
            self.seconds += time.monotonic() - started
            self.num_computed += len(missing)
            self._films_computed.update(self._sha256s[film] for film in missing)

    def _prepared_films(self, films: Sequence[int], view: int) -> np.ndarray:
        """Films at the side the backbone takes, uint8, changed as the view is."""
        first_film = {self._sha256s[film]: film for film in reversed(list(films))}
        missing = self._prepared.missing([(self._sha256s[film], 0) for film in films])
        if missing:
            with ThreadPoolExecutor() as pool:
                prepared = list(pool.map(self._prepare, [first_film[sha256] for sha256, _ in missing]))
            self._prepared.add(missing, np.stack(prepared))
        plain = self._prepared.read([(self._sha256s[film], 0) for film in films])
        if view == 0:
            return plain
        changes = [view_change(self._sha256s[film], view, self._augmentation) for film in films]
        return np.stack([changed(film, change) for film, change in zip(plain, changes, strict=True)])

    def _prepare(self, film: int) -> np.ndarray:
        file = self.catalog.films["file"].iloc[film]
        decoded = decode_file(self.catalog.film_path(file), name=file)
        return model_input(decoded.pixels, resize=self.preset.resize, side=self.backbone.input_side)


_forwards: dict[tuple[Backbone, str, str, str], Callable] = {}


def forward(preset: Preset, backbone: Backbone, fine_tune: str, precision: str = REFERENCE) -> Callable:
    """Return the frozen layers as one compiled function, uint8 (n, side, side, 3) -> float32 activations; kept warm."""
    # Of a preset only its preprocessing reaches the frozen layers.
    key = (backbone, preset.preprocessing, backbone.cut_point(fine_tune).layer, precision)
    if key not in _forwards:
        frozen = frozen_part(build_model(preset, backbone, num_classes=2), backbone, fine_tune)
        if precision != REFERENCE:
            frozen = with_precision(frozen, precision)
        _forwards[key] = _compiled(frozen, side=backbone.input_side)
    return _forwards[key]


def _compiled(model: keras.Model, *, side: int) -> Callable:
    @tf.function(input_signature=[tf.TensorSpec((None, side, side, 3), tf.uint8)])
    def run(films):
        return tf.cast(model(tf.cast(films, tf.float32) / 255.0, training=False), tf.float32)

    return run
