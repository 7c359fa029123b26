"""The X-rays of an audit as its parts need them: prepared, with their lungs, altered, as features, on the same folds."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from covidlab.config import NUM_FOLDS, PRESETS, REFERENCE, SPLIT_SEED, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.splits import Split, grouped_folds
from covidlab.evaluation.alterations import WHOLE, Alteration, Subject
from covidlab.evaluation.report import THRESHOLD
from covidlab.evaluation.subjects import film_lungs
from covidlab.learning.activations import PREPARATION_VERSION, ActivationPack
from covidlab.learning.backbones.base import Backbone
from covidlab.learning.device import Device
from covidlab.learning.film_activations import FORWARD_BATCH, FilmActivations, forward
from covidlab.learning.heads import HeadJob, HeadStack, train_heads
from covidlab.learning.network import pooled
from covidlab.learning.updates import update_rule
from covidlab.metrics import Metric, report_metrics
from covidlab.paths import home

OnStep = Callable[[], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lungs:
    """Lungs of all X-rays. masks: (films, side, side) bool, all False where ``found`` is False. known: (films,) bool, whether the
    set has a mask; the others are estimated. found: (films,) bool, whether there is a mask or a plausible estimate."""

    masks: np.ndarray
    known: np.ndarray
    found: np.ndarray


class FeatureMaker:
    """Passes prepared X-rays through the frozen layers of one network; what is computed for a file is kept.

    Parameters
    ----------
    config : its preset and backbone are used
    precision : in which the frozen layers compute
    on_step : called before each batch; may raise to stop
    """

    def __init__(
        self,
        config: TrainingConfig,
        backbone: Backbone,
        device: Device,
        *,
        precision: str = REFERENCE,
        on_step: OnStep = lambda: None,
    ):
        self.preset, self.backbone, self.device, self.precision = PRESETS[config.preset], backbone, device, precision
        self.on_step = on_step

    def activations(self, films: np.ndarray) -> np.ndarray:
        """Return what the last frozen layer gives for (n, side, side, 3) uint8: (n, 7, 7, 512) float32 of VGG16."""
        passed = []
        for start in range(0, len(films), FORWARD_BATCH):
            self.on_step()
            with self.device.scope():
                frozen = forward(self.preset, self.backbone, "head", self.precision)
                passed.append(frozen(films[start : start + FORWARD_BATCH]).numpy())
        return np.concatenate(passed)

    def features(self, films: np.ndarray) -> np.ndarray:
        """Return what the head takes of (n, side, side, 3) uint8: (n, features) float32; nothing is kept."""
        return pooled(self.activations(films), self.preset)

    def kept_features(self, keys: Sequence[str], make: Callable[[list[int]], np.ndarray], *, of: str) -> np.ndarray:
        """Return features (n, features) float32, those that are missing made now and kept.

        Parameters
        ----------
        keys : hex digest of everything a prepared X-ray depends on besides ``of``
        make : positions in ``keys`` -> (n, side, side, 3) uint8; called for what is missing only
        of : name and version of what was done to the X-rays
        """
        made = self._kept(self._pack(of), keys, lambda missing: self.features(make(missing)))
        return made.astype(np.float32)

    def kept_activations(
        self,
        keys: Sequence[str],
        make: Callable[[list[int]], np.ndarray],
        *,
        of: str,
        network: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> np.ndarray:
        """Return what ``activations`` gives, float32 (n, 7, 7, 512) of VGG16; parameters as ``kept_features``.

        network : used in place of ``activations``, where ``of`` names it
        """
        used = network or self.activations
        return self._kept(self._cells(of), keys, lambda missing: used(make(missing))).astype(np.float32)

    def missing_activations(self, keys: Sequence[str], *, of: str) -> list[int]:
        """Return the positions in ``keys`` of what ``kept_activations`` would have to make."""
        missing = {key for key, _ in self._cells(of).missing([(key, 0) for key in keys])}
        return [position for position, key in enumerate(keys) if key in missing]

    def has_features(self, keys: Sequence[str], *, of: str) -> bool:
        """Return whether ``kept_features`` would have to make nothing."""
        return not self._pack(of).missing([(key, 0) for key in keys])

    @staticmethod
    def _kept(pack: ActivationPack, keys: Sequence[str], make: Callable[[list[int]], np.ndarray]) -> np.ndarray:
        """The records of a pack, those that are missing made now, so many at a time as go through the network together."""
        records = [(key, 0) for key in keys]
        place = {key: position for position, key in reversed(list(enumerate(keys)))}
        missing = [place[key] for key, _ in pack.missing(records)]
        for start in range(0, len(missing), FORWARD_BATCH):
            chunk = missing[start : start + FORWARD_BATCH]
            pack.add([records[position] for position in chunk], make(chunk))
        return pack.read(records)

    def _cells(self, of: str) -> ActivationPack:
        folder = home() / "activations" / "-".join([*self._depends_on("cells"), of])
        return ActivationPack(folder, shape=self.backbone.cut_point("head").shape)

    def _pack(self, of: str) -> ActivationPack:
        folder = home() / "activations" / "-".join([*self._depends_on("features", self.preset.pooling), of])
        return ActivationPack(folder, shape=(self.backbone.num_features,), dtype=np.float32)

    def _depends_on(self, layer: str, *further: str) -> list[str]:
        """Everything that what is kept depends on besides the pixels; pooling, unlike in packs of activations, for features."""
        parts = [f"v{PREPARATION_VERSION}", self.preset.resize, layer, self.preset.preprocessing, *further]
        return [*parts, self.backbone.weights_sha256[:12], self.precision]


class AuditData:
    """One data set and the settings of one model, for all parts of an audit; what parts share is computed once.

    Attributes: catalog, config (depth "head"), labels (films,) int, patient_ids (films,), positive_index, repeats (folds of each
    repeat of the cross-validation, the same for all parts), maker (FeatureMaker), on_step (to be called in long loops).
    """

    def __init__(
        self,
        catalog: Catalog,
        config: TrainingConfig,
        backbone: Backbone,
        device: Device,
        *,
        precision: str = REFERENCE,
        num_repeats: int,
        on_step: OnStep = lambda: None,
    ):
        self.catalog, self.config, self.backbone, self.device = (
            catalog,
            replace(config, fine_tune="head"),
            backbone,
            device,
        )
        self.labels, self.positive_index = catalog.labels, catalog.positive_index
        self.num_classes = len(catalog.classes)
        self.patient_ids = catalog.films["patient_id"].to_numpy(dtype=str)
        self.on_step = on_step
        self.maker = FeatureMaker(self.config, backbone, device, precision=precision, on_step=on_step)
        self.repeats: list[list[Split]] = grouped_folds(
            self.labels, self.patient_ids, num_folds=NUM_FOLDS, num_repeats=num_repeats, seed=SPLIT_SEED
        )
        self._activations = FilmActivations(
            catalog,
            backbone,
            preset=self.config.preset,
            fine_tune="head",
            device=device,
            precision=precision,
            augmentation=self.config.augmentation,
        )
        self._features: dict[str, np.ndarray] = {}

    @cached_property
    def prepared(self) -> np.ndarray:
        """All X-rays as the network takes them, uint8 (films, side, side, 3)."""
        return self._activations.prepared(np.arange(self.catalog.num_films))

    @cached_property
    def lungs(self) -> Lungs:
        """The lungs of all X-rays, from the masks of the set, else estimated."""
        nothing, masks, known = np.zeros((self.backbone.input_side,) * 2, bool), [], []
        for film, file in zip(self.prepared, self.catalog.films["file"], strict=True):
            self.on_step()
            lungs, is_known = film_lungs(self.catalog, file, film)
            masks.append(nothing if lungs is None else lungs)
            known.append(is_known)
        masks = np.stack(masks)
        return Lungs(masks=masks, known=np.array(known), found=masks.any(axis=(1, 2)))

    def subject(self, film: int) -> Subject:
        """What an alteration may know of one X-ray."""
        row = self.catalog.films.iloc[film]
        lungs = self.lungs.masks[film] if self.lungs.found[film] else None
        return Subject(lungs=lungs, aspect=float(row["width"]) / float(row["height"]))

    def altered(self, alteration: Alteration, films: Sequence[int] | None = None) -> np.ndarray:
        """Return X-rays (all by default) as an alteration leaves them, uint8 (n, side, side, 3).

        An X-ray without lungs stays as it is where the alteration needs them; ``lungs.found`` says of which this holds.
        """
        films = range(self.catalog.num_films) if films is None else films
        if alteration.name == WHOLE.name:
            return self.prepared[list(films)]
        return np.stack([self._altered(alteration, film) for film in films])

    def features(self, alteration: Alteration = WHOLE) -> np.ndarray:
        """Return the features of all X-rays, as an alteration leaves them, float32 (films, features); kept on the disk."""
        if alteration.key not in self._features:
            if alteration.name == WHOLE.name:
                found = self._activations.features(np.arange(self.catalog.num_films), 0)
            else:
                made = lambda films: self.altered(alteration, films)  # noqa: E731
                found = self.maker.kept_features(self._keys(), made, of=alteration.key)
            self._features[alteration.key] = found
        return self._features[alteration.key]

    def activations(self, films: Sequence[int]) -> np.ndarray:
        """Return what the last frozen layer gives for X-rays as they are, float32 (n, 7, 7, 512) of VGG16; kept on the disk."""
        return self._activations.read(films, 0)

    def view_features(self) -> np.ndarray:
        """Return the features of all views that the model learns from, float32 (films, views, features)."""
        films = np.arange(self.catalog.num_films)
        for view in self.config.used_views:
            self._activations.compute(films, view, on_progress=self.on_step)
        return self._activations.features_table(self.config.used_views)

    def train(
        self,
        features: np.ndarray,
        splits: Sequence[Split],
        *,
        labels: np.ndarray | None = None,
        on_epoch: Callable[[int, HeadStack], None] = lambda epoch, stack: None,
    ) -> HeadStack:
        """Train a head with the settings of the model on the training part of each split, side by side.

        Parameters
        ----------
        features : (films, features) or (films, views, features) float32
        labels : (films,) int, those of the set by default
        on_epoch : as ``learning.heads.train_heads`` says
        """
        table = features[:, None] if features.ndim == 2 else features
        labels = self.labels if labels is None else labels
        views = tuple(self.config.used_views) if table.shape[1] > 1 else (0,)
        jobs = [
            HeadJob(
                films=split.train,
                labels=labels,
                views=views,
                learning_rate=self.config.learning_rate,
                seed=self.config.seed + number,
            )
            for number, split in enumerate(splits)
        ]

        def step(epoch: int, stack: HeadStack) -> None:
            self.on_step()
            on_epoch(epoch, stack)

        with self.device.scope():
            return train_heads(
                jobs,
                table,
                num_classes=self.num_classes,
                epochs=self.config.epochs,
                batch_size=self.config.batch_size,
                rule=update_rule(self.config, self.labels, num_classes=self.num_classes),
                on_epoch=step,
            )

    @property
    def splits(self) -> list[Split]:
        """The folds of all repeats, repeat by repeat."""
        return [split for repeat in self.repeats for split in repeat]

    def held_out(self, stack: HeadStack, features: np.ndarray) -> np.ndarray:
        """Return what heads, one for each of ``splits``, say of X-rays they have not seen: (repeats, films, classes) float32.

        ``features``: (films, features), of the X-rays as they are to be read.
        """
        with self.device.scope():
            return self.held_out_of(stack.probabilities(features))

    def held_out_of(self, said: np.ndarray) -> np.ndarray:
        """As ``held_out``, from what the heads of ``splits`` say of all X-rays, (heads, films, classes)."""
        found = np.full((len(self.repeats), len(self.labels), self.num_classes), np.nan, np.float32)
        for head, (repeat, fold) in enumerate(np.ndindex(len(self.repeats), len(self.repeats[0]))):
            films = self.repeats[repeat][fold].validation
            found[repeat, films] = said[head, films]
        return found

    def figures(self, probabilities: np.ndarray, *, films: np.ndarray | None = None) -> dict[str, Metric]:
        """Return accuracy, sensitivity, specificity, precision, F1 and AUC with 95 % intervals over patients.

        Parameters
        ----------
        probabilities : (repeats, films, classes) or (films, classes)
        films : positions, or a bool array, of the X-rays to count; all by default
        """
        chosen = slice(None) if films is None else films
        found = report_metrics(
            self.labels[chosen],
            probabilities[..., chosen, :],
            patient_ids=self.patient_ids[chosen],
            positive_index=self.positive_index,
            threshold=THRESHOLD,
        )
        return found if self.catalog.patients_known else {name: each.without_patients() for name, each in found.items()}

    def _altered(self, alteration: Alteration, film: int) -> np.ndarray:
        if alteration.needs_lungs and not self.lungs.found[film]:
            return self.prepared[film]
        return alteration(self.prepared[film], self.subject(film))

    def _keys(self) -> list[str]:
        """What the pixels of each X-ray depend on once it is altered, besides the alteration."""
        subjects = [self.subject(film) for film in range(self.catalog.num_films)]
        return [
            hashlib.sha256(
                f"{sha256} {subject.aspect:.6f} ".encode() + (b"" if subject.lungs is None else subject.lungs.tobytes())
            ).hexdigest()
            for sha256, subject in zip(self.catalog.films["sha256"], subjects, strict=True)
        ]
