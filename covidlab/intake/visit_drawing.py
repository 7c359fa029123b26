"""Which X-rays of another place are taken, where there are more than are wanted."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

SEED = 42


def draw(classes: Mapping[str, str], patients: Mapping[str, str], *, most: int, seed: int = SEED) -> list[str]:
    """Return which X-rays are taken, sorted: of each class about as many, whole patients, the same for the same names.

    Parameters
    ----------
    classes : name -> class
    patients : name -> patient; an X-ray without an entry is a patient of its own
    most : X-rays to take, exceeded by no more than what the last patient of each class has besides
    """
    names = sorted(classes)
    owners = {name: patients.get(name, "") or f"\0{name}" for name in names}
    turn = dict(
        zip(
            sorted(set(owners.values())),
            np.random.default_rng(seed).permutation(len(set(owners.values()))),
            strict=True,
        )
    )
    order = sorted(names, key=lambda name: (turn[owners[name]], name))
    quotas, taken, last = _quotas(Counter(classes.values()), most), Counter(), {}
    chosen = []
    for name in order:
        kind = classes[name]
        if taken[kind] < quotas[kind] or last.get(kind) == owners[name]:
            chosen.append(name)
            taken[kind] += 1
            last[kind] = owners[name]
    return sorted(chosen)


def _quotas(sizes: Mapping[str, int], most: int) -> dict[str, int]:
    """How many X-rays of each class: all of the small ones, the rest shared out among the large ones."""
    quotas, left = {}, most
    for place, (kind, size) in enumerate(sorted(sizes.items(), key=lambda item: (item[1], item[0]))):
        quotas[kind] = min(size, -(-left // (len(sizes) - place)))
        left -= quotas[kind]
    return quotas
