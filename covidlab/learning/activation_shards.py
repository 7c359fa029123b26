"""Activations that several machines compute side by side: each writes into a pack of its own, one process brings them together.

So no two machines ever write into one file, and no lock has to hold across them. What a machine that is lost had written is
taken over as it is: a record counts once its line is whole, as in every pack. TensorFlow is not imported here.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from covidlab.learning.activations import ActivationKey, ActivationPack, AugmentedPack

AnyPack = ActivationPack | AugmentedPack
# 26 MB of activations at the depth "head".
_MERGED_AT_ONCE = 512


class ShardPack:
    """A pack that is read by all, with what one machine adds to it in a pack of its own.

    Parameters
    ----------
    whole : read only
    own : written by this process alone
    """

    def __init__(self, whole: AnyPack, own: ActivationPack):
        self._whole, self._own = whole, own
        self.record_bytes = own.record_bytes

    def __contains__(self, key: ActivationKey) -> bool:
        return key in self._own or key in self._whole

    def missing(self, keys: Sequence[ActivationKey]) -> list[ActivationKey]:
        """See ActivationPack."""
        return [key for key in dict.fromkeys(keys) if key not in self]

    def read(self, keys: Sequence[ActivationKey]) -> np.ndarray:
        """See ActivationPack."""
        if not keys:
            return self._own.read(keys)
        return np.concatenate([(self._own if key in self._own else self._whole).read([key]) for key in keys])

    def add(self, keys: Sequence[ActivationKey], records: np.ndarray) -> None:
        """Append records to the own pack; see ActivationPack."""
        new = [place for place, key in enumerate(keys) if key not in self]
        if new:
            self._own.add([keys[place] for place in new], records[new])

    def refresh(self) -> None:
        """See ActivationPack."""
        self._own.refresh()
        self._whole.refresh()


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What came of shards: records that were new, and records that were there already, so had been computed twice."""

    num_new: int = 0
    num_twice: int = 0

    def __add__(self, other: "Merged") -> "Merged":
        return Merged(num_new=self.num_new + other.num_new, num_twice=self.num_twice + other.num_twice)


def merge_shard(whole: AnyPack, shard: ActivationPack) -> Merged:
    """Append the records of a shard to the pack that all read. Damaged ones are left out: they count as missing."""
    shard.refresh()
    whole.refresh()
    keys, merged = shard.keys(), Merged()
    for start in range(0, len(keys), _MERGED_AT_ONCE):
        chunk = keys[start : start + _MERGED_AT_ONCE]
        new = whole.missing(chunk)
        num_twice = len(chunk) - len(new)
        try:
            records = shard.read(new)
        except KeyError:
            # By now those that failed their checksums are forgotten.
            new = [key for key in new if key in shard]
            records = shard.read(new)
        if new:
            whole.add(new, records)
        merged += Merged(num_new=len(new), num_twice=num_twice)
    return merged


def remove_shard(folder: Path) -> None:
    """Remove a shard that is merged; what a machine that is cut off writes there later is lost, and is no loss."""
    shutil.rmtree(folder, ignore_errors=True)
