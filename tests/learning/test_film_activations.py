"""Activations of a catalog's films: computed once, equal to a direct pass."""

import numpy as np
import pytest

from covidlab.config import PRESETS, Augmentation
from covidlab.data.catalog import load_catalog
from covidlab.errors import StorageError
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import changed, model_input, view_change
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.cache_space import Kept
from covidlab.learning.device import select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.network import build_model, frozen_part, pooled


def activations_of(folder, *, fine_tune="head", preset="default"):
    catalog = load_catalog(folder)
    return catalog, FilmActivations(catalog, BACKBONE, preset=preset, fine_tune=fine_tune, device=select_device("cpu"))


def test_read_another_augmentation_shares_the_films_as_they_are(make_dataset):
    catalog, activations = activations_of(make_dataset({"covid": 2, "normal": 2}))
    activations.compute([0, 1], 0)
    activations.compute([0, 1], 1)
    shifted = FilmActivations(
        catalog,
        BACKBONE,
        preset="default",
        fine_tune="head",
        device=select_device("cpu"),
        augmentation=Augmentation(shift=0.2),
    )
    assert shifted.num_missing([0, 1]) == 6
    views = shifted.read([0, 1], view=1)
    assert shifted.num_computed == 2
    np.testing.assert_array_equal(shifted.read([0, 1], view=0), activations.read([0, 1], view=0))
    assert np.abs(views - activations.read([0, 1], view=1)).max() > 0.1


@pytest.mark.usefixtures("covidlab_home")
def test_read_equals_a_direct_pass_and_is_not_computed_twice(make_dataset):
    catalog, activations = activations_of(make_dataset({"covid": 2, "normal": 2}))
    read = activations.read([0, 3], view=1)
    assert activations.num_computed == 2
    path = catalog.film_path(catalog.films["file"].iloc[3])
    change = view_change(catalog.films["sha256"].iloc[3], 1)
    prepared = changed(model_input(decode_file(path).pixels, resize="area"), change)
    direct = frozen_part(build_model(PRESETS["default"], BACKBONE, num_classes=2), BACKBONE, "head")(
        prepared[None] / np.float32(255)
    )
    # float16 keeps 11 bits: half a thousandth of the value.
    np.testing.assert_allclose(read[1], direct[0], rtol=2e-3, atol=2e-2)

    again = activations_of(catalog.root)[1]
    np.testing.assert_array_equal(again.read([0, 3], view=1), read)
    assert again.num_computed == 0


def test_features_are_the_pooled_activations(make_dataset):
    _, activations = activations_of(make_dataset({"covid": 2, "normal": 2}), preset="original")
    expected = pooled(activations.read([1, 2], view=0), PRESETS["original"])
    np.testing.assert_array_equal(activations.features([1, 2], view=0), expected)


def test_read_every_layer_learning_gives_the_films_themselves(make_dataset):
    _, activations = activations_of(make_dataset({"covid": 2, "normal": 2}), fine_tune="all")
    films = activations.read([0, 1], view=0)
    assert films.shape == (2, 224, 224, 3)
    assert films.min() >= 0
    assert films.max() <= 1
    assert activations.num_missing(range(3)) == 0


def test_num_missing_counts_films_and_views(make_dataset):
    _, activations = activations_of(make_dataset({"covid": 2, "normal": 2}))
    assert activations.num_missing(range(3)) == 12
    activations.compute([0, 1], 0)
    assert activations.num_missing(range(3)) == 10


def test_read_keeps_as_many_passes_as_fit_and_computes_the_others_again(make_dataset, monkeypatch, tmp_path):
    catalog, partly = activations_of(make_dataset({"covid": 3, "normal": 3}))
    partly.kept = Kept(activations=False, num_passes=4)
    first = partly.read(range(6), view=0)
    assert (partly.num_computed, partly.missing_films(0)) == (6, [4, 5])
    again = partly.read([5, 0, 4, 0], view=0)
    assert partly.num_computed == 8
    np.testing.assert_array_equal(again, first[[5, 0, 4, 0]])
    # In another home, where nothing is kept yet: the same six in one pass. What a pass gives may round otherwise in another batch.
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "another home"))
    whole = activations_of(catalog.root)[1]
    np.testing.assert_array_equal(first, whole.read(range(6), view=0))
    assert whole.num_computed == 6


def test_features_of_what_is_kept_in_part_are_those_of_a_whole_pack(make_dataset):
    catalog, partly = activations_of(make_dataset({"covid": 2, "normal": 2}))
    partly.kept = Kept(activations=False, num_passes=1)
    partly.compute(range(4), 0)
    assert (partly.num_missing([0]), partly.missing_films(0)) == (0, [1, 2, 3])
    np.testing.assert_array_equal(partly.features_table([0]), activations_of(catalog.root)[1].features_table([0]))


def test_read_full_disk_ends_the_keeping_and_not_the_run(make_dataset, monkeypatch):
    _, partly = activations_of(make_dataset({"covid": 1, "normal": 1}))
    partly.kept = Kept(activations=False, num_passes=2, films=False)

    def full(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(partly._pack, "add", full)
    assert partly.read([0, 1], view=0).shape == (2, 7, 7, 512)
    assert partly.missing_films(0) == [0, 1]
