"""What run.json says of the machine, the versions and the moment a run began."""

import platform
import time
from importlib.metadata import version

import covidlab
from covidlab.learning.device import Device

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")


def machine_facts(device: Device) -> dict:
    """Return device, versions and the moment, as run.json keeps them."""
    return {
        "device": device.name,
        "versions": {
            "covidlab": covidlab.__version__,
            "python": platform.python_version(),
            **{package: version(package) for package in _PACKAGES},
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
