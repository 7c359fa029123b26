"""X-rays of an audit with made-up features, so that heads learn and nothing passes through VGG16."""

import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.evaluation.alterations import WHOLE, Alteration
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device


class MadeUpData(AuditData):
    """Features that tell the classes apart by ``signal``, and patients by half of it."""

    def __init__(self, root, *, signal: float, num_repeats: int = 2):
        catalog = load_catalog(root)
        config = TrainingConfig(dataset=str(root), epochs=8, views=1, learning_rate=0.03)
        super().__init__(catalog, config, find_backbone("vgg16"), select_device("cpu"), num_repeats=num_repeats)
        generator = np.random.default_rng(3)
        features = generator.normal(size=(catalog.num_films, 16)).astype(np.float32)
        features[:, 0] += signal * (2 * self.labels - 1)
        self.made_up = features

    def features(self, alteration: Alteration = WHOLE) -> np.ndarray:
        return self.made_up

    def view_features(self) -> np.ndarray:
        return self.made_up[:, None]


def context(part_options=None, *, repeats: int = 2) -> PartContext:
    """What a part is given besides the X-rays."""
    return PartContext(config=AuditConfig(repeats=repeats), options=part_options or {})
