"""Settings of a run and of the installation, as small value classes."""

import math
from dataclasses import asdict, dataclass

from covidlab.errors import UsageError
from covidlab.files import load_dataclass
from covidlab.language import tr
from covidlab.text import plain_number

# What films are prepared to, unless a backbone takes another side.
IMAGE_SIDE = 224
SPLIT_SEED = 42
VALIDATION_SHARE = 0.2
NUM_FOLDS = 5
NUM_REPEATS = 10  # of the cross-validation, each with folds of its own
OVER_REPEATS = "median"  # what its figures are of the repeats

LEARNING_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
LEARNING_RATE_RANGE = (1e-7, 1.0)
EPOCHS_RANGE = (1, 500)
BATCH_SIZE_RANGE = (1, 256)
VIEWS_RANGE = (1, 25)
SEED_RANGE = (0, 2**31 - 1)

WEIGHT_DECAYS = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
WEIGHT_DECAY_RANGE = (0.0, 1.0)
PATIENCE_RANGE = (0, 500)
ROTATION_RANGE = (0.0, 45.0)
SHIFT_RANGE = (0.0, 0.3)
BRIGHTNESS_RANGE = (0.0, 0.5)

OPTIMIZERS = ("adam", "sgd")
CLASS_WEIGHTS = ("none", "balanced")
FINE_TUNE_DEPTHS = ("head", "block5", "block4", "all")
DEVICES = ("auto", "cpu", "gpu")
# What every smaller precision is held against.
REFERENCE = "float32"
PRECISIONS = ("auto", REFERENCE, "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How films are prepared, pooled and split.

    preprocessing: "imagenet" (what the backbone was trained on) or "unit" ([0, 1] RGB fed straight in, as the published
        script did).
    pooling: "global" (mean of the whole 7 x 7 map) or "upper_left" (mean of its upper left 4 x 4 cells, which is
        what AveragePooling 4 x 4 without padding leaves of a 7 x 7 map).
    resize: "area" or "linear", the interpolation to the side the backbone takes.
    split_by: "patient" or "image".
    """

    name: str
    preprocessing: str
    pooling: str
    resize: str
    split_by: str


PRESETS = {
    "default": Preset(name="default", preprocessing="imagenet", pooling="global", resize="area", split_by="patient"),
    "original": Preset(name="original", preprocessing="unit", pooling="upper_left", resize="linear", split_by="image"),
}


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How a view differs from the X-ray itself, drawn anew for each view; view 0 is the X-ray as it is.

    rotation: the largest angle in degrees. flip: whether half of the views are mirrored. shift: the largest shift along each
    axis, a share of the side. brightness: the largest change of all intensities, a share of their range.
    """

    rotation: float = 15.0
    flip: bool = False
    shift: float = 0.0
    brightness: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything a person may choose for one run; ``validate`` says what is out of range.

    patience: after so many epochs without a smaller validation loss the run ends, 0: never. class_weights: "balanced" lets each
    class count the same in the loss. weight_decay: see ``learning.updates``. rotation, flip, shift, brightness: see Augmentation.
    """

    dataset: str
    positive_class: str | None = "covid"
    preset: str = "default"
    fine_tune: str = "head"
    learning_rate: float = 0.001
    epochs: int = 25
    batch_size: int = 8
    views: int = 3
    seed: int = 42
    device: str = "auto"
    precision: str = "auto"
    backbone: str = "vgg16"
    start_from: str | None = None
    selection: str | None = None
    keep_split: bool = False
    optimizer: str = "adam"
    weight_decay: float = 0.0
    class_weights: str = "none"
    patience: int = 0
    rotation: float = Augmentation.rotation
    flip: bool = Augmentation.flip
    shift: float = Augmentation.shift
    brightness: float = Augmentation.brightness

    def validate(self) -> "TrainingConfig":
        """Return self; raises UsageError where a value is out of range."""
        _check_number(tr("learning rate"), self.learning_rate, LEARNING_RATE_RANGE)
        _check_number(tr("number of epochs"), self.epochs, EPOCHS_RANGE)
        _check_number(tr("batch size"), self.batch_size, BATCH_SIZE_RANGE)
        _check_number(tr("number of views"), self.views, VIEWS_RANGE)
        _check_number("seed", self.seed, SEED_RANGE)
        _check_number(tr("weight decay"), self.weight_decay, WEIGHT_DECAY_RANGE)
        _check_number("patience", self.patience, PATIENCE_RANGE)
        _check_number(tr("rotation in degrees"), self.rotation, ROTATION_RANGE)
        _check_number("shift", self.shift, SHIFT_RANGE)
        _check_number(tr("change of brightness"), self.brightness, BRIGHTNESS_RANGE)
        return self.validate_choices()

    def validate_choices(self) -> "TrainingConfig":
        """Return self; raises UsageError where a choice is not one of those this version has."""
        _check_choice("preset", self.preset, tuple(PRESETS))
        _check_choice(tr("fine-tune depth"), self.fine_tune, FINE_TUNE_DEPTHS)
        _check_choice("device", self.device, DEVICES)
        _check_choice("precision", self.precision, PRECISIONS)
        _check_choice("optimizer", self.optimizer, OPTIMIZERS)
        _check_choice(tr("class weights"), self.class_weights, CLASS_WEIGHTS)
        return self

    @property
    def used_views(self) -> range:
        """The views that some epoch takes: fewer than ``views`` where the epochs end before all have had their turn."""
        return range(min(self.views, self.epochs))

    @property
    def augmentation(self) -> Augmentation:
        """How the views differ from the X-ray itself."""
        return Augmentation(rotation=self.rotation, flip=self.flip, shift=self.shift, brightness=self.brightness)

    def to_dict(self) -> dict:
        """Return the settings as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "TrainingConfig":
        """Build the settings from ``to_dict``'s output of any version; raises ValueError where they are none.

        Raises UsageError where a choice is one that this version does not have.
        """
        return load_dataclass(cls, values).validate_choices()


def _check_number(what: str, value: float, allowed: tuple[float, float]) -> None:
    low, high = allowed
    if not (math.isfinite(value) and low <= value <= high):
        span = (
            tr("{low:,} and {high:,}", low=low, high=high)
            if isinstance(low, int)
            else tr(
                "{decimal_text} and {decimal_text_2}", decimal_text=plain_number(low), decimal_text_2=plain_number(high)
            )
        )
        raise UsageError(
            tr(
                "The {what} must lie between {span}. Received: {decimal_text}.",
                what=what,
                span=span,
                decimal_text=plain_number(value),
            )
        )


def _check_choice(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            tr(
                "The {what} must be one of {allowed}. Received: {value}.",
                what=what,
                allowed=", ".join(allowed),
                value=value,
            )
        )
