"""What the figures show, that nothing jumps while a run grows, and that the sentences say the same."""

import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from covidlab.intervals import wilson_interval
from covidlab.metrics import roc_curve
from covidlab.ui.shared import charts, curves

AUC = {"value": 0.92, "low": 0.55, "high": 1.0, "n": 10}
UNDEFINED = {"value": None, "low": None, "high": None, "n": 0}
ROWS = [
    {"name": "accuracy", "source": "validation", "value": 0.9, "low": 0.6, "high": 0.98, "n": 10},
    {"name": "auc", "source": "validation", **UNDEFINED},
    {"name": "accuracy", "source": "cross-validated", "value": 0.85, "low": 0.75, "high": 0.93, "n": 50},
    {"name": "auc", "source": "cross-validated", "value": 0.95, "low": 0.88, "high": 0.99, "n": 50},
]


def make_history(num_epochs, *, loss=0.9):
    epochs = np.arange(1, num_epochs + 1)
    falling = loss / epochs if num_epochs else epochs.astype(float)
    accuracy = np.full(num_epochs, np.float32(0.9), dtype=np.float32).astype(float)
    columns = {"epoch": epochs, "loss": falling, "accuracy": accuracy, "val_loss": falling, "val_accuracy": accuracy}
    return pd.DataFrame(columns)


def make_steps(num_steps, *, steps_per_epoch=5, loss=0.9):
    steps = np.arange(1, num_steps + 1)
    epoch = (steps - 1) // steps_per_epoch + 1
    return pd.DataFrame(
        {"step": steps, "epoch": epoch, "position": steps / steps_per_epoch, "loss": loss, "accuracy": 0.5}
    )


def draw_history(num_epochs, *, measure="accuracy", steps=None, epochs=25, loss=0.9):
    history = make_history(num_epochs, loss=loss)
    return curves.history_chart(history, epochs=epochs, num_validation=10, measure=measure, steps=steps)


def every_chart():
    return {
        "history": draw_history(5),
        "roc": charts.roc_chart([0, 0, 1], [0, 1, 1], auc=AUC),
        "probability": charts.probability_bar(0.7, threshold=0.5, label="Resembles"),
        "figures": charts.metrics_chart(ROWS),
    }


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def axes_and_legend(figure):
    layout = figure.layout
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    return layout.xaxis.range, layout.yaxis.range, layout.height, layout.margin.t, sorted(names)


def test_charts_module_imports_neither_streamlit_nor_tensorflow():
    code = "import sys, covidlab.ui.shared.charts, covidlab.ui.shared.curves; print([m for m in ('streamlit', 'tensorflow') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", list(every_chart()))
def test_chart_of_any_kind_fits_both_themes_and_a_telephone(name):
    layout = every_chart()[name].layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None and layout.uirevision == "covidlab"
    assert layout.xaxis.fixedrange and layout.yaxis.fixedrange and layout.dragmode is False
    assert layout.legend.orientation == "h" and layout.margin.l + layout.margin.r <= 24


@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_history_chart_of_a_growing_run_keeps_axes_and_legend(measure):
    growing = [
        draw_history(0, measure=measure),
        draw_history(0, measure=measure, steps=make_steps(3)),
        draw_history(1, measure=measure, steps=make_steps(7)),
        draw_history(20, measure=measure, steps=make_steps(100)),
    ]
    assert len({str(axes_and_legend(figure)) for figure in growing}) == 1
    assert growing[0].layout.xaxis.range[1] >= 25


def test_history_chart_of_accuracy_has_wilsons_band():
    band = traces(draw_history(4), "95 % (n = 10)")[0]
    low, high = wilson_interval(9, 10)
    assert np.allclose(band.y, [high] * 4 + [low] * 4) and list(band.x) == [1, 2, 3, 4, 4, 3, 2, 1]
    assert not traces(draw_history(4, measure="loss"), "95 % (n = 10)")


def test_history_chart_of_one_epoch_shows_a_band_with_width():
    band = traces(draw_history(1), "95 % (n = 10)")[0]
    assert max(band.x) > min(band.x)


def test_history_chart_marks_training_and_validation_by_colour_and_shape():
    training, validation = (traces(draw_history(4), name)[0] for name in ("training", "validation"))
    assert (training.line.color, training.line.dash, training.marker.symbol) == ("#0072B2", "solid", "circle")
    assert (validation.line.color, validation.marker.symbol) == ("#D55E00", "diamond")


def test_history_chart_before_the_first_epoch_shows_steps():
    figure = draw_history(0, measure="loss", steps=make_steps(2))
    dots = next(trace for trace in figure.data if trace.showlegend is False)
    assert list(dots.x) == [0.2, 0.4] and list(dots.y) == [0.9, 0.9]
    assert "epoch 1" in dots.customdata[0]


@pytest.mark.parametrize(("seconds", "positions"), [(0.4, []), (2.5, [4.2, 4.4])])
def test_drawn_steps_of_a_later_epoch_are_those_of_a_slow_one_under_way(seconds, positions):
    history = make_history(4).assign(seconds=seconds)
    assert curves.drawn_steps(history, make_steps(22))["position"].tolist() == pytest.approx(positions)


def test_history_chart_after_the_first_epochs_drops_steps():
    figure = draw_history(3, measure="loss", steps=make_steps(15))
    assert [trace.name for trace in figure.data] == ["training", "validation"]


def test_history_chart_without_points_says_what_comes():
    assert "first" in draw_history(0).layout.annotations[0].text


def test_history_chart_hover_is_a_plain_sentence():
    text = traces(draw_history(2), "validation")[0].customdata[1]
    assert text == "after epoch 2:<br>validation accuracy 0.90<br>(95 % interval 0.60 to 0.98, n = 10)"


@pytest.mark.parametrize(("loss", "top"), [(0.69, 1), (1.2, 1.5), (4.2, 5), (9.0, 10), (73, 80), (1e6, 1.5e6)])
def test_history_chart_of_a_larger_loss_has_a_round_top(loss, top):
    assert draw_history(3, measure="loss", loss=loss).layout.yaxis.range == (0, top)


def test_history_chart_of_a_diverged_run_is_drawn():
    history = make_history(3)
    history.loc[2, ["loss", "val_loss", "val_accuracy"]] = math.nan
    history.loc[1, "loss"] = math.inf
    for measure in ("loss", "accuracy"):
        curves.history_chart(history, epochs=3, num_validation=10, measure=measure).to_json()
        curves.describe_history(history, num_validation=10, measure=measure)


@pytest.mark.parametrize("epochs", [1, 3, 25, 120, 500])
def test_history_chart_ticks_are_epochs_from_the_first_on(epochs):
    ticks = draw_history(1, epochs=epochs).layout.xaxis.tickvals
    assert ticks[0] == 1 and ticks[-1] <= epochs and len(ticks) <= 12


def test_roc_chart_states_area_and_interval():
    fpr, tpr, _ = roc_curve([0, 0, 1, 1], [0.9, 0.4, 0.6, 0.1], positive_index=0)
    figure = charts.roc_chart(fpr, tpr, auc=AUC)
    assert figure.data[0].name == "AUC 0.92<br>(95 % interval 0.55 to 1.00, n = 10)"
    assert np.array_equal(figure.data[0].x, fpr)


def test_roc_chart_without_curve_says_what_is_missing():
    figure = charts.roc_chart([], [], auc=UNDEFINED)
    assert "needs validation X-rays" in figure.layout.annotations[0].text
    assert charts.describe_roc(UNDEFINED).startswith("There is no ROC curve")


@pytest.mark.parametrize(
    ("probability", "threshold", "place"),
    [(0.3, 0.3, 0.5), (0.15, 0.3, 0.25), (0.65, 0.3, 0.75), (1, 0.3, 1), (0, 0.3, 0), (0, 0, 0.5), (1, 1, 0.5)],
)
def test_probability_bar_is_centred_on_the_operating_point(probability, threshold, place):
    figure = charts.probability_bar(probability, threshold=threshold, label="Resembles")
    assert figure.data[0].x[0] == pytest.approx(place)
    assert figure.layout.height == 90 and figure.layout.xaxis.range == (0, 1)


def test_probability_bar_says_less_like_and_more_like():
    figure = charts.probability_bar(0.87, threshold=0.5, label="Resembles the <b>set")
    texts = [note.text for note in figure.layout.annotations]
    assert texts == ["less like", "operating point 0.50", "more like"]
    assert figure.layout.title.text == "Resembles the &lt;b&gt;set: 0.87"


def test_probability_bar_without_a_number_has_no_marker():
    figure = charts.probability_bar(math.nan, threshold=0.5, label="Resembles")
    assert not figure.data and "no number" in figure.layout.title.text


def test_figures_chart_draws_an_interval_a_source():
    validation, cross_validated = charts.metrics_chart(ROWS).data
    assert (validation.name, cross_validated.name) == ("validation", "cross-validated")
    assert list(validation.x) == [0.9] and len(cross_validated.x) == 2
    assert validation.error_x.array[0] == pytest.approx(0.08) and validation.error_x.arrayminus[0] == pytest.approx(0.3)
    assert validation.y[0] < cross_validated.y[0] < 0.5


def test_figures_chart_of_undefined_figures_keeps_their_lines():
    figure = charts.metrics_chart(ROWS[:2])
    assert list(figure.layout.yaxis.ticktext) == ["Accuracy", "AUC"]
    assert charts.metrics_chart([]).layout.height > 0


def test_charts_have_strict_json():
    for figure in every_chart().values():
        json.loads(figure.to_json(), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            curves.describe_history(make_history(25), num_validation=10),
            "Validation accuracy after epoch 25 is 0.90 (95 % interval 0.60 to 0.98, n = 10).",
        ),
        (
            curves.describe_history(make_history(3), num_validation=10, measure="loss"),
            "Validation loss after epoch 3 is 0.300, training loss 0.300.",
        ),
        (curves.describe_history(make_history(0), num_validation=10), "No epoch is finished yet."),
        (
            charts.describe_roc(AUC),
            "The area under the ROC curve is 0.92 (95 % interval 0.55 to 1.00, n = 10).",
        ),
        (
            charts.describe_confusion([[4, 1], [0, 5]], ["covid", "normal"]),
            "The model is right on 9 of 10 X-rays: 4 of 5 COVID-19, 5 of 5 non-COVID.",
        ),
        (
            charts.describe_probability(0.87, threshold=0.5, label="Resembles the COVID-19 X-rays"),
            "Resembles the COVID-19 X-rays: 0.87, at or above the operating point of 0.50.",
        ),
        (charts.describe_probability(math.nan, threshold=0.5, label="X-ray"), "X-ray: the model gives no number."),
        (
            charts.describe_metrics(ROWS[:1]),
            "validation: Accuracy 0.90 (95 % interval 0.60 to 0.98, n = 10).",
        ),
        (charts.describe_metrics([]), "There are no metrics yet."),
    ],
)
def test_description_of_a_chart_is_one_plain_sentence(sentence, expected):
    assert sentence == expected


def test_loss_chart_with_one_early_loss_has_a_logarithmic_axis_and_says_so():
    losses = [116, 2.0, 0.9, 0.7, 0.5, 0.4]
    history = pd.DataFrame(
        {"epoch": range(1, 7), "loss": losses, "accuracy": 0.5, "val_loss": 0.6, "val_accuracy": 0.5}
    )
    figure = curves.history_chart(history, epochs=6, num_validation=10, measure="loss")
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.title.text == "Loss (logarithmic axis)"
    assert list(figure.layout.yaxis.range) == pytest.approx([-1, np.log10(150)])
    assert curves.history_chart(history[1:], epochs=6, num_validation=10, measure="loss").layout.yaxis.type == "linear"


def test_band_of_the_accuracy_is_the_one_the_run_wrote_down():
    history = make_history(3).assign(val_accuracy_low=0.25, val_accuracy_high=0.75)
    figure = curves.history_chart(history, epochs=3, num_validation=10, measure="accuracy")
    band = next(trace for trace in figure.data if trace.name.startswith("95 %"))
    assert set(band.y) == {0.25, 0.75}
    assert "0.25 to 0.75" in curves.describe_history(history, num_validation=10)
