"""Loss and accuracy of a run as a PNG."""

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from covidlab.files import replacing
from covidlab.language import tr, tr_lazy
from covidlab.runs.curve_axes import epoch_ticks, log_ticks, loss_axis, shows_markers
from covidlab.text import decimal_text

# Label, colour, line and the marker that tells loss from accuracy where one epoch makes no line.
CURVES = {
    "loss": (tr_lazy("training loss"), "#0072B2", "--", "D"),
    "val_loss": (tr_lazy("validation loss"), "#D55E00", "--", "D"),
    "accuracy": (tr_lazy("training accuracy"), "#0072B2", "-", "o"),
    "val_accuracy": (tr_lazy("validation accuracy"), "#D55E00", "-", "o"),
}


def save_plot(path: Path, history: pd.DataFrame) -> None:
    """Replace ``path`` by a PNG of loss and accuracy, training and validation, by epoch."""
    figure = draw_plot(history)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def draw_plot(history: pd.DataFrame) -> Figure:
    """Return the figure of loss and accuracy by epoch: on one axis, or the loss on a logarithmic one of its own."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    loss = loss_axis([*history["loss"], *history["val_loss"]])
    loss_axes = axes.twinx() if loss.is_log else axes
    last = int(history["epoch"].max()) if len(history) else 1
    lines = [
        (loss_axes if column.endswith("loss") else axes).plot(
            history["epoch"],
            loss.within(history[column]) if column.endswith("loss") else history[column],
            style,
            color=colour,
            label=label,
            marker=marker if shows_markers(last) else None,
            markersize=5,
        )[0]
        for column, (label, colour, style, marker) in CURVES.items()
    ]
    title = tr("Training loss and accuracy (not for diagnosis)")
    axes.set(title=title, xlabel="epoch", ylabel="accuracy" if loss.is_log else tr("loss, accuracy"))
    margin = max(0.5, last / 50)
    axes.set_xlim(1 - margin, last + margin)
    axes.set_xticks(epoch_ticks(last))
    if loss.is_log:
        axes.set_ylim(0, 1.04)
        loss_axes.set_yscale("log")
        loss_axes.set_ylim(loss.low, loss.high)
        loss_axes.set_yticks(log_ticks(loss), labels=[decimal_text(tick) for tick in log_ticks(loss)])
        loss_axes.set_ylabel(tr("loss ({note})", note=loss.note))
        # Below the curves of both axes, which would run through it.
        axes.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, fontsize="small")
    else:
        axes.set_ylim(bottom=0)
        axes.legend(handles=lines)
    return figure
