"""Changes as a page asks for them."""

import numpy as np
import pytest

from covidlab.errors import UsageError
from covidlab.evaluation.alterations import ALTERATIONS, SCALES, Subject
from covidlab.evaluation.asked_alterations import PARTS, asked_alteration


@pytest.mark.parametrize("name", ALTERATIONS)
def test_named_alteration_is_the_one_of_the_list(name):
    assert asked_alteration(name) is ALTERATIONS[name]


def test_box_is_black_where_it_was_asked_for():
    film = np.full((224, 224, 3), 200, np.uint8)
    black = ~asked_alteration("box:14:7:6")(film, Subject()).any(-1)
    rows, columns = np.flatnonzero(black.any(1)), np.flatnonzero(black.any(0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (32, 79, 88, 135)


def test_marker_is_bright_where_it_was_asked_for():
    mark = asked_alteration("marker:7:21")(np.zeros((224, 224, 3), np.uint8), Subject())[..., 0] > 128
    assert np.argwhere(mark).mean(axis=0) == pytest.approx([168, 56], abs=3)


@pytest.mark.parametrize(
    ("text", "name"), [("rotation:5", "rotation5"), ("rotation:4.6", "rotation5"), ("contrast:1.0", "contrast1")]
)
def test_amount_is_moved_to_its_nearest_step(text, name):
    assert asked_alteration(text).name == name


def test_places_and_amounts_have_names_of_their_own():
    texts = ["box:1:11:6", "box:11:1:6", "marker:1:11", "jpeg:5", "jpeg:50", "exposure:-0.5", "exposure:0.5"]
    assert len({asked_alteration(text).key for text in texts}) == len(texts)


def test_every_amount_of_a_curve_can_be_asked_for():
    for scale in SCALES.values():
        for value in scale.values:
            assert asked_alteration(f"{scale.name}:{value}").name == scale.at(value).name


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "lungs",
            "whole:1",
            "box:1:1",
            f"box:{PARTS + 1}:1:6",
            "box:-1:1:6",
            "box:1:1:1",
            "box:1:1:15",
            "box:1.5:1:6",
        ),
        *(
            "marker:1",
            "marker:1:1:1",
            "marker:²:1",
            "rotation",
            "rotation:21",
            "rotation:nan",
            "jpeg:",
            "../box:1:1:6",
            "x" * 999,
        ),
    ],
)
def test_anything_else_is_refused_in_a_sentence_of_bounded_length(text):
    with pytest.raises(UsageError, match="A change is a name") as refused:
        asked_alteration(text)
    assert len(str(refused.value)) < 400
