"""Figures and intervals against statsmodels, scikit-learn, a brute-force bootstrap, worked examples and the numbers people quote."""

import json
import math
import time

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics
from statsmodels.stats.proportion import proportion_confint

from covidlab.intervals import newcombe_interval, wilson_interval
from covidlab.metrics import (
    METRICS,
    Metric,
    call_metrics,
    confusion_matrix,
    metrics_without_each_patient,
    predicted_classes,
    report_metrics,
    roc_curve,
    share_metric,
)

# films of the curated set's positive patients: four with 4, 3 or 2 films each, six single ones, then 25 other patients
CURATED_PATIENTS = np.repeat(np.arange(37), [4, 4, 4, 3, 2, 2] + [1] * 31)
CURATED_LABELS = (np.arange(50) >= 25).astype(int)


def make_probabilities(labels, *, num_classes=2, num_repeats=1, signal=1.0, seed=0):
    """Probabilities that lean to the label; films of one repeat differ from the next by a little noise."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(len(labels), num_classes))
    logits[np.arange(len(labels)), labels] += signal
    logits = logits + 0.3 * generator.normal(size=(num_repeats, *logits.shape))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return probabilities if num_repeats > 1 else probabilities[0]


def certain(predicted, *, num_classes=2):
    return np.eye(num_classes)[np.asarray(predicted)]


def figures_of(labels, probabilities, patient_ids=None, **options):
    labels = np.asarray(labels)
    patient_ids = np.arange(len(labels)) if patient_ids is None else patient_ids
    return report_metrics(labels, probabilities, patient_ids=patient_ids, **({"positive_index": 0} | options))


def test_predicted_classes_at_the_threshold_are_positive():
    probabilities = [[0.5, 0.5], [0.49, 0.51], [0.51, 0.49]]
    assert predicted_classes(probabilities, positive_index=0).tolist() == [0, 1, 0]
    assert predicted_classes(probabilities, positive_index=0, threshold=0.51).tolist() == [1, 1, 0]


def test_predicted_classes_of_three_take_the_likeliest_other():
    probabilities = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.5, 0.4]])
    assert predicted_classes(probabilities, positive_index=1, threshold=0.4).tolist() == [1, 0, 1]
    assert predicted_classes(probabilities, positive_index=1, threshold=0.6).tolist() == [2, 0, 2]


def test_predicted_classes_of_a_diverged_model_are_still_classes():
    probabilities = np.full((3, 2), np.nan)
    assert predicted_classes(probabilities, positive_index=0).tolist() == [1, 1, 1]
    assert predicted_classes(probabilities, positive_index=1).tolist() == [0, 0, 0]


def test_confusion_matrix_matches_scikit_learn():
    labels, predicted = np.random.default_rng(1).integers(3, size=(2, 40))
    reference = sklearn_metrics.confusion_matrix(labels, predicted, labels=range(4))
    matrix = confusion_matrix(labels, predicted, num_classes=4)
    assert np.array_equal(matrix, reference) and matrix.dtype.kind == "i"


def test_roc_curve_runs_from_corner_to_corner_under_the_reported_area():
    probabilities = make_probabilities(CURATED_LABELS)
    rates = roc_curve(CURATED_LABELS, probabilities[:, 0], positive_index=0)
    assert [rate[0] for rate in rates[:2]] == [0, 0] and [rate[-1] for rate in rates[:2]] == [1, 1]
    area = figures_of(CURATED_LABELS, probabilities)["auc"].value
    assert sklearn_metrics.auc(rates[0], rates[1]) == pytest.approx(area)


@pytest.mark.parametrize(
    ("labels", "scores"), [([0, 0], [0.1, 0.2]), ([1, 1], [0.1, 0.2]), ([0, 1], [0.1, np.nan]), ([], [])]
)
def test_roc_curve_without_two_sides_is_empty(labels, scores):
    assert [len(part) for part in roc_curve(labels, scores, positive_index=0)] == [0, 0, 0]


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_report_figures_values_match_scikit_learn(threshold):
    labels = np.random.default_rng(2).integers(3, size=60)
    probabilities = make_probabilities(labels, num_classes=3)
    figures = figures_of(labels, probabilities, threshold=threshold, positive_index=1)
    predicted = predicted_classes(probabilities, positive_index=1, threshold=threshold)
    truth, called = labels == 1, predicted == 1
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(labels, predicted),
        "sensitivity": sklearn_metrics.recall_score(truth, called),
        "specificity": sklearn_metrics.recall_score(~truth, ~called),
        "precision": sklearn_metrics.precision_score(truth, called),
        "f1": sklearn_metrics.f1_score(truth, called),
        "auc": sklearn_metrics.roc_auc_score(truth, probabilities[:, 1]),
    }
    assert {name: figure.value for name, figure in figures.items()} == pytest.approx(expected)
    assert tuple(figures) == METRICS


def test_report_figures_of_distinct_patients_are_wilsons():
    predicted = [0, 0, 0, 0, 1, 1, 1, 1, 1, 0]
    figures = figures_of([0] * 5 + [1] * 5, certain(predicted))
    for name, right, total in [("accuracy", 8, 10), ("sensitivity", 4, 5), ("specificity", 4, 5), ("precision", 4, 5)]:
        figure = figures[name]
        assert (figure.low, figure.high) == pytest.approx(proportion_confint(right, total, method="wilson"))
        assert (figure.n, figure.method) == (total, "wilson")
    assert (figures["f1"].method, figures["auc"].method) == ("wilson", "newcombe")


def test_report_figures_use_wilson_for_the_side_whose_patients_do_not_repeat():
    figures = figures_of(CURATED_LABELS, make_probabilities(CURATED_LABELS), CURATED_PATIENTS)
    assert figures["specificity"].method == "wilson"
    assert figures["sensitivity"].method == figures["accuracy"].method == "wilson over patients"
    assert figures["auc"].method == "newcombe over patients"


def test_report_figures_of_tied_scores_count_half():
    figures = figures_of([0, 0, 1, 1], np.full((4, 2), 0.5))
    assert figures["auc"].value == pytest.approx(0.5)


def brute_force_interval(labels, scores, patient_ids, figure, *, num_resamples=1500):
    """Resample patients one by one and score the pooled films; the slow way, straight from the textbook."""
    generator, values = np.random.default_rng(3), []
    films_of = [np.flatnonzero(patient_ids == patient) for patient in np.unique(patient_ids)]
    for _ in range(num_resamples):
        films = np.concatenate([films_of[k] for k in generator.integers(len(films_of), size=len(films_of))])
        values.append(figure(labels[films], scores[films]))
    return np.quantile(values, [0.025, 0.975])


@pytest.mark.parametrize("name", ["accuracy", "sensitivity", "f1", "auc"])
def test_report_figures_of_repeated_patients_match_a_brute_force_bootstrap(name):
    # patients of 1 to 8 films that are right or wrong together, so that the patients decide the width
    patient_ids = np.repeat(np.arange(60), np.arange(60) % 8 + 1)
    labels = (patient_ids < 30).astype(int)
    noise = np.random.default_rng(4).normal(size=60)[patient_ids]
    positive = 1 / (1 + np.exp(-(1.2 * labels - 0.6 + noise)))
    probabilities = np.stack([1 - positive, positive], axis=1)
    scores = {
        "accuracy": lambda truth, score: np.mean(truth == (score >= 0.5)),
        "sensitivity": lambda truth, score: np.mean(score[truth == 1] >= 0.5),
        "f1": lambda truth, score: 2 * np.sum(truth * (score >= 0.5)) / (np.sum(truth) + np.sum(score >= 0.5)),
        "auc": lambda truth, score: np.mean(score[truth == 1][:, None] > score[truth == 0]),
    }
    figure = figures_of(labels, probabilities, patient_ids, positive_index=1)[name]
    reference = brute_force_interval(labels, positive, patient_ids, scores[name])
    assert (figure.low, figure.high) == pytest.approx(reference, abs=0.03)
    assert figure.method.endswith(" over patients")


def test_report_figures_grow_wider_where_films_share_patients():
    probabilities = make_probabilities(CURATED_LABELS)
    alone = figures_of(CURATED_LABELS, probabilities)["sensitivity"]
    shared = figures_of(CURATED_LABELS, probabilities, np.r_[np.repeat(range(5), 5), 5:30])["sensitivity"]
    assert shared.high - shared.low > alone.high - alone.low


@pytest.mark.parametrize("num_repeats", [1, 10])
def test_report_figures_are_never_shorter_than_over_independent_films(num_repeats):
    probabilities = make_probabilities(CURATED_LABELS, signal=2.5, num_repeats=num_repeats)
    figures = figures_of(CURATED_LABELS, probabilities, CURATED_PATIENTS)
    for name in ("accuracy", "sensitivity", "specificity", "precision"):
        low, high = wilson_interval(figures[name].value * figures[name].n, figures[name].n)
        # n is rounded where repeats call different numbers of X-rays.
        assert figures[name].low <= low + 1e-3 and figures[name].high >= high - 1e-3


def test_report_figures_give_an_area_at_least_newcombes_interval():
    # its bounds solve |area - auc| = 1.96 standard errors, with the error taken at the bound
    figure = figures_of(CURATED_LABELS, make_probabilities(CURATED_LABELS, signal=2), CURATED_PATIENTS)["auc"]
    area = figure.low
    spread = area * (1 - area) * (1 + 24 * (1 - area) / (2 - area) + 24 * area / (1 + area))
    assert figure.value - figure.low >= 1.96 * math.sqrt(spread / 625) - 0.001
    assert 0.9 < figure.value < 1 and figure.method == "newcombe over patients"


def test_report_figures_of_repeats_are_medians_over_them():
    repeats = make_probabilities(CURATED_LABELS, num_repeats=4)
    pooled = figures_of(CURATED_LABELS, repeats, CURATED_PATIENTS)
    single = [figures_of(CURATED_LABELS, repeat, CURATED_PATIENTS) for repeat in repeats]
    for name in METRICS:
        assert pooled[name].value == pytest.approx(np.median([figures[name].value for figures in single]))
    assert pooled["auc"].n == 50 and pooled["sensitivity"].n == 25


def test_interval_of_repeats_lies_around_their_median_and_is_that_of_the_patients():
    labels, patients = np.tile([0, 1], 100), np.repeat(np.arange(40), 5)
    # Two repeats that are wrong for half of the patients, in which the median has no part.
    wrong = np.random.default_rng(3).random((9, 40)) < np.array([0.2] * 7 + [0.6] * 2)[:, None]
    said = np.where(wrong[:, patients], 1 - labels, labels)
    figure = figures_of(labels, np.eye(2)[said], patients)["accuracy"]
    assert figure.value == np.median(1 - wrong.mean(axis=1))
    # What Wilson's interval is over the 40 patients: their X-rays are all alike.
    low, high = wilson_interval(figure.value * 40, 40)
    assert low < figure.low < figure.value - 0.02 and figure.value + 0.02 < figure.high < high


def test_report_figures_of_repeats_skip_those_without_a_denominator():
    repeats = np.stack([certain([0, 1, 1, 1]), certain([1, 1, 1, 1])])
    precision = figures_of([0, 0, 1, 1], repeats)["precision"]
    assert precision.value == 1.0


def test_report_figures_of_all_right_keep_a_width_over_patients():
    figures = figures_of(CURATED_LABELS, certain(CURATED_LABELS), CURATED_PATIENTS)
    # 25 X-rays of 12 patients are at least as much as 25 squared / (4 + ... + 1 squared) of as many patients: 8.8.
    assert figures["sensitivity"].low == pytest.approx(wilson_interval(625 / 71, 625 / 71)[0])
    assert figures["auc"].low == pytest.approx(newcombe_interval(1.0, 12, 25)[0])
    assert all(figure.value == figure.high == 1 for figure in figures.values())


def test_report_figures_of_all_wrong_keep_a_width():
    figures = figures_of([0, 0, 1, 1], certain([1, 1, 0, 0]))
    assert all(figure.value == figure.low == 0 and figure.high > 0.4 for figure in figures.values())


def test_report_figures_of_one_patient_count_as_one():
    figures = figures_of([0, 0, 0], certain([0, 0, 1]), ["a", "a", "a"])
    sensitivity = figures["sensitivity"]
    assert sensitivity.method == "wilson over patients" and sensitivity.n == 3
    assert (sensitivity.low, sensitivity.high) == pytest.approx(wilson_interval(2 / 3, 1))


def test_report_figures_without_positive_films_leave_their_figures_undefined():
    figures = figures_of([1, 1, 1], certain([1, 1, 1]))
    for name in ("sensitivity", "precision", "f1", "auc"):
        assert math.isnan(figures[name].value) and (figures[name].n, figures[name].method) == (0, "undefined")
    assert figures["specificity"].value == 1.0


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 2)])
def test_report_figures_of_a_diverged_model_are_undefined(shape):
    probabilities = np.full(shape, 0.5)
    probabilities[..., 0, :] = np.nan
    figures = figures_of([0, 0, 1], probabilities)
    assert all(math.isnan(figure.value) and figure.n == 0 for figure in figures.values())


def test_call_metrics_are_the_report_figures_that_rest_on_calls():
    probabilities = make_probabilities(CURATED_LABELS, num_repeats=3)
    expected = figures_of(CURATED_LABELS, probabilities, CURATED_PATIENTS)
    found = call_metrics(
        CURATED_LABELS,
        predicted_classes(probabilities, positive_index=0),
        patient_ids=CURATED_PATIENTS,
        positive_index=0,
    )
    assert found == {name: figure for name, figure in expected.items() if name != "auc"}


def test_share_metric_of_distinct_patients_is_wilsons():
    figure = share_metric([True] * 9 + [False], patient_ids=[str(number) for number in range(10)])
    assert (figure.value, figure.n, figure.method) == (0.9, 10, "wilson")
    assert (figure.low, figure.high) == wilson_interval(9, 10)


def test_share_metric_of_repeated_patients_is_wider_than_wilsons():
    hits = np.repeat([True, False, True, True], 5)
    figure = share_metric(hits, patient_ids=np.repeat(["a", "b", "c", "d"], 5))
    low, high = wilson_interval(15, 20)
    assert figure.method == "wilson over patients"
    assert figure.low < low and figure.high > high


def test_share_metric_of_no_films_is_undefined():
    assert math.isnan(share_metric([], patient_ids=[]).value)


def test_report_figures_without_films_are_undefined():
    assert all(math.isnan(figure.value) for figure in figures_of([], np.empty((0, 2))).values())


def test_report_figures_on_random_small_sets_contain_their_value():
    generator = np.random.default_rng(5)
    for trial in range(150):
        num_films = int(generator.integers(1, 9))
        labels = generator.integers(3, size=num_films)
        probabilities = generator.dirichlet(np.ones(3), size=(int(generator.integers(1, 4)), num_films)).round(1)
        patient_ids = generator.integers(4, size=num_films)
        for name, figure in figures_of(labels, probabilities, patient_ids).items():
            defined = 0 <= figure.low <= figure.value <= figure.high <= 1 and figure.n > 0
            assert defined or (math.isnan(figure.low) and figure.n == 0), (trial, name, figure)


@pytest.mark.parametrize(("num_films", "limit_seconds"), [(50, 0.1), (1124, 0.5)])
def test_report_figures_of_ten_repeats_are_quick(num_films, limit_seconds):
    labels, patient_ids = np.arange(num_films) % 3, np.arange(num_films) * 3 // 4
    probabilities = make_probabilities(labels, num_classes=3, num_repeats=10)
    # Of the processor, since other tests may take every core.
    start = time.process_time()
    figures_of(labels, probabilities, patient_ids)
    assert time.process_time() - start < limit_seconds


def test_figure_to_dict_is_strict_json():
    undefined = Metric(math.nan, math.nan, math.nan, 0, "undefined").to_dict()
    assert json.loads(json.dumps(undefined, allow_nan=False)) == {
        "value": None, "low": None, "high": None, "n": 0, "method": "undefined",
    }  # fmt: skip
    figures = figures_of(CURATED_LABELS, make_probabilities(CURATED_LABELS), CURATED_PATIENTS)
    assert all(json.dumps(figure.to_dict(), allow_nan=False) for figure in figures.values())


def test_metrics_without_each_patient_are_those_of_the_others():
    probabilities = make_probabilities(CURATED_LABELS)
    options = {"patient_ids": CURATED_PATIENTS, "positive_index": 0}
    found = metrics_without_each_patient(CURATED_LABELS, probabilities, **options)
    for place, films in enumerate([np.ones(50, bool), *(patient != CURATED_PATIENTS for patient in range(37))]):
        others = figures_of(CURATED_LABELS[films], probabilities[films])
        assert {name: values[place] for name, values in found.items()} == pytest.approx(
            {name: figure.value for name, figure in others.items()}
        )


def test_metrics_without_each_patient_of_one_class_are_undefined_where_the_figure_is():
    figures = metrics_without_each_patient(
        np.zeros(4, int), np.tile([0.7, 0.3], (4, 1)), patient_ids=np.arange(4), positive_index=0
    )
    assert np.isnan(figures["auc"]).all()
    assert np.isnan(figures["specificity"]).all()
    assert (figures["accuracy"] == 1).all()
