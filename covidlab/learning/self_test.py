"""A process that loads TensorFlow, measures a pass of an X-ray in each precision, and prints what it found as one JSON object.

``python -m covidlab.learning.self_test``, started by ``covidlab.doctor``; nothing is kept on the disk.
"""

import json
import os
import time

MEASURE_SECONDS = 0.3


def main() -> None:
    """Print what was found, or why TensorFlow does not work."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        found = measure_machine()
    # Whatever a library of a GPU or a damaged package raises is what is asked for here.
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(found), flush=True)


def measure_machine() -> dict:
    """Return version, seconds to load, device, seconds of an X-ray by precision, and the precision that runs begin with."""
    started = time.monotonic()
    from covidlab.learning.quiet import require_tensorflow

    require_tensorflow()
    load_seconds = time.monotonic() - started
    import tensorflow as tf

    from covidlab.config import TrainingConfig
    from covidlab.learning.backbones.vgg16 import BACKBONE
    from covidlab.learning.device import select_device
    from covidlab.learning.precision import candidates_of, decide, kept_precision, measure, measured_film_seconds

    device, config = select_device(), TrainingConfig(dataset="")
    film_seconds = measure(BACKBONE, device, "head", candidates_of(device), seconds=MEASURE_SECONDS)
    found = decide(film_seconds)
    if measured_film_seconds(config, BACKBONE, device.name):
        # Decided here before, and kept so that the same command gives the same figures.
        found["precision"] = kept_precision(config, BACKBONE, device.name)
    return {
        "version": tf.__version__,
        "load_seconds": load_seconds,
        "device": device.name,
        "is_gpu": device.is_gpu,
        **found,
    }


if __name__ == "__main__":
    main()
