"""Films as the layers that learn see them: prepared once, passed through the frozen layers once, read from the packs."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import tensorflow as tf

from covidlab.config import PRESETS, REFERENCE, Augmentation, Preset
from covidlab.data.catalog import Catalog
from covidlab.errors import StorageError, UnreadableImage
from covidlab.imaging.decode import decode, read_bytes
from covidlab.imaging.prepare import changed, model_input, view_change
from covidlab.language import tr
from covidlab.learning.activation_shards import ShardPack
from covidlab.learning.activations import ActivationKey, ActivationPack, open_film_pack, open_pack
from covidlab.learning.backbones.base import INPUT, Backbone
from covidlab.learning.cache_space import EVERYTHING, Kept
from covidlab.learning.device import Device, memory_errors
from covidlab.learning.network import build_model, frozen_part, pooled, with_precision

# Batches of 4, 8, 16 and 32 take the processor 294, 290, 293 and 292 ms an X-ray in float32 (benchmarks/bench_depths.py, two cores,
# beside other work): the size is free, and 16 X-rays keep a stop and the progress within two seconds.
FORWARD_BATCH = 16
# X-rays whose activations are pooled at a time: 12 MB of them at the depth "head".
_POOLED_BATCH = 64

_PLAIN = Augmentation()


class DamagedXrays(UnreadableImage):
    """X-rays of a set that cannot be prepared; ``why`` says of each file what is wrong."""

    def __init__(self, why: Mapping[str, str]):
        super().__init__(" ".join(why.values()))
        self.why = dict(why)


class FilmActivations:
    """Activations of a catalog's films at the deepest frozen layer, computed where they are missing.

    ``seconds`` counts what the computation of missing ones has taken, ``num_computed`` how many there were, and
    ``num_films_computed`` of how many films. ``kept``: what is written to the disk; what is not is computed at each reading,
    and is the same to the last bit. Where some passes are kept, these are read and the others computed.
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
        self.kept: Kept = EVERYTHING
        self.seconds = 0.0
        self.num_computed = 0
        self._num_kept = 0
        self._films_computed: set[str] = set()
        self._prepared = open_film_pack(self.preset.resize, side=backbone.input_side)
        self._pack = (
            self._prepared
            if self.every_layer_learns
            else open_pack(backbone, self.preset, fine_tune=fine_tune, precision=precision, augmentation=augmentation)
        )
        self._augmentation = augmentation
        self._sha256s = catalog.films["sha256"].tolist()
        self._pooled: dict[ActivationKey, np.ndarray] = {}

    def add_to(self, *, films: ActivationPack, activations: ActivationPack) -> None:
        """Keep what is computed from now on in packs that this process alone writes, see ``learning.activation_shards``."""
        self._prepared = ShardPack(self._prepared, films)
        self._pack = self._prepared if self.every_layer_learns else ShardPack(self._pack, activations)

    def read(self, films: Sequence[int], view: int) -> np.ndarray:
        """Return activations, float32 (n, height, width, channels); films in [0, 1] where every layer learns.

        Raises DamagedXrays where films cannot be decoded.
        """
        if self.every_layer_learns:
            return self._prepared_films(films, view).astype(np.float32) / 255.0
        if not self.kept.activations:
            return self._read_partly(films, view).astype(np.float32)
        keys = [(self._sha256s[film], view) for film in films]
        self._compute_missing(films, view)
        try:
            return self._pack.read(keys).astype(np.float32)
        except KeyError:
            # Records failed their checksums and are forgotten: compute them anew.
            self._compute_missing(films, view)
            return self._pack.read(keys).astype(np.float32)

    def features(self, films: Sequence[int], view: int) -> np.ndarray:
        """Return what the head's pooling leaves of the activations, float32 (n, num_features); kept in memory."""
        keys = [(self._sha256s[film], view) for film in films]
        missing = list({key: film for film, key in zip(films, keys, strict=True) if key not in self._pooled}.values())
        for start in range(0, len(missing), _POOLED_BATCH):
            chunk = missing[start : start + _POOLED_BATCH]
            vectors = pooled(self.read(chunk, view), self.preset)
            self._pooled.update(
                {(self._sha256s[film], view): vector for film, vector in zip(chunk, vectors, strict=True)}
            )
        return np.stack([self._pooled[key] for key in keys])

    def prepared(self, films: Sequence[int]) -> np.ndarray:
        """Return films as the backbone takes them, unchanged, uint8 (n, side, side, 3); raises as ``read`` does."""
        starts = range(0, len(films), FORWARD_BATCH)
        return np.concatenate([self._plain_films(films[start : start + FORWARD_BATCH]) for start in starts])

    def features_table(self, views: Sequence[int]) -> np.ndarray:
        """Return the features of all films in ``views``, float32 (films, views, num_features)."""
        films = np.arange(self.catalog.num_films)
        table = np.empty((len(films), len(views), self.backbone.num_features), np.float32)
        for column, view in enumerate(views):
            table[:, column] = self.features(films, view)
        return table

    @property
    def num_films_computed(self) -> int:
        """Of how many films activations were computed here."""
        return len(self._films_computed)

    def num_missing(self, views: Sequence[int]) -> int:
        """Return how many passes through the frozen layers are still to do for all films in ``views``, once each."""
        if self.every_layer_learns:
            return 0
        if not self.kept.activations:
            # Deeper, a pass is part of each step and not of the preparation.
            keys = ((sha256, view) for sha256 in self._sha256s for view in views) if self._is_once else ()
            return sum(key not in self._pooled and key not in self._pack for key in keys)
        return len(self._pack.missing([(sha256, view) for sha256 in self._sha256s for view in views]))

    def missing_films(self, view: int, films: Sequence[int] | None = None) -> list[int]:
        """Return those of ``films`` (of all films where none are given) that have no activation yet in ``view``."""
        self._pack.refresh()
        chosen = range(self.catalog.num_films) if films is None else films
        return [film for film in chosen if (self._sha256s[film], view) not in self._pack]

    def find_damaged(self, *, on_progress: Callable[[], None] = lambda: None) -> dict[str, str]:
        """Prepare every film that is not prepared yet; return of those where it fails what is wrong, by file."""
        damaged: dict[str, str] = {}
        for start in range(0, self.catalog.num_films, FORWARD_BATCH):
            on_progress()
            try:
                self._plain_films(range(start, min(start + FORWARD_BATCH, self.catalog.num_films)))
            except DamagedXrays as error:
                damaged |= error.why
        return damaged

    def compute(self, films: Sequence[int], view: int, *, on_progress: Callable[[], None] | None = None) -> None:
        """Compute what is missing for ``films``; ``on_progress`` is called after each batch of passes."""
        if not self.kept.activations and self.fine_tune == "head":
            # Nothing else remembers what all of them give.
            self.features(films, view)
            return
        if not self.kept.activations:
            # What there is no room for is computed when it is read.
            films = films[: max(0, self.kept.num_passes - self._num_kept)]
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
        for start in range(0, len(missing), FORWARD_BATCH):
            chunk = missing[start : start + FORWARD_BATCH]
            self._pack.add([(self._sha256s[film], view) for film in chunk], self._passed(chunk, view))

    def _read_partly(self, films: Sequence[int], view: int) -> np.ndarray:
        """Activations, float16: from the pack where they are, else computed now and kept while there is room for them."""
        keys = [(self._sha256s[film], view) for film in films]
        missing = set(self._pack.missing(keys))
        known = [key for key in dict.fromkeys(keys) if key not in missing]
        try:
            found = dict(zip(known, self._pack.read(known), strict=True))
        except KeyError:
            # Records failed their checksums and are forgotten, so that they are missing now.
            return self._read_partly(films, view)
        first_film = {key: film for film, key in reversed(list(zip(films, keys, strict=True)))}
        to_do = [key for key in dict.fromkeys(keys) if key in missing]
        for start in range(0, len(to_do), FORWARD_BATCH):
            chunk = to_do[start : start + FORWARD_BATCH]
            # As the pack keeps them.
            passed = self._passed([first_film[key] for key in chunk], view).astype(np.float16)
            self._keep_some(chunk, passed)
            found |= dict(zip(chunk, passed, strict=True))
        return np.stack([found[key] for key in keys])

    def _keep_some(self, keys: Sequence[ActivationKey], records: np.ndarray) -> None:
        """Keep records while there is room for them; the first that come, so that each epoch finds the same."""
        room = self.kept.num_passes - self._num_kept
        if room <= 0:
            return
        try:
            self._pack.add(keys[:room], records[:room])
            self._num_kept += len(keys[:room])
        except StorageError:
            # Others have filled the disk meanwhile; the run goes on without keeping more.
            self._num_kept = self.kept.num_passes

    def _passed(self, films: Sequence[int], view: int) -> np.ndarray:
        """What the frozen layers give for ``films``, float32, computed now."""
        started = time.monotonic()
        passed = []
        for start in range(0, len(films), FORWARD_BATCH):
            with self.device.scope():
                frozen = forward(self.preset, self.backbone, self.fine_tune, self.precision)
                passed.append(frozen(self._prepared_films(films[start : start + FORWARD_BATCH], view)).numpy())
        if self._is_once:
            self.seconds += time.monotonic() - started
            self.num_computed += len(films)
            self._films_computed.update(self._sha256s[film] for film in films)
        return np.concatenate(passed)

    @property
    def _is_once(self) -> bool:
        """Whether what is computed serves all epochs."""
        return self.kept.activations or self.fine_tune == "head"

    def _prepared_films(self, films: Sequence[int], view: int) -> np.ndarray:
        """Films at the side the backbone takes, uint8, changed as the view is."""
        plain = self._plain_films(films)
        if view == 0:
            return plain
        changes = [view_change(self._sha256s[film], view, self._augmentation) for film in films]
        return np.stack([changed(film, change) for film, change in zip(plain, changes, strict=True)])

    def _plain_films(self, films: Sequence[int]) -> np.ndarray:
        first_film = {self._sha256s[film]: film for film in reversed(list(films))}
        keys = [(self._sha256s[film], 0) for film in films]
        missing = self._prepared.missing(keys)
        fresh = dict(zip(missing, self._decoded([first_film[sha256] for sha256, _ in missing]), strict=True))
        if fresh and self.kept.films:
            self._prepared.add(missing, np.stack(list(fresh.values())))
        known = [key for key in dict.fromkeys(keys) if key not in fresh]
        try:
            found = fresh | dict(zip(known, self._prepared.read(known), strict=True))
        except KeyError:
            # Records failed their checksums and are forgotten, so that they are missing now.
            return self._plain_films(films)
        return np.stack([found[key] for key in keys])

    def _decoded(self, films: Sequence[int]) -> list[np.ndarray]:
        """Prepare films from their files; raises DamagedXrays, once all are looked at, where some cannot be."""
        if not films:
            return []
        damaged: dict[str, str] = {}
        with ThreadPoolExecutor() as pool:
            prepared = list(pool.map(lambda film: self._prepare(film, damaged), films))
        if damaged:
            raise DamagedXrays(damaged)
        return prepared

    def _prepare(self, film: int, damaged: dict[str, str]) -> np.ndarray | None:
        file = self.catalog.films["file"].iloc[film]
        try:
            data = read_bytes(self.catalog.film_path(file), name=file)
            if hashlib.sha256(data).hexdigest() != self._sha256s[film]:
                raise UnreadableImage(
                    tr("{file} has changed since it was measured: its checksum is another.", file=file)
                )
            pixels = decode(data, name=file).pixels
        except UnreadableImage as error:
            damaged[file] = str(error)
            return None
        return model_input(pixels, resize=self.preset.resize, side=self.backbone.input_side)


_forwards: dict[tuple[Backbone, str, str, str], Callable] = {}


def forward(preset: Preset, backbone: Backbone, fine_tune: str, precision: str = REFERENCE) -> Callable:
    """Return the frozen layers as one compiled function, uint8 (n, side, side, 3) -> float32 activations; kept warm."""
    # Of a preset only its preprocessing reaches the frozen layers.
    key = (backbone, preset.preprocessing, backbone.cut_point(fine_tune).layer, precision)
    if key not in _forwards:
        frozen = frozen_part(build_model(preset, backbone, num_classes=2), backbone, fine_tune)
        if precision != REFERENCE:
            frozen = with_precision(frozen, precision)
        _forwards[key] = compiled_passes(frozen, side=backbone.input_side)
    return _forwards[key]


def compiled_passes(model: keras.Model, *, side: int) -> Callable:
    """Return layers up to an activation as one compiled function, uint8 (n, side, side, 3) -> float32 activations."""

    @tf.function(input_signature=[tf.TensorSpec((None, side, side, 3), tf.uint8)])
    def run(films):
        return tf.cast(model(tf.cast(films, tf.float32) / 255.0, training=False), tf.float32)

    def passed(films):
        with memory_errors():
            return run(films)

    return passed
