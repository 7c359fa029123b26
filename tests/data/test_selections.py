"""Selections leave films out or put them into another class, by name, in a file beside the data."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from covidlab.data import selections
from covidlab.data.catalog import load_catalog
from covidlab.data.selections import (
    change_decision,
    create_selection,
    delete_selection,
    load_selection,
    selection_names,
    selection_path,
    undo_decision,
)
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.paths import home
from tests.data.decided import decided, decision

ODD_NAMES = ["two words", "the \"best\" 'ones'", "صور الصدر", "a.b", "Ä", "<b>*bold*", "100 % & more; $HOME"]


@pytest.fixture
def catalog(make_dataset):
    """Six covid and six normal films, two of each patient."""
    return load_catalog(make_dataset(films_per_patient=2))


def selected(catalog, **actions):
    """Save the selection "s" of these decisions (as ``decided`` takes them)."""
    selection = create_selection(catalog.root, "s")
    for file, made in decided(catalog, **actions).decisions.items():
        selection = change_decision(catalog.root, "s", file, made)
    return selection


def test_selection_saved_is_the_same_when_loaded(catalog):
    saved = selected(catalog, covid_0="exclude", normal_1="covid")
    assert load_selection(catalog.root, "s") == saved
    assert (saved.excluded, saved.relabelled) == (("covid/film-000.png",), ("normal/film-001.png",))
    assert selection_names(catalog.root) == ["s"]


def test_selection_file_lies_beside_the_data_and_says_all(catalog):
    selected(catalog, normal_1="covid")
    path = catalog.root / "selections" / "s.json"
    assert selection_path(catalog.root, "s") == path
    made = json.loads(path.read_text())["decisions"]["normal/film-001.png"]
    sha256 = catalog.row("normal/film-001.png")["sha256"]
    assert made == {"action": "relabel", "class": "covid", "reason": "because", "sha256": sha256}


def test_selection_changes_no_original_and_no_catalog(catalog):
    before = {path: path.read_bytes() for path in catalog.root.rglob("*.*")}
    selected(catalog, covid_0="exclude")
    assert {path: path.read_bytes() for path in catalog.root.rglob("*.*") if path.suffix != ".json"} == before
    assert load_catalog(catalog.root).fingerprint == catalog.fingerprint


def test_undo_takes_back_one_change_after_the_other(catalog):
    first, second = (decision(catalog, "covid/film-000.png", *made) for made in (["exclude"], ["relabel", "normal"]))
    create_selection(catalog.root, "s")
    change_decision(catalog.root, "s", "covid/film-000.png", first)
    change_decision(catalog.root, "s", "covid/film-000.png", second)
    assert undo_decision(catalog.root, "s").decisions == {"covid/film-000.png": first}
    assert undo_decision(catalog.root, "s").decisions == {}
    assert undo_decision(catalog.root, "s").changes == ()


def test_decision_taken_back_leaves_the_film_as_it_is(catalog):
    selected(catalog, covid_0="exclude")
    assert change_decision(catalog.root, "s", "covid/film-000.png", None).decisions == {}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_selection_with_an_odd_name_is_kept_and_deleted(catalog, name):
    create_selection(catalog.root, name)
    assert selection_names(catalog.root) == [name]
    assert load_selection(catalog.root, name).name == name
    delete_selection(catalog.root, name)
    assert selection_names(catalog.root) == []


@pytest.mark.parametrize("name", ["", "  ", ".hidden", "a/b", "..", "../up", "a\\b", "a\x00b", "a\u202eb", "x" * 61])
def test_selection_name_that_names_no_file_is_refused(catalog, name):
    with pytest.raises(UsageError, match="The name of a selection must have 1 to 60 letters"):
        create_selection(catalog.root, name)


def test_selection_name_is_taken_whatever_its_case(catalog):
    create_selection(catalog.root, "Clean")
    with pytest.raises(UsageError, match=r"Another selection has this name already\. .*Received: clean"):
        create_selection(catalog.root, "clean")


@pytest.mark.parametrize("name", ["nobody", "../selections/s", "/etc/passwd", "", "."])
def test_load_without_such_a_selection_says_which_there_are(catalog, name):
    create_selection(catalog.root, "s")
    with pytest.raises(DataError, match="There are: s"):
        load_selection(catalog.root, name)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"name": "s"}',
        '{"name": "s", "decisions": {"a": {"action": "burn"}}}',
        '{"name": 1, "decisions": 2}',
    ],
)
def test_load_damaged_selection_says_so_and_delete_removes_it(catalog, content):
    create_selection(catalog.root, "s")
    (catalog.root / "selections" / "s.json").write_text(content)
    with pytest.raises(DataError, match="The selection s is damaged"):
        load_selection(catalog.root, "s")
    assert selection_names(catalog.root) == ["s"]
    delete_selection(catalog.root, "s")
    assert selection_names(catalog.root) == []


@pytest.fixture
def read_only(catalog, monkeypatch):
    """The folder of the set refuses to be written; for root too, who may write everywhere."""
    write = selections.write_json

    def refuse_beside(path, values):
        if catalog.root in path.parents:
            raise StorageError(f"{path} cannot be written.") from PermissionError(13, "Permission denied")
        write(path, values)

    monkeypatch.setattr(selections, "write_json", refuse_beside)
    return catalog


def test_selection_of_a_read_only_set_lies_at_home(read_only):
    saved = selected(read_only, covid_0="exclude")
    assert home() in selection_path(read_only.root, "s").parents
    assert load_selection(read_only.root, "s") == saved
    assert not (read_only.root / "selections").exists()


def test_selection_of_another_set_at_home_stays_apart(read_only, make_dataset):
    selected(read_only, covid_0="exclude")
    assert selection_names(make_dataset(name="other")) == []


def test_selection_saved_at_home_counts_before_an_older_one_beside(catalog, request):
    selected(catalog, covid_0="exclude")
    request.getfixturevalue("read_only")
    undo_decision(catalog.root, "s")
    assert load_selection(catalog.root, "s").decisions == {}


def test_selection_that_cannot_be_written_anywhere_stays_as_it_was(catalog, monkeypatch):
    saved = selected(catalog, covid_0="exclude")

    def refuse(path, values):
        raise StorageError("The disk is full.") from OSError(28, "No space left on device")

    monkeypatch.setattr(selections, "write_json", refuse)
    with pytest.raises(StorageError, match="The disk is full"):
        undo_decision(catalog.root, "s")
    assert load_selection(catalog.root, "s") == saved


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_selection_of_a_folder_without_write_permission_lies_at_home(catalog):
    catalog.root.chmod(0o555)
    try:
        create_selection(catalog.root, "s")
        assert home() in selection_path(catalog.root, "s").parents
    finally:
        catalog.root.chmod(0o755)


def test_change_decision_by_many_at_once_loses_none(catalog):
    create_selection(catalog.root, "s")
    files = list(catalog.films["file"])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda file: change_decision(catalog.root, "s", file, decision(catalog, file, "exclude")), files))
    assert load_selection(catalog.root, "s").excluded == tuple(files)
