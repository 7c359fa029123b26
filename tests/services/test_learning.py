"""How a run learned, as the browser gets it."""

import json

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.intervals import share_interval
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services import learning
from covidlab.services.learning import learning_answer, learning_of, learning_of_set, offer_set, offered_set
from covidlab.services.learning_text import describe_missing_crossed, find_gap
from tests.services.recorded import PROBABILITIES, ROW, record


def crossed_row(mean: float, *, each: int) -> np.ndarray:
    """What two repeats say of ``each`` X-rays of two classes, of which a half or all (``mean``) are on their side."""
    right = [[0.9, 0.1]] * each, [[0.1, 0.9]] * each
    half = each // 2
    return np.array([[*right[0], *right[1]] if mean == 1 else [*right[0][half:], *right[1], *right[0][:half]]] * 2)


def test_learning_of_a_run_has_each_xray_at_each_epoch_and_the_positive_class_first(recorded_run):
    told = learning_of(recorded_run, recorded_run.status())
    assert told["lanes"] == ["COVID-19", "non-COVID"]
    assert told["films"]["lane"] == [0, 0, 1, 1]
    assert told["films"]["validation"] == [0, 1, 0, 1]
    assert told["epochs"] == [0, 1, 2, 3]
    assert told["probabilities"] == [list(row) for row in PROBABILITIES]
    assert (told["threshold"], told["seconds"], told["note"]) == (0.5, 0.75, "")


def test_flips_count_changes_of_side_after_the_first_epoch_only(recorded_run):
    # covid 0 crosses before epoch 1, when its side is chance; covid 1 crosses after it.
    assert learning_of(recorded_run, recorded_run.status())["flips"] == [0, 1, 0, 0]


def test_curve_of_the_split_begins_before_learning(recorded_run):
    split = learning_of(recorded_run, recorded_run.status())["split"]
    assert split["epoch"] == [0, 1, 2, 3]
    # Before learning both validation X-rays are on their side.
    assert (split["accuracy"][0], split["low"][0]) == (1.0, round(share_interval(1.0, 2)[0], 4))


def test_curve_of_the_split_with_three_classes_begins_with_epoch_1(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 2, "normal": 2, "other": 2}))
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root), positive_class="covid", epochs=3))
    record(run, catalog, [[0.5] * 6] * 3)
    told = learning_of(run, run.status())
    assert told["lanes"] == ["COVID-19", "non-COVID", "other"]
    assert told["split"]["epoch"] == [1, 2]


def test_crossed_curve_and_its_gap_to_the_split_are_told_by_epoch(make_dataset):
    catalog = load_catalog(make_dataset({"covid": 10, "normal": 10}))
    run = RunStore().create(TrainingConfig(dataset=str(catalog.root), positive_class="covid", epochs=3))
    recorder = record(run, catalog, [[0.9] * 10 + [0.1] * 10] * 3)
    for epoch, mean in enumerate((0.5, 0.5, 1)):
        recorder.add_crossed(epoch, crossed_row(mean, each=10))
    told = learning_of(run, run.status())
    assert told["crossed"]["accuracy"] == [0.5, 0.5, 1.0]
    assert told["crossed"]["low"][0] < 0.5 < told["crossed"]["high"][0] < 1
    assert list(told["gaps"]) == [0, 1]
    assert "0.50 over 50 splits, median of 10 repeats" in told["gaps"][1]["sentence"]


@pytest.mark.parametrize(
    ("split", "crossed", "words"),
    [
        ((1.0, 0.72, 1.0), (0.55, 0.41, 0.68), "0.55 over 50 splits, median of 10 repeats: a lucky split."),
        ((0.3, 0.11, 0.6), (0.92, 0.81, 0.97), "0.92 over 50 splits, median of 10 repeats: an unlucky split."),
        ((1.0, 0.72, 1.0), (0.92, 0.81, 0.97), "a somewhat lucky split, and 10 validation X-rays are too few"),
        ((0.7, 0.4, 0.9), (0.8, 0.71, 0.9), "a somewhat unlucky split"),
        ((0.9, 0.6, 0.98), (0.92, 0.81, 0.97), ""),
        ((0.97, 0.6, 0.98), (0.92, 0.81, 0.97), ""),
    ],
)
def test_gap_is_said_where_the_split_lies_outside_the_interval_of_all_splits(split, crossed, words):
    gap = find_gap(split=split, crossed=crossed, num_validation=10, over="50 splits, median of 10 repeats")
    assert bool(gap) == bool(words)
    if gap:
        assert words in gap.sentence
        assert gap.clear == ("somewhat" not in words)


def test_run_of_an_earlier_version_says_that_it_kept_no_probabilities(waiting_run):
    waiting_run.append_history(epoch=1, **ROW, val_accuracy=1.0)
    waiting_run.write_status(Status(state=State.FINISHED, epoch=1, epochs=3))
    told = learning_of(waiting_run, waiting_run.status())
    assert "An earlier version" in told["note"]
    assert told["split"]["accuracy"] == [1.0]
    assert told["probabilities"] == told["films"]["file"] == []


def test_run_that_failed_before_its_first_epoch_has_nothing_to_play(waiting_run):
    waiting_run.write_status(Status(state=State.FAILED, reason="There is no such folder."))
    assert "failed before its first epoch" in learning_of(waiting_run, waiting_run.status())["note"]


def test_run_that_waits_has_no_note_since_more_will_come(waiting_run):
    told = learning_of(waiting_run, waiting_run.status())
    assert (told["active"], told["note"]) == (True, "")
    assert "comes when the last epoch" in told["crossed_note"]


def test_missing_crossed_curve_of_a_deeper_run_has_the_reason_of_its_report():
    report = {"cross_validation": {"skipped": "Only where just the head learns."}}
    assert describe_missing_crossed(Status(state=State.FINISHED), report) == "Only where just the head learns."


def test_probabilities_of_very_many_epochs_are_thinned_and_keep_both_ends(waiting_run, small_catalog, monkeypatch):
    record(waiting_run, small_catalog, [[value / 40] * 4 for value in range(21)])
    monkeypatch.setattr(learning, "MAX_VALUES", 20)
    told = learning_of(waiting_run, waiting_run.status())
    assert told["epochs"] == [0, 5, 10, 15, 20]
    assert len(told["split"]["epoch"]) == 21


def test_probabilities_that_are_no_number_are_left_out(waiting_run, small_catalog):
    record(waiting_run, small_catalog, [[0.5] * 4, [0.5, 0.5, np.nan, 0.5], [0.25] * 4])
    told = learning_of(waiting_run, waiting_run.status())
    assert told["epochs"] == [0, 2]
    json.dumps(told, allow_nan=False)


def test_answer_is_kept_until_a_file_of_the_run_changes(recorded_run, monkeypatch):
    first = learning_answer(recorded_run)
    with monkeypatch.context() as patch:
        patch.setattr(learning, "learning_of", lambda *_: pytest.fail("built again"))
        assert learning_answer(recorded_run) == first
    recorded_run.append_history(epoch=4, **ROW, val_accuracy=0.5)
    later = learning_answer(recorded_run)
    assert later[0] != first[0]
    assert json.loads(later[1])["split"]["epoch"][-1] == 4


def test_set_without_a_run_shows_its_xrays_before_learning(small_catalog):
    told = learning_of_set(small_catalog)
    assert told["films"]["file"] == small_catalog.films["file"].tolist()
    assert (told["epochs"], told["thumbnails"], told["lanes"]) == ([], 4, ["COVID-19", "non-COVID"])
    # Patients that nobody stated are not made up.
    assert set(told["films"]["patient"]) == {""}
    assert (
        told.keys()
        == learning_of(
            RunStore().create(TrainingConfig(dataset=str(small_catalog.root))), Status(state=State.QUEUED)
        ).keys()
    )


def test_set_that_was_offered_is_found_until_others_take_its_place(make_dataset):
    catalogs = [
        load_catalog(make_dataset({"a": 1, "b": number + 1}, name=f"set {number}"), positive_class="a")
        for number in range(5)
    ]
    names = [offer_set(catalog) for catalog in catalogs]
    assert offered_set(names[0]) is None
    assert offered_set(names[-1]) is catalogs[-1]
