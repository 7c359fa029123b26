"""The PNG of the command line shows every run, also one of a single epoch."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from covidlab.runs.plot import CURVES, draw_plot, save_plot


def history(*losses: float) -> pd.DataFrame:
    """A history with these losses."""
    epochs = np.arange(1, len(losses) + 1)
    rest = {"accuracy": 0.7, "val_loss": 0.8, "val_accuracy": 0.6}
    return pd.DataFrame({"epoch": epochs, "loss": losses, **rest})


def num_pixels(path, colour: str) -> int:
    """How many pixels of a picture have a colour."""
    pixels = np.asarray(Image.open(path).convert("RGB"), int)
    return int((abs(pixels - np.array(to_rgb(colour)) * 255).max(axis=2) < 12).sum())


@pytest.mark.parametrize("losses", [(0.9,), (0.9, 0.8), (116.0, 0.8, 0.7, 0.6)])
def test_plot_shows_points_of_every_curve(tmp_path, losses):
    save_plot(tmp_path / "plot.png", history(*losses))
    figure = draw_plot(history(*losses))
    for axes in figure.axes:
        axes.set_title("")
        (axes.get_legend() and axes.get_legend().remove())
    figure.savefig(tmp_path / "bare.png")
    for _, colour, *_ in CURVES.values():
        assert num_pixels(tmp_path / "bare.png", colour) > 20


def test_plot_names_whole_epochs():
    (axes,) = draw_plot(history(0.9, 0.8)).axes
    assert axes.get_xticks().tolist() == [1, 2]


def test_plot_with_one_early_loss_has_a_logarithmic_axis_and_says_so():
    accuracy, loss = draw_plot(history(116, 0.9, 0.8, 0.7)).axes
    assert (accuracy.get_yscale(), loss.get_yscale()) == ("linear", "log")
    assert "logarithmic" in loss.get_ylabel()
