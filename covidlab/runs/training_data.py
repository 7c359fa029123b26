"""Which X-rays a run's model learned from, in words: name of the set, number, synthetic or not."""

from collections.abc import Mapping

from covidlab.intake.adding import PHANTOMS_FOLDER
from covidlab.language import tr
from covidlab.text import pluralize

# As the model that comes with covidlab calls its X-rays.
CURATED_FIFTY = "the curated fifty"


def describe_training_data(data: Mapping) -> str:
    """Return e.g. "40 X-rays of curated", "19 synthetic X-rays of phantoms", "40 X-rays of mine, 3 of them synthetic".

    Parameters
    ----------
    data : what run.json says of the data; runs of version 0.1.0 do not count synthetic X-rays, and are known by the name of
        the set of phantoms
    """
    number, name = data.get("num_training", 0), data.get("name", "")
    num_synthetic = count_synthetic(data)
    whole = number and num_synthetic >= number
    text = pluralize(number, "synthetic X-ray" if whole else "X-ray")
    if name == CURATED_FIFTY:
        text += tr(" of the curated fifty")
    elif name:
        text += tr(" of {name}", name=name)
    return (
        text
        if whole or not num_synthetic
        else tr("{text}, {num_synthetic:,} of them synthetic", text=text, num_synthetic=num_synthetic)
    )


def count_synthetic(data: Mapping) -> int:
    """Return how many of the X-rays that a model learned from are synthetic; ``data`` as above."""
    return data.get("num_training_synthetic", data.get("num_training", 0) if data.get("name") == PHANTOMS_FOLDER else 0)
