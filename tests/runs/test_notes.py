"""What people write about a run: kept beside it, within limits, harmless."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError, UsageError
from covidlab.files import write_json
from covidlab.runs.notes import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, Notes, all_tags, load_notes, save_notes
from covidlab.runs.store import RunStore


@pytest.fixture
def run():
    return RunStore().create(TrainingConfig(dataset="films"))


def test_notes_are_read_as_they_were_saved(run):
    save_notes(run, note="First line\nsecond", tags=["lesson 3", "best"])
    assert load_notes(run) == Notes(note="First line\nsecond", tags=("lesson 3", "best"))


def test_notes_of_a_run_without_any_are_empty(run):
    assert load_notes(run) == Notes()


def test_notes_lose_control_and_direction_characters_and_double_tags(run):
    save_notes(run, note="a\u202eb\x00c\n\n ", tags=[" best ", "best", "", "wo\nrst"])
    assert load_notes(run) == Notes(note="abc", tags=("best", "wo rst"))


@pytest.mark.parametrize(
    ("note", "tags", "said"),
    [
        ("x" * (LONGEST_NOTE + 1), [], "at most 1,000 characters"),
        ("", ["t" * (LONGEST_TAG + 1)], "A tag has at most 24 characters"),
        ("", [str(number) for number in range(MOST_TAGS + 1)], "at most 8 tags"),
    ],
)
def test_notes_beyond_a_limit_are_refused_and_the_earlier_ones_stay(run, note, tags, said):
    save_notes(run, note="kept", tags=["kept"])
    with pytest.raises(UsageError, match=said):
        save_notes(run, note=note, tags=tags)
    assert load_notes(run) == Notes(note="kept", tags=("kept",))


def test_notes_of_a_deleted_run_are_refused_and_bring_no_folder_back(run):
    run.request_stop()
    RunStore().delete(run.id)
    with pytest.raises(RunError, match="has been deleted"):
        save_notes(run, note="late", tags=[])
    assert not run.path.exists()


@pytest.mark.parametrize("content", [{"note": 3, "tags": "no list"}, {"note": None, "tags": None}, {}])
def test_notes_that_are_damaged_are_empty(run, content):
    write_json(run.path / "notes.json", content)
    assert load_notes(run) == Notes()


def test_all_tags_are_sorted_and_named_once(run):
    save_notes(run, note="", tags=["Zebra", "alpha"])
    other = RunStore().create(TrainingConfig(dataset="films"))
    save_notes(other, note="", tags=["alpha", "beta"])
    assert all_tags([run, other]) == ["alpha", "beta", "Zebra"]
