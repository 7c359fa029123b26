"""Trials side by side: equal to the cross-validation of a run, given up where that is asked, told in their own time."""

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.evaluation.crossvalidation import cross_validate_head
from covidlab.evaluation.luck_heads import measure_luck
from covidlab.evaluation.sweep_heads import SideBySide, TrialWatchers, sweep_data
from covidlab.evaluation.sweep_proposals import Drawn
from covidlab.evaluation.sweep_space import Settings


def settings(rate=0.003, *, batch_size=4, epochs=6):
    return Settings(fine_tune="head", learning_rate=rate, batch_size=batch_size, epochs=epochs)


class GivesUp(Drawn):
    """Gives up the trial at one place."""

    def __init__(self, settings, place):
        super().__init__(settings)
        self.place = place

    def is_hopeless(self, place, epoch, accuracy):
        return place == self.place


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    from PIL import Image

    root = tmp_path_factory.mktemp("set")
    for kind in ("covid", "normal"):
        (root / kind).mkdir()
        for number in range(8):
            shade = np.full((80, 80), 20 * number + 10 + (kind == "covid"), np.uint8)
            Image.fromarray(shade).save(root / kind / f"film-{number}.png")
    return load_catalog(root)


@pytest.fixture(scope="module")
def features(catalog):
    generator = np.random.default_rng(0)
    plain = generator.normal(size=(catalog.num_films, 1, 12)) + 0.8 * catalog.labels[:, None, None]
    return (plain + 0.1 * generator.normal(size=(catalog.num_films, 2, 12))).astype(np.float32)


def train(data, proposals, places):
    ended, rungs = {}, []
    watchers = TrialWatchers(
        accuracy_of=lambda held_out: float((held_out.argmax(axis=1) == data.labels).mean()),
        on_rung=lambda place, epoch, accuracy: rungs.append((place, epoch)),
        on_end=lambda one: ended.setdefault(one.place, one),
    )
    SideBySide(data, proposals, places, watchers).train()
    return ended, rungs


def test_trials_equal_the_first_repeat_of_the_cross_validation_of_a_run(catalog, features):
    config = TrainingConfig(dataset="", views=2)
    data = sweep_data(catalog, features, config)
    tried = [settings(0.003, epochs=6), settings(0.02, epochs=3), settings(0.0005, epochs=6)]
    ended, _ = train(data, Drawn(tried), range(3))
    for place, own in enumerate(tried):
        crossed = cross_validate_head(catalog, features, own.applied_to(config))
        assert ended[place].probabilities == pytest.approx(crossed.probabilities[0], abs=1e-5)
        assert (ended[place].epoch, ended[place].is_given_up) == (own.epochs, False)


def test_trial_that_is_given_up_ends_and_the_others_learn_as_if_alone(catalog, features):
    data = sweep_data(catalog, features, TrainingConfig(dataset="", views=2))
    tried = [settings(0.003, epochs=9), settings(0.01, epochs=9), settings(0.02, epochs=9)]
    ended, rungs = train(data, GivesUp(tried, place=1), range(3))
    alone, _ = train(data, Drawn(tried), [2])
    assert (ended[1].epoch, ended[1].is_given_up) == (5, True)
    assert rungs == [(0, 5), (1, 5), (2, 5)]
    assert ended[2].probabilities == pytest.approx(alone[2].probabilities, abs=1e-6)


def test_every_x_ray_is_read_by_a_head_that_has_not_seen_it(catalog, features):
    data = sweep_data(catalog, features, TrainingConfig(dataset="", views=2))
    ended, _ = train(data, Drawn([settings(epochs=1)]), [0])
    assert np.isfinite(ended[0].probabilities).all()
    assert sorted(np.concatenate([split.validation for split in data.folds])) == list(range(16))


def test_luck_meter_counts_all_trials_and_finds_what_can_be_learned(catalog, features):
    data = sweep_data(catalog, features, TrainingConfig(dataset="", views=2))
    patients = catalog.films["patient_id"].to_numpy()
    tried = [settings(0.003, epochs=4), settings(0.01, epochs=6), settings(0.01, batch_size=8, epochs=5)]
    luck = measure_luck(data, tried, patients, patients_known=False, seed=1)
    assert (luck.num_trials, luck.num_films, luck.num_patients, len(luck.by_chance)) == (3, 16, None, 19)
    assert luck.best > np.mean(luck.by_chance) + 0.15
    assert measure_luck(data, tried, patients, patients_known=False, seed=1) == luck


def test_luck_meter_may_be_ended_between_steps(catalog, features):
    data = sweep_data(catalog, features, TrainingConfig(dataset="", views=2))

    def end():
        raise KeyboardInterrupt("asked to stop")

    with pytest.raises(KeyboardInterrupt, match="asked to stop"):
        measure_luck(data, [settings()], catalog.films["patient_id"].to_numpy(), on_step=end)
