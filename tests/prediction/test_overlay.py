"""A heat map over an X-ray and its colours alone say the same."""

import cv2
import numpy as np

from covidlab.prediction.overlay import colour_steps, overlay, overlay_png

HEATMAP = np.array([[0, 0], [0, 2]], np.float32)


def decoded(encoded: bytes) -> np.ndarray:
    """RGBA."""
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def test_overlay_png_is_clear_where_nothing_is_and_opaque_at_the_maximum():
    colours = decoded(overlay_png(HEATMAP, (60, 40)))
    assert colours.shape == (40, 60, 4)
    # The cubic enlargement swings a little beyond 0.
    assert colours[0, 0, 3] <= 3
    assert colours[-1, -1, 3] == 255
    assert colours[-1, -1, :3].tolist() == [254, 232, 56]


def test_overlay_png_laid_over_an_x_ray_is_the_overlay():
    pixels = np.full((40, 60, 3), 90, np.uint8)
    colours = decoded(overlay_png(HEATMAP, (60, 40))).astype(float)
    share = 0.5 * colours[..., 3:] / 255
    blended = pixels * (1 - share) + colours[..., :3] * share
    assert np.abs(blended - overlay(pixels, HEATMAP, opacity=0.5)).max() <= 1


def test_overlay_png_of_an_empty_heat_map_is_clear():
    assert decoded(overlay_png(np.zeros((7, 7)), (14, 14)))[..., 3].max() == 0


def test_colour_steps_go_from_dark_blue_to_yellow():
    assert colour_steps(3) == ["#00224e", "#7d7c78", "#fee838"]
