"""Loss and accuracy of a run as a PNG."""

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from covidlab.files import replacing

CURVES = {
    "loss": ("training loss", "#0072B2", "--"),
    "val_loss": ("validation loss", "#D55E00", "--"),
    "accuracy": ("training accuracy", "#0072B2", "-"),
    "val_accuracy": ("validation accuracy", "#D55E00", "-"),
}


def save_plot(path: Path, history: pd.DataFrame) -> None:
    """Replace ``path`` by a PNG of loss and accuracy, training and validation, by epoch."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for column, (label, colour, style) in CURVES.items():
        axes.plot(history["epoch"], history[column], style, color=colour, label=label)
    axes.set(title="Training loss and accuracy (not for diagnosis)", xlabel="epoch", ylabel="loss, accuracy")
    axes.set_ylim(bottom=0)
    axes.legend()
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
