"""Shards of a pack: written apart, brought together once."""

import numpy as np
import pytest

from covidlab.learning.activation_shards import Merged, ShardPack, merge_shard
from covidlab.learning.activations import ActivationPack, AugmentedPack

KEYS = [("a", 0), ("b", 0), ("c", 1)]


@pytest.fixture
def make_pack(tmp_path):
    return lambda name: ActivationPack(tmp_path / name, shape=(2, 3))


def records(number):
    return np.arange(number * 6, dtype=np.float16).reshape(number, 2, 3)


def test_shard_reads_what_all_have_and_writes_into_its_own(make_pack):
    whole, own = make_pack("whole"), make_pack("own")
    whole.add(KEYS[:1], records(1))
    shard = ShardPack(whole, own)
    assert shard.missing(KEYS) == KEYS[1:]
    shard.add(KEYS, records(3))
    assert np.array_equal(shard.read(KEYS), records(3))
    assert (whole.keys(), own.keys()) == (KEYS[:1], KEYS[1:])


def test_merge_takes_each_record_once_and_counts_what_was_there(make_pack):
    whole, first, second = (make_pack(name) for name in ("whole", "first", "second"))
    first.add(KEYS[:2], records(2))
    second.add(KEYS[1:], records(3)[1:])
    merged = merge_shard(whole, first) + merge_shard(whole, second)
    assert merged == Merged(num_new=3, num_twice=1)
    assert np.array_equal(whole.read(KEYS), records(3)) and whole.num_records() == 3


def test_merge_sends_views_to_the_pack_of_their_augmentation(make_pack):
    plain, views, shard = (make_pack(name) for name in ("plain", "views", "shard"))
    shard.add(KEYS, records(3))
    assert merge_shard(AugmentedPack(plain, views), shard).num_new == 3
    assert (plain.keys(), views.keys()) == (KEYS[:2], KEYS[2:])


def test_merge_of_a_shard_that_was_killed_leaves_out_what_is_torn_or_damaged(make_pack):
    whole, shard = make_pack("whole"), make_pack("shard")
    shard.add(KEYS, records(3))
    with open(shard.folder / "records.bin", "r+b") as file:
        file.write(b"\xff")
    with open(shard.folder / "index.csv", "r+b") as file:
        file.truncate((shard.folder / "index.csv").stat().st_size - 3)
    assert merge_shard(whole, make_pack("shard")) == Merged(num_new=1)
    assert whole.keys() == KEYS[1:2]
