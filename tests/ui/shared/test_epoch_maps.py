"""What is said of an X-ray over the epochs of a run, and what the browser is given."""

import numpy as np

from covidlab.ui.shared.components.epoch_map import EpochView, map_data
from covidlab.ui.shared.epoch_maps import Maps, captions, describe_path

MAPS = Maps((0, 2, 4), (0.4, 0.7, 0.998), ("", "30 % of the heat lies inside the lungs.", ""), np.ones((3, 7, 7)))


def test_captions_say_epoch_probability_and_lungs():
    first, second, third = captions(MAPS, name="COVID-19")
    assert first == "Before learning: probability of COVID-19 0.40. Nothing speaks for COVID-19."
    assert second == "After epoch 2: probability of COVID-19 0.70. 30 % of the heat lies inside the lungs."
    assert "over 0.99" in third


def test_describe_path_counts_how_often_the_x_ray_changed_sides():
    sentence = describe_path(MAPS, name="COVID-19", threshold=0.5)
    assert (
        sentence
        == "The probability of COVID-19 went from 0.40 to over 0.99 and crossed once the operating point of 0.50."
    )
    back = Maps((0, 1, 2), (0.4, 0.7, 0.3), ("", "", ""), np.ones((3, 7, 7)))
    assert "crossed 2 times" in describe_path(back, name="COVID-19", threshold=0.5)


def test_place_of_an_epoch_that_is_not_kept_is_the_last_before_it():
    assert [MAPS.place_of(epoch) for epoch in (0, 1, 3, 4, None)] == [0, 0, 1, 2, 2]


def test_map_data_gives_a_flat_map_for_each_epoch():
    view = EpochView(
        picture=b"jpeg",
        size=(700, 500),
        alt="An X-ray",
        epochs=MAPS.epochs,
        probabilities=MAPS.probabilities,
        heatmaps=MAPS.heatmaps,
        captions=captions(MAPS, name="COVID-19"),
        threshold=0.5,
        path="",
    )
    data = map_data(view)
    assert [len(heatmap) for heatmap in data["heatmaps"]] == [49, 49, 49]
    assert (data["rows"], data["width"], data["height"], len(data["colours"])) == (7, 700, 500, 3)
