"""Explanations by three methods, for any class, of a network small enough to be checked by hand."""

from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from covidlab.errors import ModelError, UsageError
from covidlab.prediction.explaining import explain, log_odds_reader, put_on_trial
from covidlab.prediction.explanation import METHOD_HELP, METHOD_NAMES, Method, num_passes
from covidlab.prediction.gradcam import grad_cam_plus_plus
from covidlab.prediction.steps import MoreToRead, OneStep

SIDE = 56


@pytest.fixture(scope="module")
def predictor():
    """Reads the mean brightness (first channel) and darkness (second) of 7 x 7 cells; "covid" is bright."""
    kernel = tf.constant([[6.0, -2.0], [-2.0, 6.0]])

    def frozen(films):
        bright = tf.nn.avg_pool2d(tf.cast(films[..., :1], tf.float32) / 255, SIDE // 7, SIDE // 7, "VALID")
        return tf.concat([bright, 1 - bright], axis=-1)

    network = SimpleNamespace(frozen=frozen, logits_of=lambda cells: tf.reduce_mean(cells, axis=(1, 2)) @ kernel)
    return SimpleNamespace(card=SimpleNamespace(classes=["covid", "normal"]), network=network)


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    """A grey film with a white corner at the upper left and a black one at the lower right."""
    film = np.full((SIDE, SIDE, 3), 120, np.uint8)
    film[:8, :8], film[-8:, -8:] = 255, 0
    return film


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(("class_name", "corner"), [("covid", (0, 0)), ("normal", (6, 6))])
def test_explain_finds_what_speaks_for_either_class(predictor, marked, method, class_name, corner):
    explanation = explain(predictor, marked, method=str(method), class_name=class_name)
    assert np.unravel_index(explanation.heatmap.argmax(), (7, 7)) == corner
    assert explanation.heatmap.dtype == np.float32 and explanation.heatmap.min() >= 0
    assert (explanation.method, explanation.class_name, explanation.is_empty) == (method, class_name, False)


def test_explain_three_classes_takes_each_against_the_others(predictor, marked):
    kernel = tf.constant([[6.0, -2.0, 0.0], [-2.0, 6.0, 0.0]])
    network = SimpleNamespace(
        frozen=predictor.network.frozen, logits_of=lambda cells: tf.reduce_mean(cells, axis=(1, 2)) @ kernel
    )
    three = SimpleNamespace(card=SimpleNamespace(classes=["covid", "normal", "other"]), network=network)
    assert explain(three, marked, method="occlusion", class_name="normal").heatmap.argmax() == 48


def test_explain_by_occlusion_in_steps_is_the_same_map(predictor, marked):
    whole = explain(predictor, marked, method="occlusion", class_name="covid").heatmap
    numbers, sizes, heatmap = [], [], None
    while heatmap is None:
        step = OneStep(log_odds_reader(predictor, "covid"), numbers)
        with suppress(MoreToRead):
            heatmap = explain(predictor, marked, method="occlusion", class_name="covid", read=step).heatmap
        sizes.append(len(step.numbers) - len(numbers))
        numbers = step.numbers
    assert sizes == [1, *[4, 3] * 7] and sum(sizes) == num_passes(Method.OCCLUSION)
    np.testing.assert_array_equal(heatmap, whole)


def test_explain_by_occlusion_is_the_fall_of_the_log_odds(predictor, marked):
    read = log_odds_reader(predictor, "covid")
    covered = marked.copy()
    # A patch of one and a half cells, cut off by the border.
    covered[:10, :10] = round(float(marked.mean()))
    heatmap = explain(predictor, marked, method="occlusion", class_name="covid").heatmap
    assert heatmap[0, 0] == pytest.approx(float(read(marked[None])[0] - read(covered[None])[0]), abs=1e-5)


def test_explain_unknown_method_is_refused(predictor, marked):
    with pytest.raises(UsageError, match=r"one of grad-cam, grad-cam\+\+, occlusion\. Received: lime"):
        explain(predictor, marked, method="lime", class_name="covid")


def test_explain_unknown_class_is_refused(predictor, marked):
    with pytest.raises(UsageError, match=r"one of the model's: covid, normal\. Received: flu"):
        explain(predictor, marked, method="grad-cam", class_name="flu")


def test_log_odds_reader_reads_many_films_like_each_alone(predictor):
    films = np.random.default_rng(1).integers(0, 256, (17, SIDE, SIDE, 3)).astype(np.uint8)
    read = log_odds_reader(predictor, "covid")
    np.testing.assert_allclose(read(films), [read(film[None])[0] for film in films], atol=1e-4)


def test_log_odds_reader_refuses_a_model_that_gives_no_finite_number(predictor, marked):
    network = SimpleNamespace(frozen=predictor.network.frozen, logits_of=lambda cells: cells[:, 0, 0] * np.nan)
    read = log_odds_reader(SimpleNamespace(card=predictor.card, network=network), "covid")
    with pytest.raises(ModelError, match="no finite number"):
        read(marked[None])


def test_put_on_trial_passes_a_true_map(predictor, marked):
    trial = put_on_trial(predictor, marked, explain(predictor, marked, method="grad-cam", class_name="covid"))
    assert trial.passed
    assert trial.class_name == "covid" and trial.method == Method.GRAD_CAM


def test_every_method_has_a_name_and_a_help():
    assert set(METHOD_NAMES) == set(METHOD_HELP) == set(Method)


def test_grad_cam_plus_plus_of_a_mean_has_the_weights_of_the_paper():
    activation = tf.random.stateless_uniform((1, 7, 7, 16), seed=(3, 4))
    kernel = np.random.default_rng(5).normal(size=(16, 2)).astype(np.float32)
    _, heatmap = grad_cam_plus_plus(lambda a: tf.reduce_mean(a, axis=(1, 2)) @ kernel, activation, class_index=0)
    gradient, cells = (kernel[:, 0] - kernel[:, 1]) / 49, activation.numpy()[0]
    alpha = gradient**2 / (2 * gradient**2 + gradient**3 * cells.sum(axis=(0, 1)))
    weights = 49 * alpha * np.maximum(gradient, 0)
    np.testing.assert_allclose(heatmap, np.maximum(cells @ weights, 0), rtol=1e-3)
