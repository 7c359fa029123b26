"""Heads side by side, held to heads trained one by one and to Keras."""

from contextlib import nullcontext
from dataclasses import replace

import keras
import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.splits import Split
from covidlab.learning import heads as stacks
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.heads import HeadJob, HeadStack, is_compiled_stack, train_heads
from covidlab.learning.learners import HeadLearner
from covidlab.learning.network import build_head
from covidlab.learning.schedule import decayed_rate, dropout_masks, epoch_batches
from covidlab.learning.trainer import Diverged, Watchers, fit, has_run_out_of_patience, loss_and_accuracy
from covidlab.learning.updates import UpdateRule, update_rule

NUM_FILMS, NUM_VIEWS, NUM_FEATURES = 23, 3, 512


@pytest.fixture(scope="module")
def films():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(NUM_FILMS, NUM_VIEWS, NUM_FEATURES)).astype(np.float32)
    return features, generator.integers(0, 2, NUM_FILMS)


def watchers(stop_after=None):
    finished = []
    return Watchers(
        on_step=lambda step: None,
        on_epoch=finished.append,
        should_stop=lambda: stop_after is not None and len(finished) >= stop_after,
    ), finished


def fit_one(features, labels, config, split, *, learner=None, start=0, stop_after=None):
    learner = learner or HeadLearner(
        seed=config.seed, num_features=NUM_FEATURES, num_classes=2, batch_size=config.batch_size
    )
    told, finished = watchers(stop_after)
    fit(learner, lambda rows, view: features[rows, view], labels, split, config, told, start=start)
    return learner, finished


@pytest.mark.parametrize("compiled_from", [5000, 1])
def test_train_heads_equals_heads_trained_one_by_one(films, monkeypatch, compiled_from):
    monkeypatch.setattr("covidlab.learning.heads.COMPILED_FROM", compiled_from)
    features, labels = films
    settings = [(11, 0.01, np.arange(0, 17)), (12, 0.001, np.arange(3, 23)), (13, 0.003, np.arange(0, 8))]
    jobs = [
        HeadJob(films=rows, labels=labels, views=(0, 1, 2), learning_rate=rate, seed=seed)
        for seed, rate, rows in settings
    ]
    stack = train_heads(jobs, features, num_classes=2, epochs=4, batch_size=8)
    for head, (seed, rate, rows) in enumerate(settings):
        config = TrainingConfig(dataset="", learning_rate=rate, epochs=4, batch_size=8, seed=seed, views=3)
        alone, _ = fit_one(features, labels, config, Split(train=rows, validation=np.arange(20, 23)))
        for together, one in zip(stack.keras_weights(head), alone.stack.keras_weights(0), strict=True):
            np.testing.assert_allclose(together, one, atol=2e-5)


def test_train_heads_own_labels_of_one_head_do_not_touch_another(films):
    features, labels = films
    job = HeadJob(films=np.arange(16), labels=labels, views=(0,), learning_rate=0.01, seed=1)
    flipped = HeadJob(films=np.arange(16), labels=1 - labels, views=(0,), learning_rate=0.01, seed=1)
    alone = train_heads([job], features, num_classes=2, epochs=3, batch_size=8)
    beside = train_heads([job, flipped], features, num_classes=2, epochs=3, batch_size=8)
    # Adam divides a gradient by its own size, so that the rounding of one near zero weighs as much as another's all.
    np.testing.assert_allclose(alone.keras_weights(0)[0], beside.keras_weights(0)[0], atol=2e-5)
    assert np.abs(beside.keras_weights(0)[0] - beside.keras_weights(1)[0]).max() > 1e-3


@pytest.mark.parametrize(("seeds", "expected"), [([1], {"/CPU:0"}), ([1, 2], set())])
def test_one_head_computes_on_the_processor_and_several_where_the_caller_says(monkeypatch, seeds, expected):
    placed = set()
    monkeypatch.setattr(stacks.tf, "device", lambda name: placed.add(name) or nullcontext())
    HeadStack(seeds, num_features=4, num_classes=2).probabilities(np.zeros((3, 4), np.float32))
    assert placed == expected


@pytest.mark.parametrize(("heads", "steps", "expected"), [(50, 125, True), (50, 20, False), (1, 10_000, False)])
def test_only_many_heads_that_stay_together_are_compiled(heads, steps, expected):
    assert is_compiled_stack(heads, steps) == expected


@pytest.mark.parametrize(
    "rule", [UpdateRule(), UpdateRule(optimizer="sgd", weight_decay=0.1, class_weights=(1.0, 2.0))]
)
def test_compiled_step_equals_the_plain_one_and_heads_without_films_stay(films, rule):
    features, labels = films
    batch = features[:8, 0][None].repeat(2, axis=0), labels[:8][None].repeat(2, axis=0)
    weights = np.ones((2, 8), np.float32) * np.array([[1.0], [0.0]], np.float32)
    stacks = [
        HeadStack([1, 2], num_features=NUM_FEATURES, num_classes=2, rule=rule, is_compiled=compiled)
        for compiled in (False, True)
    ]
    idle = stacks[0].keras_weights(1)
    for step in (1, 2, 3):
        before = [stack.arrays() for stack in stacks]
        told = [
            stack.train_batch(*batch, weights, np.ones((2, 8, 64), np.float32), np.full(2, 0.01, np.float32))
            for stack in stacks
        ]
        np.testing.assert_allclose(told[0], told[1], atol=1e-5)
        after = [stack.arrays() for stack in stacks]
        # The sums over X-rays are alike. Weights are not compared with each other: Adam divides by the size of a gradient, so that
        # the rounding of one near zero moves a weight as far as another's all.
        for plain, compiled in zip(after[0][4:], after[1][4:], strict=True):
            np.testing.assert_allclose(plain, compiled, atol=1e-7)
        for was, now in zip(before, after, strict=True):
            for weight, expected in zip(now[:4], moved_weights(was, now, rule, step), strict=True):
                np.testing.assert_allclose(weight[0], expected, atol=1e-6)
    np.testing.assert_array_equal(stacks[1].keras_weights(1)[0], idle[0])


def moved_weights(before, after, rule, step):
    """Weights of the first head after a step of rate 0.01, by its moments after it (``StackState``) and the formulas of both papers."""
    for place, (weight, first, second) in enumerate(zip(before[:4], after[4:8], after[8:12], strict=True)):
        decayed = weight[0] * (1 - 0.01 * rule.weight_decay) if place % 2 == 0 else weight[0]
        rate = 0.01 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        yield decayed + (first[0] if rule.optimizer == "sgd" else -rate * first[0] / (np.sqrt(second[0]) + 1e-7))


def test_head_stack_step_equals_keras_adam(films):
    features, labels = films
    model = build_head(PRESETS["default"], BACKBONE, num_classes=2)
    stack = HeadStack([5], num_features=NUM_FEATURES, num_classes=2)
    dense = keras.Sequential(
        [keras.Input((NUM_FEATURES,)), model.get_layer("hidden"), model.get_layer("probabilities")]
    )
    dense.set_weights(stack.keras_weights(0))
    dense.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    ones = np.ones((1, NUM_FILMS, 64), np.float32)
    for _ in range(5):
        expected = dense.train_on_batch(features[:, 0], labels)
        loss, _ = stack.train_batch(
            features[None, :, 0], labels[None], ones[..., 0], ones, np.array([0.01], np.float32)
        )
        assert loss[0] == pytest.approx(float(expected), abs=1e-4)
    for ours, theirs in zip(stack.keras_weights(0), dense.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("rule", "optimizer"),
    [
        (UpdateRule(optimizer="sgd"), keras.optimizers.SGD(0.01, momentum=0.9)),
        (UpdateRule(weight_decay=0.1), keras.optimizers.Adam(0.01, weight_decay=0.1)),
        (UpdateRule(optimizer="sgd", weight_decay=0.1), keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.1)),
        (UpdateRule(class_weights=(0.5, 3.0)), keras.optimizers.Adam(0.01)),
    ],
    ids=["sgd", "adam with decay", "sgd with decay", "class weights"],
)
def test_head_stack_step_by_rule_equals_keras(films, rule, optimizer):
    features, labels = films
    stack = HeadStack([5], num_features=NUM_FEATURES, num_classes=2, rule=rule)
    dense = keras.Sequential(
        [
            keras.Input((NUM_FEATURES,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    dense.set_weights(stack.keras_weights(0))
    if rule.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    dense.compile(optimizer, "sparse_categorical_crossentropy")
    ones = np.ones((1, NUM_FILMS, 64), np.float32)
    class_weight = dict(enumerate(rule.class_weights)) if rule.class_weights else None
    for _ in range(5):
        dense.train_on_batch(features[:, 0], labels, class_weight=class_weight)
        stack.train_batch(features[None, :, 0], labels[None], ones[..., 0], ones, np.array([0.01], np.float32))
    for ours, theirs in zip(stack.keras_weights(0), dense.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_train_heads_each_ends_after_its_own_epochs(films):
    features, labels = films
    job = HeadJob(films=np.arange(16), labels=labels, views=(0,), learning_rate=0.01, seed=1)
    beside = train_heads([replace(job, epochs=2), job], features, num_classes=2, epochs=4, batch_size=8)
    alone = train_heads([job], features, num_classes=2, epochs=2, batch_size=8)
    np.testing.assert_allclose(beside.keras_weights(0)[0], alone.keras_weights(0)[0], atol=2e-5)
    assert np.abs(beside.keras_weights(1)[0] - alone.keras_weights(0)[0]).max() > 1e-3


def test_update_rule_balanced_lets_each_class_count_the_same():
    labels = np.array([0] * 9 + [1] * 3)
    rule = update_rule(TrainingConfig(dataset="", class_weights="balanced"), labels, num_classes=2)
    counts = np.bincount(labels) * rule.class_weights
    assert counts.tolist() == pytest.approx([6.0, 6.0])


def test_has_run_out_of_patience_counts_from_the_smallest_loss():
    assert has_run_out_of_patience([0.5, 0.3, 0.4, 0.35], 2)
    assert not has_run_out_of_patience([0.5, 0.3, 0.4], 2)
    assert not has_run_out_of_patience([0.5, 0.6, 0.7], 0)
    assert not has_run_out_of_patience([], 1)


def test_head_stack_head_without_films_does_not_move(films):
    features, labels = films
    stack = HeadStack([1, 2], num_features=NUM_FEATURES, num_classes=2)
    before = stack.keras_weights(1)
    weights = np.stack([np.ones(8, np.float32), np.zeros(8, np.float32)])
    batch = np.stack([features[:8, 0]] * 2)
    stack.train_batch(
        batch, np.stack([labels[:8]] * 2), weights, np.ones((2, 8, 64), np.float32), np.array([0.1, 0.1], np.float32)
    )
    assert all((old == new).all() for old, new in zip(before, stack.keras_weights(1), strict=True))
    assert stack.arrays()[-1].tolist() == [1.0, 0.0]


def test_fit_resumed_equals_undisturbed(films):
    features, labels = films
    config = TrainingConfig(dataset="", epochs=6, learning_rate=0.01)
    split = Split(train=np.arange(18), validation=np.arange(18, 23))
    whole, _ = fit_one(features, labels, config, split)
    part, finished = fit_one(features, labels, config, split, stop_after=2)
    assert [epoch.epoch for epoch in finished] == [1, 2]
    resumed = HeadLearner(seed=999, num_features=NUM_FEATURES, num_classes=2, batch_size=8)
    resumed.restore(part.arrays())
    fit_one(features, labels, config, split, learner=resumed, start=2)
    np.testing.assert_array_equal(whole.stack.keras_weights(0)[0], resumed.stack.keras_weights(0)[0])


def test_fit_infinite_loss_names_a_rate_to_try(films):
    features, labels = films
    config = TrainingConfig(dataset="", epochs=3, learning_rate=1.0)
    split = Split(train=np.arange(18), validation=np.arange(18, 23))
    with pytest.raises(Diverged, match=r"learning rate 1 is too high. Try 0\.1"):
        fit_one(features * 1e30, labels, config, split)


def test_loss_and_accuracy_of_wrong_and_certain_films_cost_a_finite_amount():
    labels = np.array([0, 1, 1, 0])
    loss, accuracy = loss_and_accuracy(np.eye(2)[1 - labels], labels)
    assert (round(loss, 1), accuracy) == (16.1, 0.0)


def test_epoch_batches_hold_every_film_once_and_differ_by_epoch():
    batches = epoch_batches(np.arange(10, 31), batch_size=8, seed=1, epoch=1)
    assert [len(batch) for batch in batches] == [8, 8, 5]
    assert sorted(np.concatenate(batches)) == list(range(10, 31))
    assert batches[0].tolist() != epoch_batches(np.arange(10, 31), batch_size=8, seed=1, epoch=2)[0].tolist()


def test_dropout_masks_keep_half_and_the_mean():
    masks = dropout_masks(seed=1, epoch=1, num_steps=50, batch_size=8, units=64, rate=0.5)
    assert set(np.unique(masks)) == {0.0, 2.0}
    assert masks.mean() == pytest.approx(1.0, abs=0.02)


def test_decayed_rate_follows_keras_time_based_decay():
    assert decayed_rate(0.001, epochs=25, step=0) == 0.001
    assert decayed_rate(0.001, epochs=25, step=125) == pytest.approx(0.001 / (1 + 0.001 / 25 * 125))
