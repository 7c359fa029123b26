"""The settings under Advanced on Train, each with one sentence beside it that says what it does."""

import streamlit as st

from covidlab.config import (
    BRIGHTNESS_RANGE,
    CLASS_WEIGHTS,
    DEVICES,
    FINE_TUNE_DEPTHS,
    OPTIMIZERS,
    PRESETS,
    ROTATION_RANGE,
    SHIFT_RANGE,
    WEIGHT_DECAYS,
    TrainingConfig,
)
from covidlab.data.catalog import Catalog
from covidlab.data.selections import selection_names
from covidlab.data.splits import has_given_split
from covidlab.language import number_text, tr, tr_lazy
from covidlab.learning.backbones import find_backbone
from covidlab.runs.settings_text import CLASS_WEIGHT_NAMES, OPTIMIZER_NAMES
from covidlab.services.queue import current_places
from covidlab.text import plain_number
from covidlab.ui.shared.bound import draw_bound
from covidlab.ui.shared.help import HELP
from covidlab.ui.train.queue import draw_name

ALL_FILMS = tr_lazy("all X-rays")
MAX_PATIENCE_ON_SLIDER = 50
_DEFAULTS = TrainingConfig(dataset="")
_BOUND = {"bind": "query-params"}


def advanced_settings(catalog: Catalog) -> dict[str, object]:
    """Draw the settings, their state bound to the address, and return them by the names of TrainingConfig."""
    with st.expander(tr("Advanced")):
        preset = st.selectbox(tr("Preset"), tuple(PRESETS), key="train_preset", help=HELP["preset"], **_BOUND)
        st.caption(describe_presets(catalog))
        fine_tune = st.selectbox(
            tr("Layers that learn"), FINE_TUNE_DEPTHS, key="train_fine_tune", help=HELP["fine-tune depth"], **_BOUND
        )
        st.caption(describe_depth(fine_tune))
        seed = st.number_input(tr("Seed"), 0, 9999, _DEFAULTS.seed, key="train_seed", help=HELP["seed"], **_BOUND)
        chosen = {
            "preset": preset,
            "fine_tune": fine_tune,
            "seed": int(seed),
            "selection": _choose_selection(catalog),
            "keep_split": _ask_for_split(catalog),
            "device": st.selectbox(tr("Device"), DEVICES, key="train_device", help=HELP["device"], **_BOUND),
        }
        learning, augmentation = st.columns(2, gap="large")
        with learning:
            chosen |= _learning()
        with augmentation:
            chosen |= _augmentation()
        if not current_places():
            # While runs wait it stands beside the queue.
            draw_name()
        return chosen


def _learning() -> dict[str, object]:
    """Draw how the weights follow the X-rays, and when the run ends early."""
    st.markdown(tr("**How it learns**"))
    optimizer = draw_bound(
        st.selectbox,
        tr("Optimizer"),
        OPTIMIZERS,
        default=_DEFAULTS.optimizer,
        format_func=lambda name: tr(OPTIMIZER_NAMES[name]),
        key="train_optimizer",
        help=HELP["optimizer"],
    )
    st.caption(tr("Adam sizes the step of each weight by itself. SGD uses one rate for all and needs a larger one."))
    weight_decay = draw_bound(
        st.select_slider,
        tr("Weight decay"),
        WEIGHT_DECAYS,
        default=_DEFAULTS.weight_decay,
        format_func=plain_number,
        key="train_weight_decay",
        help=HELP["weight decay"],
    )
    st.caption(
        tr("Every step makes the weights a little smaller, so that single X-rays form the model less. 0 is off.")
    )
    class_weights = draw_bound(
        st.selectbox,
        tr("Class weights"),
        CLASS_WEIGHTS,
        default=_DEFAULTS.class_weights,
        format_func=lambda name: tr(CLASS_WEIGHT_NAMES[name]),
        key="train_class_weights",
        help=HELP["class weights"],
    )
    st.caption(tr("Matters only where one class has more X-rays than another."))
    patience = st.slider(
        tr("Early stopping: patience in epochs"),
        0,
        MAX_PATIENCE_ON_SLIDER,
        _DEFAULTS.patience,
        key="train_patience",
        help=HELP["patience"],
        **_BOUND,
    )
    st.caption(tr("The run ends when the validation loss has not become smaller for so many epochs. 0 is off."))
    return {
        "optimizer": optimizer,
        "weight_decay": weight_decay,
        "class_weights": class_weights,
        "patience": patience,
    }


def _augmentation() -> dict[str, object]:
    """Draw how the copies of an X-ray differ from it."""
    st.markdown(tr("**Changed copies of each X-ray (augmentation)**"), help=HELP["augmentation"])
    views = st.slider(
        tr("Views of each X-ray"), 1, 10, _DEFAULTS.views, key="train_views", help=HELP["views"], **_BOUND
    )
    if views == 1:
        st.caption(tr("With one view there are no copies, and what follows has no effect."))
    rotation = st.slider(
        tr("Rotation, up to"),
        *ROTATION_RANGE,
        _DEFAULTS.rotation,
        1.0,
        format="%.0f°",
        key="train_rotation",
        **_BOUND,
    )
    st.caption(tr("Patients are not always upright: each copy is turned by a random angle up to this one."))
    flip = st.toggle(tr("Mirror half of the copies"), key="train_flip", **_BOUND)
    st.caption(
        tr("Off by default: the heart lies on the left, and a mirrored X-ray is one that almost no patient has.")
    )
    shift = _share_slider(tr("Shift, up to"), SHIFT_RANGE, _DEFAULTS.shift, key="train_shift")
    st.caption(
        tr("Each copy is moved by a random share of its width and height: the lungs are not always in one place.")
    )
    brightness = _share_slider(
        tr("Brightness, changed by up to"), BRIGHTNESS_RANGE, _DEFAULTS.brightness, key="train_brightness"
    )
    st.caption(
        tr("Each copy is made brighter or darker at random: the exposure depends on the machine and its settings.")
    )
    return {"views": views, "rotation": rotation, "flip": flip, "shift": shift, "brightness": brightness}


def _share_slider(label: str, limits: tuple[float, float], default: float, *, key: str) -> float:
    return st.slider(label, *limits, default, 0.01, format="percent", key=key, **_BOUND)


def _choose_selection(catalog: Catalog) -> str | None:
    """Draw the choice of a saved selection where there is one; None for all films."""
    names = selection_names(catalog.root)
    if not names:
        return None
    chosen = draw_bound(
        st.selectbox,
        tr("X-rays"),
        [ALL_FILMS, *names],
        default=ALL_FILMS,
        format_func=lambda name: tr(ALL_FILMS) if name == ALL_FILMS else name,
        key="train_selection",
        help=tr("All X-rays, or a selection made on Curate."),
    )
    return None if chosen == ALL_FILMS else chosen


def _ask_for_split(catalog: Catalog) -> bool:
    """Draw whether to keep the split that came with the set; False, and nothing drawn, where none came."""
    if not has_given_split(catalog):
        return False
    if catalog.keeps_split:
        st.caption(tr("This set keeps the split it came with: training on train, validation on all others."))
        return True
    return st.toggle(
        tr("Keep the split of the folders"), key="train_keep_split", help=HELP["given split"], bind="query-params"
    )


def describe_presets(catalog: Catalog) -> str:
    """Return in Markdown what the two presets do, and where patients are not known that neither keeps them together."""
    split = (
        tr("all X-rays of a patient are on one side of the split")
        if catalog.patients_known
        else tr("the split is by X-ray, since patients are not known in this set")
    )
    return tr(
        "**default**: X-rays are prepared as for VGG16's own training, the whole 7 × 7 map is averaged, "
        "and {split}.  \n**original**: the published procedure. Intensities from 0 to 1 go in unchanged, "
        "only the upper left 4 × 4 cells of the map are used, and the split is by image, so X-rays of "
        "one patient can be on both sides.",
        split=split,
    )


def describe_depth(fine_tune: str) -> str:
    """Return which layers learn and how many weights these are, in one sentence."""
    cut = find_backbone(_DEFAULTS.backbone).cut_point(fine_tune)
    number = cut.num_learning
    return tr(
        "{learns}: {value} weights.",
        learns=tr(cut.learns),
        value=tr("{number:.1f} million", number=number / 1e6) if number >= 1e6 else number_text(round(number, -3)),
    )
