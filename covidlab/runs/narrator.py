"""Plain sentences beside the curves of a run, each tied to its figures and to a control: one table of rules."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from covidlab.config import LEARNING_RATES
from covidlab.intervals import share_interval
from covidlab.language import tr
from covidlab.runs.learning_curves import (
    FEWEST_EPOCHS,
    Curves,
    bursts_at,
    diverges,
    first_unusable_epoch,
    grows,
    learns_nothing,
    overfits_since,
)
from covidlab.text import plain_number, pluralize

RATE, EPOCHS, BATCH, PRESET = "train_learning_rate", "train_epochs", "train_batch_size", "train_preset"
# What the slider reaches, see ui.train.settings.
MOST_EPOCHS = 100

# Cross-entropy of answering one half always.
GUESSING = math.log(2)
# Steps on the slider of learning rates: two are a factor of ten.
FAR, NEAR = 2, 1
# From this rate on, a model that learns nothing more likely takes too large steps than too small ones.
LARGE_RATE = 0.03
# Epochs over which validation accuracy is called noise, and the share of right training X-rays that counts as all.
NOISE_EPOCHS, ALL_RIGHT = 5, 0.99
# Both losses still fall where each epoch of the last third takes at least this part off.
STILL_FALLS = 0.02
# With a smaller training loss there is little left to fall.
SMALL_LOSS = 0.1
# A validation loss that grows by this factor, and by LEAST_JUMP, from one epoch to the next jumps.
JUMP, LEAST_JUMP, FEWEST_JUMPS = 2.0, 0.2, 2


@dataclass(frozen=True)
class Remark:
    """One sentence about a run. ``control``: key of the widget it speaks of, "" for none; ``apply``: values that would mend it, by key."""

    rule: str
    sentence: str
    control: str
    apply: Mapping[str, float | int | str]


@dataclass(frozen=True)
class Rule:
    """When something is said of curves. ``when`` gives the sentence or None; ``mend`` what the widget should say then, or None."""

    name: str
    when: Callable[[Curves], str | None]
    control: str = ""
    mend: Callable[[Curves], float | int | str | None] = lambda curves: None

    def remark(self, curves: Curves) -> Remark | None:
        """Return what this rule says of the curves; None where it does not apply."""
        if (sentence := self.when(curves)) is None:
            return None
        value = self.mend(curves)
        return Remark(self.name, sentence, self.control, {} if value is None else {self.control: value})


def narrate(curves: Curves) -> list[Remark]:
    """Return what there is to say of the curves, what matters most first."""
    # Where no epoch is finished, all that can be known is that the loss became infinite.
    remarks = (rule.remark(curves) for rule in (RULES if curves.num_epochs else RULES[:1]))
    return [remark for remark in remarks if remark is not None]


def step_from(rate: float, steps: int) -> float | None:
    """Return the learning rate so many steps of the slider away, as far as the slider goes; None where it goes no further."""
    place = int(np.abs(np.log(np.array(LEARNING_RATES) / rate)).argmin())
    wanted = LEARNING_RATES[min(max(place + steps, 0), len(LEARNING_RATES) - 1)]
    return wanted if (wanted - rate) * steps > 0 else None


def _unusable(curves: Curves) -> str | None:
    epoch = first_unusable_epoch(curves) if curves.num_epochs else curves.infinite_in
    if epoch is None:
        return None
    return tr(
        "The loss is no number any more from epoch {epoch} on: the corrections are too large. Lower the learning rate.",
        epoch=epoch,
    )


def _grows(curves: Curves) -> str | None:
    if first_unusable_epoch(curves) is not None or not grows(curves):
        return None
    return tr(
        "The training loss grows: it was {lowest:.2f} at its lowest and is {end:.2f} in the last epochs. "
        "Lower the learning rate.",
        lowest=curves.lowest("loss"),
        end=curves.end("loss"),
    )


def _bursts(curves: Curves) -> str | None:
    epoch = bursts_at(curves)
    if epoch is None or first_unusable_epoch(curves) is not None:
        return None
    return tr(
        "In epoch {epoch} the training loss is {loss:.0f}. To guess costs {guessing:.2f} with two "
        "classes, so the corrections are too large. Lower the learning rate.",
        epoch=epoch,
        loss=curves.epochs["loss"][epoch],
        guessing=GUESSING,
    )


def _nothing(curves: Curves) -> str | None:
    if not learns_nothing(curves):
        return None
    return tr(
        "Nothing is learned: the training loss is {beginning:.2f} in the first epochs and {end:.2f} in "
        "the last ones (medians), with {end_2:.2f} of the training X-rays right{in_brackets}.",
        beginning=curves.beginning("loss"),
        end=curves.end("loss"),
        end_2=curves.end("accuracy"),
        in_brackets=_in_brackets(curves.num_training),
    )


def _too_slow(curves: Curves) -> str | None:
    found = _nothing(curves)
    return (
        tr("{found} Raise the learning rate.", found=found)
        if found and curves.config.learning_rate < LARGE_RATE
        else None
    )


def _too_fast(curves: Curves) -> str | None:
    found = _nothing(curves)
    return (
        tr("{found} Lower the learning rate.", found=found)
        if found and curves.config.learning_rate >= LARGE_RATE
        else None
    )


def _split_luck(curves: Curves) -> str | None:
    """The one split against the cross-validated ones: outside of its own interval it says something else than they do."""
    crossed = curves.crossed_at_end()
    if crossed is None or not curves.num_validation:
        return None
    one, many = float(curves.values("val_accuracy")[-1]), crossed[0]
    low, high = _split_interval(curves, one)
    if not (many < low or many > high):
        return None
    told = {
        "one": one,
        "num_validation": curves.num_validation,
        "low": low,
        "high": high,
        "many": many,
        "over": curves.over,
        "ends": _ends(curves, crossed),
    }
    if one > many:
        return tr(
            "A lucky split: {one:.2f} on these {num_validation} (95 % interval {low:.2f} to {high:.2f}), {many:.2f} over "
            "{over} {ends}. Go by the figure over all splits.",
            **told,
        )
    return tr(
        "An unlucky split: {one:.2f} on these {num_validation} (95 % interval {low:.2f} to {high:.2f}), {many:.2f} over "
        "{over} {ends}. Go by the figure over all splits.",
        **told,
    )


def _ends(curves: Curves, crossed: tuple[float, float, float]) -> str:
    """The interval of a cross-validated accuracy, and over how many X-rays it is."""
    number = f", n = {curves.num_films}" if curves.num_films else ""
    return tr(
        "(95 % interval {crossed:.2f} to {crossed_2:.2f}{number})",
        crossed=crossed[1],
        crossed_2=crossed[2],
        number=number,
    )


def _in_brackets(number: int) -> str:
    return f" (n = {number})" if number else ""


def _split_interval(curves: Curves, accuracy: float) -> tuple[float, float]:
    """Interval of the validation accuracy at the end as the run wrote it, which knows of patients; else Wilson's over X-rays."""
    last = curves.epochs.iloc[-1]
    written = last.get("val_accuracy_low", np.nan), last.get("val_accuracy_high", np.nan)
    return written if np.isfinite(written).all() else share_interval(accuracy, curves.num_validation)


def _overfits(curves: Curves) -> str | None:
    epoch = overfits_since(curves)
    if epoch is None:
        return None
    smooth = curves.smooth_validation_loss
    return tr(
        "Training loss falls while validation loss rises since epoch {epoch} (from {smooth:.2f} to "
        "{iloc:.2f}, n = {num_validation}): overfitting. End the run near epoch {epoch}.",
        epoch=epoch,
        smooth=smooth[epoch],
        iloc=smooth.iloc[-1],
        num_validation=curves.num_validation,
    )


def _jumps(curves: Curves) -> str | None:
    losses = curves.values("val_loss")
    after, before = losses[1:], losses[:-1]
    number = int(((after > JUMP * before) & (after - before > LEAST_JUMP)).sum())
    if number < FEWEST_JUMPS or diverges(curves):
        return None
    return tr(
        "The validation loss jumps: {number} times it more than doubles within one epoch. Lower the "
        "learning rate a little.",
        number=number,
    )


def _still_falls(curves: Curves) -> str | None:
    if curves.num_epochs < FEWEST_EPOCHS or learns_nothing(curves) or diverges(curves) or _jumps(curves):
        return None
    last_third = max(2, curves.num_epochs // 3)
    falls = [_fall_an_epoch(curves.epochs[column].tail(last_third)) for column in ("loss", "val_loss")]
    is_learned = curves.end("accuracy") >= ALL_RIGHT or curves.end("loss") < SMALL_LOSS
    if is_learned or not all(fall >= STILL_FALLS for fall in falls):
        return None
    return tr(
        "Both losses still fall at epoch {index}: training to {end:.2f}, validation to {end_2:.2f}. More "
        "epochs can help.",
        index=curves.epochs.index[-1],
        end=curves.end("loss"),
        end_2=curves.end("val_loss"),
    )


def _fall_an_epoch(losses) -> float:
    """The part of a loss that goes with each epoch, by a straight line through its logarithms; nan where there is none."""
    positive = losses[losses > 0]
    if len(positive) < 2:
        return np.nan
    slope = np.polyfit(positive.index.to_numpy(float), np.log(positive.to_numpy()), 1)[0]
    return float(1 - np.exp(slope))


def _one_xray(curves: Curves) -> str | None:
    last = curves.values("val_accuracy")[-NOISE_EPOCHS:]
    if len(last) < NOISE_EPOCHS or not curves.num_validation or np.isnan(last).any():
        return None
    moved = round((last.max() - last.min()) * curves.num_validation)
    if moved != 1:
        return None
    return tr(
        "In the last {noise_epochs} epochs validation accuracy moved by one X-ray of {num_validation}, "
        "{min:.2f} to {max:.2f}: noise. Do not choose the number of epochs by it.",
        noise_epochs=NOISE_EPOCHS,
        num_validation=curves.num_validation,
        min=last.min(),
        max=last.max(),
    )


def _all_right(curves: Curves) -> str | None:
    crossed = curves.crossed_at_end()
    since = _all_right_since(curves)
    if crossed is None or since is None or crossed[0] >= ALL_RIGHT:
        return None
    return tr(
        "All training X-rays are right since epoch {since}, but {crossed:.2f} of those not trained on "
        "{ends}. More epochs cannot raise the first figure.",
        since=since,
        crossed=crossed[0],
        ends=_ends(curves, crossed),
    )


def _all_right_since(curves: Curves) -> int | None:
    """The epoch from which on nearly all training X-rays are right up to the end, where these are five epochs or more."""
    wrong = curves.epochs.index[curves.epochs["accuracy"] < ALL_RIGHT]
    right = curves.epochs.index[curves.epochs.index > (wrong.max() if len(wrong) else 0)]
    return int(right[0]) if len(right) >= NOISE_EPOCHS else None


def _by_image(curves: Curves) -> str | None:
    if curves.config.preset != "original":
        return None
    return tr(
        "The preset original splits by image: X-rays of one patient can be in training and in "
        "validation, which can make validation accuracy too high. The preset default keeps patients "
        "together where they are known."
    )


def _steady(curves: Curves) -> str | None:
    if curves.num_epochs < FEWEST_EPOCHS or any(rule.when(curves) for rule in RULES if rule.name in _NOT_STEADY):
        return None
    crossed = curves.crossed_at_end()
    honest = (
        tr(
            " Accuracy over {over}: {crossed:.2f} {ends}.",
            over=curves.over,
            crossed=crossed[0],
            ends=_ends(curves, crossed),
        )
        if crossed
        else ""
    )
    return tr(
        "The training loss is {beginning:.2f} in the first epochs and {end:.2f} in the last ones "
        "(medians), and changes little now: {epochs} are enough at learning rate {decimal_text}.{honest}",
        beginning=curves.beginning("loss"),
        end=curves.end("loss"),
        epochs=pluralize(curves.num_epochs, "epoch"),
        decimal_text=plain_number(curves.config.learning_rate),
        honest=honest,
    )


def _lower(steps: int) -> Callable[[Curves], float | None]:
    return lambda curves: step_from(curves.config.learning_rate, -steps)


def _more_epochs(curves: Curves) -> int | None:
    wanted = min(MOST_EPOCHS, 2 * curves.config.epochs)
    return wanted if wanted > curves.config.epochs else None


# In the order in which they are told.
RULES = (
    Rule("no number", _unusable, RATE, _lower(FAR)),
    Rule("loss grows", _grows, RATE, _lower(FAR)),
    Rule("burst", _bursts, RATE, _lower(FAR)),
    Rule("too slow", _too_slow, RATE, lambda curves: step_from(curves.config.learning_rate, FAR)),
    Rule("too fast", _too_fast, RATE, _lower(FAR)),
    Rule("lucky split", _split_luck),
    Rule("overfitting", _overfits, EPOCHS, overfits_since),
    Rule("jumps", _jumps, RATE, _lower(NEAR)),
    Rule("still falls", _still_falls, EPOCHS, _more_epochs),
    Rule("one X-ray", _one_xray, EPOCHS),
    Rule("all right in training", _all_right, EPOCHS, _all_right_since),
    Rule("split by image", _by_image, PRESET, lambda curves: "default"),
    Rule("steady", _steady, EPOCHS),
)
_NOT_STEADY = (
    "no number",
    "loss grows",
    "burst",
    "too slow",
    "too fast",
    "overfitting",
    "jumps",
    "still falls",
)
