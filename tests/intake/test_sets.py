"""A set of the person's own is renamed or removed as a whole; nothing outside is touched."""

import os
import shutil

import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.selections import create_selection, selection_names, selections_at_home
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.intake import sets
from covidlab.intake.adding import datasets_folder, list_datasets, locked, own_dataset
from covidlab.intake.sets import clear_removed, describe_removal, is_own, remove_dataset, rename_dataset


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def own(make_dataset):
    """A set "mine" of twelve X-rays with one selection."""
    datasets_folder().mkdir(parents=True)
    folder = shutil.move(make_dataset(), own_dataset("mine"))
    create_selection(folder, "s")
    return folder


def names() -> list[str]:
    return [name for name, path in list_datasets() if is_own(path)]


def test_rename_keeps_x_rays_and_selections(own):
    folder = rename_dataset(own, " ours ")
    assert (folder, names()) == (own_dataset("ours"), ["ours"])
    assert load_catalog(folder).num_films == 12
    assert selection_names(folder) == ["s"]


def test_rename_takes_selections_kept_at_home_along(own):
    shutil.move(own / "selections", selections_at_home(own))
    assert selection_names(rename_dataset(own, "ours")) == ["s"]


@pytest.mark.parametrize(("name", "said"), [("../up", "no slash"), ("", "1 to"), ("other", "of that name already")])
def test_rename_to_an_unusable_name_says_why(own, name, said):
    own_dataset("other").mkdir()
    with pytest.raises(UsageError, match=said):
        rename_dataset(own, name)
    assert own.is_dir()


def test_rename_to_its_own_name_does_nothing(own):
    assert rename_dataset(own, "mine") == own


def test_describe_removal_counts_what_goes(own):
    removal = describe_removal(own)
    size = sum(file.stat().st_size for file in own.rglob("*") if file.is_file())
    assert (removal.num_films, removal.num_selections, removal.num_bytes) == (12, 1, size)
    assert removal.sentences()[0].startswith("12 X-rays and 1 selection of mine are deleted (")


def test_remove_deletes_the_set_and_its_selections(own):
    shutil.copytree(own / "selections", selections_at_home(own))
    remove_dataset(own)
    assert list(datasets_folder().iterdir()) == []
    assert not selections_at_home(own).exists()


def test_remove_of_a_link_leaves_what_it_leads_to(own, make_dataset):
    elsewhere = make_dataset(name="elsewhere")
    link = own_dataset("link")
    link.symlink_to(elsewhere)
    assert "Only the link goes" in describe_removal(link).sentences()[0]
    remove_dataset(link)
    assert names() == ["mine"]
    assert load_catalog(elsewhere).num_films == 12


def test_remove_does_not_follow_links_inside_the_set(own, make_dataset):
    elsewhere = make_dataset(name="elsewhere")
    (own / "linked").symlink_to(elsewhere)
    remove_dataset(own)
    assert load_catalog(elsewhere).num_films == 12


@pytest.mark.parametrize("change", [remove_dataset, describe_removal, lambda folder: rename_dataset(folder, "x")])
@pytest.mark.parametrize("path", ["films", "home/datasets/../films", "home/datasets", "home/datasets/.hidden"])
def test_nothing_outside_the_sets_folder_is_changed(make_dataset, tmp_path, monkeypatch, change, path):
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    make_dataset()
    (tmp_path / "home/datasets/.hidden").mkdir(parents=True)
    with pytest.raises(UsageError, match="Only data sets made on Curate"):
        change(tmp_path / path)
    assert load_catalog(tmp_path / "films").num_films == 12


def test_remove_twice_says_that_the_set_is_gone(own):
    remove_dataset(own)
    with pytest.raises(DataError, match="The data set mine is gone"):
        remove_dataset(own)


def test_remove_killed_before_it_begins_leaves_the_set(own, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(Killed, match="killed"):
        patch.setattr(sets.os, "rename", killed)
        remove_dataset(own)
    assert load_catalog(own).num_films == 12


def test_remove_killed_while_it_deletes_leaves_nothing_to_be_seen(own, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(Killed, match="killed"):
        patch.setattr(sets, "_delete", killed)
        remove_dataset(own)
    assert names() == []
    assert len(os.listdir(datasets_folder())) == 1
    clear_removed()
    assert os.listdir(datasets_folder()) == []


def killed(*_):
    raise Killed("killed")


def test_remove_waits_for_whoever_adds_and_then_says_so(own, monkeypatch):
    monkeypatch.setattr(sets, "locked", lambda folder: locked(folder, seconds=0))
    with locked(own), pytest.raises(StorageError, match="Another process is changing the data set mine"):
        remove_dataset(own)
    assert own.is_dir()
