"""A stamp changes with any file of a set; the quicker look sees folders and tables."""

import pytest

from covidlab.data.stamps import folder_stamp, is_settled, settled


def test_folder_stamp_new_file_changes_it(tmp_path):
    (tmp_path / "covid").mkdir()
    before = folder_stamp(tmp_path)
    (tmp_path / "covid" / "film.png").write_bytes(b"film")
    assert folder_stamp(tmp_path) != before


def test_folder_stamp_new_file_three_levels_down_changes_it(tmp_path):
    folder = tmp_path / "train" / "covid" / "images"
    folder.mkdir(parents=True)
    (folder / "first.png").write_bytes(b"film")
    before = folder_stamp(tmp_path)
    (folder / "second.png").write_bytes(b"film")
    assert folder_stamp(tmp_path) != before


def test_folder_stamp_hidden_folders_and_selections_do_not_change_it(tmp_path):
    for name in (".adding-1", "selections"):
        (tmp_path / name).mkdir()
    before = folder_stamp(tmp_path)
    (tmp_path / "selections" / "s.json").write_text("{}")
    assert folder_stamp(tmp_path) == before


def test_folder_stamp_does_not_follow_links_to_folders(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "round").symlink_to(tmp_path / "set")
    assert folder_stamp(tmp_path / "set") == folder_stamp(tmp_path / "set")


def test_folder_stamp_rewritten_mask_changes_it(tmp_path):
    mask = tmp_path / "masks" / "covid" / "film.png"
    mask.parent.mkdir(parents=True)
    mask.write_bytes(b"one")
    before = folder_stamp(tmp_path)
    mask.write_bytes(b"three")
    assert folder_stamp(tmp_path) != before


def test_folder_stamp_unchanged_folder_keeps_it(tmp_path):
    (tmp_path / "metadata.csv").write_text("file,patient_id\n")
    assert folder_stamp(tmp_path) == folder_stamp(tmp_path)


@pytest.fixture
def root(tmp_path):
    """A folder with a table and an X-ray in a folder of its class."""
    (tmp_path / "covid").mkdir()
    (tmp_path / "covid" / "film.png").write_bytes(b"film")
    (tmp_path / "metadata.csv").write_text("file,patient_id\n")
    return tmp_path


def test_is_settled_unchanged_folder_is(root):
    assert is_settled(root, settled(root))


@pytest.mark.parametrize("place", ["covid/other.png", "metadata.csv", "new/first.png"])
def test_is_settled_new_file_and_rewritten_table_are_seen(root, place):
    before = settled(root)
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).write_text("something longer than before")
    assert not is_settled(root, before)


def test_is_settled_removed_table_is_seen(root):
    before = settled(root)
    (root / "metadata.csv").unlink()
    assert not is_settled(root, before)


def test_settled_folder_with_a_link_to_another_is_none(root, tmp_path_factory):
    (root / "normal").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    assert settled(root) is None
