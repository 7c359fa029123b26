"""What an idle worker prepares for the lab of planted shortcuts: each phantom with and without its mark, through the network once.

Strength says which phantoms have the mark, so that both kinds serve every strength; then a choice of a visitor needs the heads alone.
"""

from collections.abc import Iterator

from covidlab.audit.data import FeatureMaker
from covidlab.audit.phantom_pool import PhantomPool
from covidlab.audit.planted_options import FIRST_HELD_OUT, NUM_HELD_OUT, SHORTCUTS, PlantedOptions
from covidlab.audit.planted_text import STEPS
from covidlab.config import TrainingConfig
from covidlab.files import require_free_space
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device
from covidlab.learning.precision import choose_precision
from covidlab.paths import home
from covidlab.phantom.film import PhantomConfig

KEPT_FREE_BYTES = int(2e9)
_AT_ONCE = 2
_NUMBERS = range(FIRST_HELD_OUT + NUM_HELD_OUT)


def prepare_phantoms() -> Iterator[None]:
    """Pass the phantoms of the lesson, then those of the other marks, a few at a time; raises StorageError where the disk is full."""
    config, device = TrainingConfig(dataset=""), select_device("auto")
    backbone = find_backbone(config.backbone)
    maker = FeatureMaker(config, backbone, device, precision=choose_precision(config, backbone, device))
    for kind in _kinds():
        pool = PhantomPool(maker, kind)
        for marked in (True, False):
            missing = pool.missing(_NUMBERS, marked=marked)
            for start in range(0, len(missing), _AT_ONCE):
                require_free_space(home(), KEPT_FREE_BYTES)
                pool.activations(missing[start : start + _AT_ONCE], marked=marked)
                yield
        pool.truth(_NUMBERS[FIRST_HELD_OUT:])
        yield


def _kinds() -> list[PhantomConfig]:
    """The marks and contrasts of the lesson, in its order, then each mark as it is offered first."""
    every = [*(step.options for step in STEPS), *(PlantedOptions(shortcut=name) for name in SHORTCUTS)]
    return list(dict.fromkeys(each.phantoms for each in every))
