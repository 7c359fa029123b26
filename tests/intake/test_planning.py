"""What will be added, what not and why, and what to know of it before."""

import io

import numpy as np
from PIL import Image

from covidlab.data.layouts import Layout, LeftOut
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.intake.duplicates import Pair
from covidlab.intake.planning import conflicts_of, describe_patients, left_out_files
from covidlab.intake.screening import Review
from covidlab.intake.screening import review_files as review_of


def png(seed) -> bytes:
    data = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
    Image.fromarray(pixels).resize((120, 110)).save(data, "PNG")
    return data.getvalue()


def test_left_out_files_names_each_once_with_its_reason():
    layout = Layout(
        title="one folder for each class",
        left_out=(
            LeftOut(reason="masks", files=("masks/a.png",)),
            LeftOut(reason="in no folder that names a class", files=("c.png", "torn.png"), why={"c.png": "loose"}),
        ),
    )
    films = review_of([("covid/a.png", png(1)), ("covid/b.png", png(1)), ("c.png", png(2)), ("d.png", png(3))]).films
    review = Review(
        films=films,
        unreadable=(("torn.png", "torn.png is cut off."),),
        exact=(Pair(name="covid/b.png", other="covid/a.png", is_there=False),),
    )
    assert left_out_files(layout, review, {"covid/a.png": "covid"}) == [
        ("torn.png", "cannot be read", "torn.png is cut off."),
        ("masks/a.png", "masks", ""),
        ("c.png", "in no folder that names a class", "loose"),
        ("covid/b.png", "the same as another X-ray", "covid/a.png"),
        ("d.png", "not ticked", ""),
    ]


def test_conflicts_of_finds_the_same_x_ray_in_two_classes_also_in_the_set():
    review = review_of([("a.png", png(1)), ("b.png", png(1)), ("c.png", png(2))])
    there = Pair(name="c.png", other="normal/old.png", is_there=True)
    review = Review(films=review.films, exact=(*review.exact, there))
    assert conflicts_of(review, {"a.png": "covid", "b.png": "normal", "c.png": "covid"}) == [
        ["a.png", "b.png"],
        ["c.png", "normal/old.png (in the set)"],
    ]
    assert conflicts_of(review, {"a.png": "covid", "b.png": "covid", "c.png": "normal"}) == []


def test_describe_patients_says_whether_all_are_known():
    assert describe_patients(["p1", "p1", "p2"]) == "2 patients, known for all X-rays."
    assert describe_patients(["", " "]) == PATIENTS_NOT_KNOWN
    assert describe_patients(["p1", "", ""]) == (
        "Patients are known for 1 of 3 X-rays only: X-rays of one patient may be on both sides, and the figures too good."
    )
