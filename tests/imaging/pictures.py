"""Synthetic X-rays and pictures of other things, and what the checks say of them."""

from functools import cache

import cv2
import numpy as np

from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.receipt import Check, Verdict
from covidlab.phantom.film import PhantomConfig, make_phantom

SIDE = 256


@cache
def phantom(number: int = 0) -> np.ndarray:
    return rgb(make_phantom(PhantomConfig(num_films=4, size=SIDE, seed=3), number).pixels)


def rgb(grey: np.ndarray) -> np.ndarray:
    pixels = np.dstack([grey] * 3).astype(np.uint8)
    pixels.setflags(write=False)
    return pixels


def line(pixels: np.ndarray, name: str) -> Check:
    return next(check for check in check_picture(pixels) if check.name == name)


def verdict(pixels: np.ndarray, name: str) -> Verdict:
    return line(pixels, name).verdict


def pictures_of_other_things() -> dict[str, np.ndarray]:
    rng, ramp = np.random.default_rng(0), np.tile(np.arange(SIDE, dtype=np.uint8), (SIDE, 1))
    page = np.full((SIDE, SIDE), 255, np.uint8)
    for row in range(20, SIDE, 16):
        cv2.putText(page, "the report of the patient", (8, row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0)
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(drawing, (128, 128), (80, 110), 0, 0, 360, 255, 2)
    tiles = np.kron(np.indices((8, 8)).sum(axis=0) % 2 * 255, np.ones((32, 32)))
    return {
        "black": rgb(np.zeros((SIDE, SIDE))),
        "white": rgb(np.full((SIDE, SIDE), 255)),
        "grey": rgb(np.full((SIDE, SIDE), 128)),
        "white noise": rgb(rng.integers(0, 256, (SIDE, SIDE))),
        "coloured noise": rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8),
        "horizontal gradient": rgb(ramp),
        "vertical gradient": rgb(ramp.T),
        "checkerboard": rgb(tiles),
        "page of text": rgb(page),
        "inverted page of text": rgb(255 - page),
        "drawing": rgb(drawing),
    }
