"""The part calibration on heads that are made up: what is fitted sees neither the fold nor the X-ray, and figures are as counted."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from covidlab.audit.calibrated import COSTS, GRID, compute
from covidlab.audit.calibrated_inner import nested_answers
from covidlab.audit.calibrated_points import decision_points, predictive_points
from covidlab.audit.calibrated_text import sentences
from covidlab.audit.context import PartContext
from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.splits import grouped_folds
from covidlab.errors import DataError, UsageError

# As in the curated set: 12 patients with 25 X-rays, then 25 with one each.
PATIENTS = np.repeat(np.arange(37), [4, 4, 4, 3, 2, 2] + [1] * 31).astype(str)
LABELS = np.repeat([0, 1], 25)


class FakeData:
    """Heads that say ``certainty`` times what a noisy look at each X-ray says; the splits they learned from are kept."""

    num_classes, positive_index = 2, 0
    config = TrainingConfig(dataset="set")

    def __init__(self, *, certainty=1.0, labels=LABELS, patients=PATIENTS, repeats=2, known=True):
        self.labels, self.patient_ids, self.certainty = labels, patients, certainty
        self.repeats = grouped_folds(labels, patients, num_repeats=repeats, seed=1)
        self.catalog = SimpleNamespace(
            num_patients=len(set(patients)) if known else None, positive_class="covid", patients_known=known
        )
        self.device = SimpleNamespace(scope=nullcontext)
        self.trained = []

    def view_features(self):
        return np.arange(len(self.labels), dtype=np.float32)[:, None, None]

    def train(self, features, splits, *, on_epoch):
        self.trained = list(splits)
        on_epoch(self.config.epochs, None)
        noise = np.random.default_rng(0).normal(0, 2, len(self.labels))
        odds = self.certainty * (np.where(self.labels == 0, 2, -2) + noise)
        share = 1 / (1 + np.exp(-odds))
        said = np.tile(np.stack([share, 1 - share], axis=1), (len(self.trained), 1, 1))
        return SimpleNamespace(probabilities=lambda features: said)


@pytest.fixture(scope="module")
def found():
    return compute(FakeData(certainty=3.0), PartContext(config=AuditConfig()))


def test_heads_within_a_training_part_have_seen_neither_the_fold_nor_the_patient():
    data = FakeData()
    nested = nested_answers(data)
    outer, within = data.trained[:10], data.trained[10:]
    assert [split.train.tolist() for split in outer] == [s.train.tolist() for repeat in data.repeats for s in repeat]
    assert len(within) == 2 * 10
    pairs = iter(within)
    for repeat in data.repeats:
        for j in range(5):
            for k in range(j + 1, 5):
                unseen = {*data.patient_ids[repeat[j].validation], *data.patient_ids[repeat[k].validation]}
                assert not unseen & set(data.patient_ids[next(pairs).train])
    assert np.isfinite(nested.outer).all()


def test_inner_answers_leave_out_the_fold_itself_and_nothing_else():
    nested = nested_answers(FakeData())
    for repeat, fold in np.ndindex(2, 5):
        is_unknown = np.isnan(nested.inner[repeat, fold]).all(axis=1)
        assert is_unknown.tolist() == (nested.fold_of[repeat] == fold).tolist()


def test_temperature_softens_heads_that_are_too_certain_and_lowers_the_brier_score(found):
    assert found["temperature"]["median"] > 1.5 and found["temperature"]["number"] == 10
    assert found["brier"]["after"]["value"] < found["brier"]["before"]["value"]
    assert found["brier"]["constant"] == 0.25
    assert found["brier"]["change"]["value"] < 0


def test_bins_hold_all_answers_and_are_five_at_most(found):
    for bins in found["reliability"].values():
        assert len(bins) <= 5
        assert sum(one["num_films"] for one in bins) == pytest.approx(50)
        assert all(one["share"]["low"] <= one["share"]["value"] <= one["share"]["high"] for one in bins)


def test_a_dearer_miss_raises_sensitivity_and_lowers_specificity(found):
    shares = [(at["sensitivity"]["value"], at["specificity"]["value"]) for at in found["costs"]]
    assert [at["cost"] for at in found["costs"]] == list(COSTS)
    assert shares[0][0] < shares[-1][0] and shares[0][1] > shares[-1][1]


def test_part_is_json_without_nan(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [at["threshold"] for at in found["thresholds"]] == list(GRID)


def test_sentences_name_patients_and_say_what_is_not_known(found):
    said = sentences(found)
    assert "n = 50 X-rays of 37 patients" in said[0]
    assert "whether other x-rays are like them is not known" in said[-1].lower()


def test_sentences_without_known_patients_speak_of_x_rays():
    found = compute(FakeData(known=False), PartContext(config=AuditConfig()))
    assert "patient" not in " ".join(sentences(found))
    assert found["brier"]["before"]["method"] == "studentized bootstrap over X-rays"


def test_too_few_patients_for_two_folds_out_are_named():
    labels, patients = np.array([0, 0, 1, 1]), np.array(["a", "b", "c", "d"])
    with pytest.raises(DataError, match="X-rays of every class where two folds are left out"):
        compute(FakeData(labels=labels, patients=patients), PartContext(config=AuditConfig()))


def test_heads_that_diverged_are_refused():
    with pytest.raises(UsageError, match="a smaller learning rate"):
        compute(FakeData(certainty=np.nan), PartContext(config=AuditConfig()))


def test_one_repeat_is_enough():
    found = compute(FakeData(repeats=1), PartContext(config=AuditConfig(repeats=1)))
    assert found["num_repeats"] == 1 and found["temperature"]["number"] == 5
    assert "in 1 repeat of 5 folds" in sentences(found)[0]


def test_decision_curve_at_the_share_of_the_set_keeps_its_thresholds(found):
    points = decision_points(found, prevalence=0.5)
    assert [point.threshold for point in points] == pytest.approx(GRID)
    middle = points[GRID.index(0.5)]
    at = found["thresholds"][GRID.index(0.5)]
    assert middle.model.value == pytest.approx(0.5 * (at["sensitivity"]["value"] - (1 - at["specificity"]["value"])))
    assert middle.on_all == pytest.approx(0.0)


def test_decision_curve_elsewhere_moves_thresholds_by_bayes_theorem(found):
    points = decision_points(found, prevalence=0.1)
    # Even odds in the set are 1 to 9 where one in ten has it.
    assert points[GRID.index(0.5)].threshold == pytest.approx(0.1)


def test_predictive_values_at_86_percent_are_those_of_the_facts():
    figure = {"value": 0.86, "low": 0.86, "high": 0.86, "n": 50, "method": "wilson"}
    points = predictive_points({"sensitivity": figure, "specificity": figure}, (0.01, 0.05, 0.5))
    assert [round(100 * positive.value, 1) for positive, _ in points] == [5.8, 24.4, 86.0]
