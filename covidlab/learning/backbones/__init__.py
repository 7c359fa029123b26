"""The networks whose features are used: one file each, which describes its network as ``BACKBONE`` (see ``base``)."""

import pkgutil
from importlib import import_module

from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.learning.backbones.base import Backbone

_NOT_NETWORKS = ("base",)


def backbone_names() -> list[str]:
    """Return the names of the networks that are here, one a file of this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_NETWORKS)


def find_backbone(name: str) -> Backbone:
    """Return the description of a network; raises UsageError where no file of this folder bears its name."""
    if name not in backbone_names():
        raise UsageError(
            tr(
                "The backbone must be one of {backbone_names}. Received: {name}.",
                backbone_names=", ".join(backbone_names()),
                name=name,
            )
        )
    return import_module(f"{__name__}.{name}").BACKBONE
