"""The files of a folder, at any depth, and what they were understood to be."""

import pytest

from covidlab.data.layouts import Branch
from covidlab.data.listing import describe_branches, find, gather, holds_pictures, read_layout, sort_names, walk
from covidlab.errors import DataError, UnreadableImage

PNG = b"\x89PNG\r\n\x1a\n"


def sorted_out(*names: str) -> dict[str, tuple[str, ...]]:
    kinds = sort_names(names)
    return {"pictures": kinds.pictures, "unsure": kinds.unsure, **{left.reason: left.files for left in kinds.left_out}}


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes files (names, or name -> content) below a folder and returns it."""

    def write(*names: str, **contents: bytes):
        for name, content in {**dict.fromkeys(names, PNG), **contents}.items():
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / "set"

    return write


def test_sort_names_tells_pictures_from_what_is_none():
    assert sorted_out(
        "covid/a.jfif", "covid/._a.png", "covid/masks/a.png", "LICENSE", "readme.txt", "gradcam/a.png"
    ) == {
        "pictures": ("covid/a.jfif",),
        "unsure": ("LICENSE",),
        "hidden files and files of the operating system": ("covid/._a.png",),
        "masks": ("covid/masks/a.png",),
        "pictures that a program made (heat maps, plots, results)": ("gradcam/a.png",),
        "no pictures": ("readme.txt",),
    }


def test_sort_names_leaves_out_the_mask_of_an_x_ray_and_no_other_name_with_mask():
    kinds = sorted_out("x/a.png", "x/a_mask.png", "y/mask_A.png", "x/b_mask.png")
    assert kinds["pictures"] == ("x/a.png", "x/b_mask.png")
    assert kinds["masks"] == ("x/a_mask.png", "y/mask_A.png")


def test_sort_names_of_results_alone_takes_them_for_the_x_rays():
    assert sorted_out("results/covid/a.png")["pictures"] == ("results/covid/a.png",)


def test_sort_names_counts_what_is_no_picture_beside_masks_as_no_picture():
    assert sorted_out("a.png", "annotations/boxes.json")["no pictures"] == ("annotations/boxes.json",)


def test_gather_looks_at_the_content_of_a_file_without_a_telling_name():
    found = gather(
        ["x/IM1", "x/LICENSE"], read_head=lambda name: PNG if name == "x/IM1" else b"free", read=lambda name: b""
    )
    assert found.pictures == ("x/IM1",)
    assert [(left.reason, left.files) for left in found.left_out] == [("no pictures", ("x/LICENSE",))]


def test_gather_passes_over_a_file_that_cannot_be_opened():
    def torn(name: str) -> bytes:
        raise OSError("no")

    assert gather(["x"], read_head=torn, read=torn).pictures == ()


def test_gather_says_which_table_cannot_be_used_and_names_it_as_left_out():
    found = gather(["a.png", "t.csv"], read_head=lambda name: b"", read=lambda name: b"file,file\na,b")
    assert found.tables == ()
    assert "A table cannot be used, so what it says is missing. t.csv has the column file twice" in found.sentences[0]
    assert found.left_out[0].files == ("t.csv",)


def test_gather_of_a_table_that_must_be_read_raises():
    with pytest.raises(DataError, match=r"t\.csv has the column file twice"):
        gather(["t.csv"], read_head=lambda name: b"", read=lambda name: b"file,file\na,b", must_read=("t.csv",))


def test_walk_follows_links_but_not_in_a_circle(folder, tmp_path):
    root = folder("covid/a.png")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.png").write_bytes(PNG)
    (root / "normal").symlink_to(tmp_path / "elsewhere")
    (root / "covid" / "back").symlink_to(root)
    assert walk(root) == (["covid/a.png", "normal/b.png"], ["covid/back"])
    assert walk(root, follow_links=False) == (["covid/a.png"], ["covid/back", "normal"])


def test_walk_passes_over_hidden_folders_whole(folder):
    assert walk(folder("covid/a.png", ".git/objects/b.png"))[0] == ["covid/a.png"]


def test_walk_of_no_folder_says_so(tmp_path):
    with pytest.raises(DataError, match="There is no such folder"):
        walk(tmp_path / "nowhere")


def test_holds_pictures_sees_those_that_lie_deep_or_have_no_suffix(folder, tmp_path):
    assert holds_pictures(folder("a/b/c/d.png"))
    assert not holds_pictures(tmp_path / "nowhere")


def test_holds_pictures_looks_at_files_without_a_suffix(folder):
    root = folder("LICENSE.txt", **{"covid/README": b"text"})
    assert not holds_pictures(root)
    (root / "covid" / "IM000001").write_bytes(PNG)
    assert holds_pictures(root)


def test_find_of_a_name_that_is_no_utf8_says_so(folder):
    root = folder("covid/a.png")
    (root / "covid" / "caf\udce9.png").write_bytes(PNG)
    with pytest.raises(UnreadableImage, match="is not valid UTF-8"):
        find(root)


def test_read_layout_of_a_folder_on_the_disk_is_what_its_names_and_tables_say(folder):
    table = b"file,patient_id\r\ncovid/a.png,p\r\nnormal/b.png,q\r\n"
    layout = read_layout(folder("covid/a.png", "normal/b.png", "x/masks/b.png", **{"metadata.csv": table}))
    assert layout.class_counts == {"covid": 1, "normal": 1}
    assert layout.patients == {"covid/a.png": "p", "normal/b.png": "q"}
    assert [left.reason for left in layout.left_out] == ["masks"]


def test_describe_branches_says_how_many_lie_where():
    branches = [Branch(folder="", number=3, role=""), *(Branch(folder=f"f{at}", number=2, role="") for at in range(8))]
    said = describe_branches(branches)
    assert said.startswith("3 in the folder itself, 2 in f0, ")
    assert said.endswith(" and 1 more folder")


def test_walk_of_a_zip_file_says_how_to_add_it(tmp_path):
    (tmp_path / "covid.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"A folder is expected\. Add the X-rays of a ZIP file .* dataset add SRC"):
        walk(tmp_path / "covid.zip")
