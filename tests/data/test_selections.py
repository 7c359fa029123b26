"""Selections leave films out or put them into another class, by name, in a file beside the data."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from covidlab.data import selections
from covidlab.data.catalog import load_catalog
from covidlab.data.selections import (
    Decision,
    apply_selection,
    change_decision,
    changed_films,
    checked_name,
    create_selection,
    delete_selection,
    films_by_loss,
    load_selection,
    missing_films,
    selection_names,
    selection_path,
    undo_decision,
)
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.paths import home

ODD_NAMES = ["two words", "the \"best\" 'ones'", "صور الصدر", "a.b", "Ä", "<b>*bold*", "100 % & more; $HOME"]


@pytest.fixture
def catalog(make_dataset):
    """Six covid and six normal films, two of each patient."""
    return load_catalog(make_dataset(films_per_patient=2))


def decision(catalog, file, action, new_class="", reason="because"):
    return Decision(action=action, new_class=new_class, reason=reason, sha256=catalog.row(file)["sha256"])


def selected(catalog, **actions):
    """Selection "s" of the films given by number, e.g. covid_0="exclude", normal_1="covid" (its new class)."""
    selection = create_selection(catalog.root, "s")
    for key, action in actions.items():
        kind, number = key.rsplit("_", 1)
        file = f"{kind}/film-{int(number):03d}.png"
        made = ("exclude", "") if action == "exclude" else ("relabel", action)
        selection = change_decision(catalog.root, "s", file, decision(catalog, file, *made))
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


def test_apply_leaves_films_out_and_moves_them_to_their_class(catalog):
    result = apply_selection(catalog, selected(catalog, covid_0="exclude", normal_1="covid"))
    assert (result.num_films, catalog.num_films) == (11, 12)
    assert "covid/film-000.png" not in set(result.films["file"])
    assert result.row("normal/film-001.png")["class"] == "covid"
    assert result.labels.tolist().count(0) == 6
    assert result.film_path("normal/film-001.png").is_file()
    assert list(result.films.index) == list(range(11))


def test_apply_changes_the_fingerprint_and_empty_selection_does_not(catalog):
    assert apply_selection(catalog, create_selection(catalog.root, "empty")).fingerprint == catalog.fingerprint
    applied = apply_selection(catalog, selected(catalog, covid_0="exclude"))
    assert applied.fingerprint != catalog.fingerprint


def test_apply_where_a_class_would_vanish_names_it(catalog):
    everything = selected(catalog, **{f"normal_{number}": "exclude" for number in range(6)})
    with pytest.raises(DataError, match="The selection s leaves no X-ray of class normal"):
        apply_selection(catalog, everything)


def test_apply_to_a_changed_film_names_it(catalog):
    selection = selected(catalog, covid_0="exclude")
    (catalog.root / "covid/film-000.png").write_bytes((catalog.root / "covid/film-001.png").read_bytes())
    after = load_catalog(catalog.root)
    assert changed_films(after, selection) == ["covid/film-000.png"]
    with pytest.raises(DataError, match=r"made for other content of covid/film-000\.png"):
        apply_selection(after, selection)


def test_apply_passes_over_a_film_that_is_gone(make_dataset):
    catalog = load_catalog(make_dataset())
    selection = selected(catalog, covid_0="exclude", covid_1="normal")
    (catalog.root / "covid/film-000.png").unlink()
    after = load_catalog(catalog.root)
    assert missing_films(after, selection) == ["covid/film-000.png"]
    assert apply_selection(after, selection).num_films == 11


def test_apply_to_an_unknown_class_names_it(catalog):
    with pytest.raises(DataError, match="the classes are covid, normal"):
        apply_selection(catalog, selected(catalog, covid_0="measles"))


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


def test_selection_fingerprint_is_of_what_it_does_not_of_why(catalog):
    file = "covid/film-000.png"
    selection = selected(catalog, covid_0="exclude")
    other = selection.decide(file, decision(catalog, file, "exclude", reason="another"))
    assert other.fingerprint == selection.fingerprint
    assert other.decide(file, decision(catalog, file, "include")).fingerprint != selection.fingerprint


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


def test_checked_name_of_many_bytes_is_refused():
    with pytest.raises(UsageError, match="must be shorter"):
        checked_name("\U0001f9d1" * 60)


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


def test_films_by_loss_puts_the_worst_first_and_the_unseen_last(catalog):
    files = ["covid/film-001.png", "normal/film-002.png", "covid/film-003.png"]
    predictions = pd.DataFrame({"file": files, "p_covid": [0.9, 0.8, 0.0], "p_normal": [0.1, 0.2, 1.0]})
    ordered = films_by_loss(catalog, predictions)
    assert ordered["file"][:3].tolist() == ["covid/film-003.png", "normal/film-002.png", "covid/film-001.png"]
    assert ordered["loss"][1:3].tolist() == pytest.approx([-np.log(0.2), -np.log(0.9)])
    assert ordered["loss"][3:].isna().all() and np.isfinite(ordered["loss"][0])
    assert len(ordered) == 12


@pytest.mark.parametrize("columns", [{"p_covid": ["torn"]}, {"p_covid": [7.0]}, {"p_other": [0.5]}, {}])
def test_films_by_loss_of_unusable_predictions_has_no_loss(catalog, columns):
    ordered = films_by_loss(catalog, pd.DataFrame({"file": ["covid/film-001.png"], **columns}))
    assert ordered["loss"].isna().all()
    assert ordered["file"].tolist() == catalog.films["file"].tolist()
