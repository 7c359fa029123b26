"""Differences of JSON values, and server-sent events."""

import copy
import math

import numpy as np
import pytest

from covidlab.services.events import event, jsonable, patch

CURVE = {"data": [{"x": [1, 2], "name": "training"}], "layout": {"title": "Loss", "yaxis": {"range": [0, 1]}}}


def apply(value, steps):
    """What the browser does with a patch (ui/shared/components/live_run.js)."""
    holder = {"root": copy.deepcopy(value)}
    for path, step, content in steps:
        *way, last = ["root", *path]
        place = holder
        for name in way:
            place = place[name]
        if step == "set":
            place[last] = content
        elif step == "append":
            place[last] = place[last] + content
        else:
            del place[last]
    return holder["root"]


def changed(**changes):
    """The curve with some of it replaced."""
    return {**copy.deepcopy(CURVE), **changes}


@pytest.mark.parametrize(
    "after",
    [
        CURVE,
        changed(data=[{"x": [1, 2, 3], "name": "training"}]),
        changed(data=[{"x": [1], "name": "training"}]),
        changed(data=[{"x": [1, 2]}]),
        changed(data=[*CURVE["data"], {"x": [5]}]),
        changed(data=[]),
        changed(layout={"title": None, "yaxis": {"range": [0, 8], "type": "log"}}),
        {},
    ],
)
def test_patch_applied_gives_the_later_value(after):
    assert apply(CURVE, patch(CURVE, after)) == after


def test_patch_of_a_curve_that_grew_holds_the_new_point_only():
    assert patch({"x": [1, 2]}, {"x": [1, 2, 3]}) == [[["x"], "append", [3]]]


def test_patch_of_equal_values_is_empty():
    assert patch(CURVE, copy.deepcopy(CURVE)) == []


def test_jsonable_makes_lists_of_arrays_and_none_of_what_is_not_finite():
    value = {"x": np.array([1.5, math.inf]), "n": np.int64(3), "y": (math.nan, "a", None, True)}
    assert jsonable(value) == {"x": [1.5, None], "n": 3, "y": [None, "a", None, True]}


def test_event_is_one_line_of_data_whatever_the_text():
    encoded = event("run", {"reason": "two\nlines é"}, "a-1").decode()
    assert encoded == 'id: a-1\nevent: run\ndata: {"reason":"two\\nlines é"}\n\n'
