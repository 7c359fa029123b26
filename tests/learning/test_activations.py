"""Packs of activations on disk."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest

from covidlab.config import PRESETS
from covidlab.learning.activations import ActivationPack, open_pack
from covidlab.learning.backbones.vgg16 import BACKBONE

SHAPE = (2, 2, 3)


def pack_in(folder):
    return ActivationPack(folder, shape=SHAPE)


def records(*values):
    return np.stack([np.full(SHAPE, value, np.float16) for value in values])


def _add(folder, name):
    pack = pack_in(folder)
    for view in range(20):
        pack.add([(name, view), ("both", view)], records(1, 2))


def test_read_returns_what_was_added_also_in_another_process_view(tmp_path):
    pack_in(tmp_path).add([("a", 0), ("b", 1)], records(1, 2))
    assert pack_in(tmp_path).read([("b", 1), ("a", 0)])[:, 0, 0, 0].tolist() == [2, 1]


def test_missing_lists_each_key_once(tmp_path):
    pack = pack_in(tmp_path)
    pack.add([("a", 0)], records(1))
    assert pack.missing([("a", 0), ("b", 0), ("b", 0)]) == [("b", 0)]


def test_add_known_key_keeps_the_first_record(tmp_path):
    pack = pack_in(tmp_path)
    pack.add([("a", 0)], records(1))
    pack.add([("a", 0), ("b", 0)], records(9, 2))
    assert pack.read([("a", 0), ("b", 0)])[:, 0, 0, 0].tolist() == [1, 2]


def test_read_changed_record_is_refused_and_can_be_replaced(tmp_path):
    pack_in(tmp_path).add([("a", 0), ("b", 0)], records(1, 2))
    with open(tmp_path / "records.bin", "r+b") as file:
        file.write(b"\xff\xff")
    pack = pack_in(tmp_path)
    with pytest.raises(KeyError, match="a"):
        pack.read([("a", 0)])
    assert pack.missing([("a", 0), ("b", 0)]) == [("a", 0)]
    pack.add([("a", 0)], records(3))
    assert pack.read([("a", 0), ("b", 0)])[:, 0, 0, 0].tolist() == [3, 2]


def test_record_without_its_line_is_written_over(tmp_path):
    pack_in(tmp_path).add([("a", 0)], records(1))
    with open(tmp_path / "records.bin", "ab") as file:
        file.write(b"killed here")
    pack = pack_in(tmp_path)
    pack.add([("b", 0)], records(2))
    assert pack_in(tmp_path).read([("a", 0), ("b", 0)])[:, 0, 0, 0].tolist() == [1, 2]


@pytest.mark.parametrize("cut", [1, 3, 6, 9])
def test_torn_index_line_costs_only_its_record(tmp_path, cut):
    pack_in(tmp_path).add([("a", 0), ("b", 0)], records(1, 2))
    index = tmp_path / "index.csv"
    index.write_bytes(index.read_bytes()[:-cut])
    pack = pack_in(tmp_path)
    assert pack.missing([("a", 0), ("b", 0)]) == [("b", 0)]
    pack.add([("b", 0)], records(5))
    assert pack_in(tmp_path).read([("a", 0), ("b", 0)])[:, 0, 0, 0].tolist() == [1, 5]


def test_truncated_records_are_missing(tmp_path):
    pack_in(tmp_path).add([("a", 0), ("b", 0)], records(1, 2))
    with open(tmp_path / "records.bin", "r+b") as file:
        file.truncate(30)
    assert pack_in(tmp_path).missing([("a", 0), ("b", 0)]) == [("b", 0)]


def test_two_processes_adding_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add, args=(tmp_path, name)) for name in ("x", "y")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    keys = [(name, view) for name in ("x", "y", "both") for view in range(20)]
    assert pack_in(tmp_path).missing(keys) == []
    assert pack_in(tmp_path).read(keys)[:, 0, 0, 0].tolist() == [1] * 40 + [2] * 20


def test_open_pack_name_holds_all_it_depends_on(covidlab_home):
    preset, other_weights = PRESETS["default"], replace(BACKBONE, weights_sha256="b" * 64)
    packs = [
        open_pack(BACKBONE, preset, fine_tune="head"),
        open_pack(BACKBONE, replace(preset, preprocessing="unit"), fine_tune="head"),
        open_pack(BACKBONE, replace(preset, resize="linear"), fine_tune="head"),
        open_pack(BACKBONE, preset, fine_tune="block5"),
        open_pack(other_weights, preset, fine_tune="head"),
    ]
    assert len({pack.folder for pack in packs}) == 5


def test_open_pack_finds_what_version1_wrote(covidlab_home):
    pack = open_pack(BACKBONE, PRESETS["default"], fine_tune="head")
    assert pack.folder == covidlab_home / "activations" / "v1-area-block5_pool-imagenet-9b8947ba611c"
    films = open_pack(BACKBONE, PRESETS["original"], fine_tune="all")
    assert films.folder == covidlab_home / "activations" / "v1-linear-input"
