"""X-rays that a person brings in a folder, in ZIP files or one by one."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.data.layouts import ONE_CLASS_AN_ARCHIVE, Answers
from covidlab.errors import DataError, UsageError
from covidlab.intake import sources
from covidlab.intake.screening import review_brought
from covidlab.intake.sources import from_files, from_folder, from_paths, from_zip
from tests.intake.zips import packed


def png(seed=0) -> bytes:
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(cv2.resize(coarse, (120, 110), interpolation=cv2.INTER_CUBIC)).save(data, "PNG")
    return data.getvalue()


SET = {
    "covid/a.png": png(1),
    "covid/b.png": png(2),
    "normal/c.png": png(3),
    "metadata.csv": b"file,patient_id,finding\ncovid/a.png,p1,COVID-19\ncovid/b.png,p1,COVID-19\nnormal/c.png,p2,\n",
}


@pytest.fixture
def written(tmp_path):
    """Return a function that writes files (path -> content) below a folder and returns it."""

    def write(files: dict[str, bytes], *, below="brought") -> Path:
        for name, content in files.items():
            path = tmp_path / below / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / below

    return write


def test_from_files_limit_counts_x_rays_and_nothing_else(monkeypatch):
    monkeypatch.setattr(sources, "MAX_XRAYS", 2)
    others = {f"covid/{number}.txt": b"" for number in range(9)} | {f"masks/{number}.png": b"" for number in range(9)}
    assert len(from_zip(packed({"covid/0.png": png(1), "covid/1.png": png(2), **others})).files) == 2
    with pytest.raises(DataError, match="At most 2 X-rays can be added at once here; `python -m covidlab dataset add`"):
        from_files([(f"{number}.png", b"") for number in range(3)])


def test_from_zip_leaves_out_what_is_no_film():
    files = {**SET, "masks/a.png": b"", "__MACOSX/._a.png": b"", ".DS_Store": b"", "readme.txt": b"", "empty/": b""}
    found = from_zip(packed(files))
    assert [name for name, _ in found.files] == ["covid/a.png", "covid/b.png", "normal/c.png"]
    assert {left.reason: left.files for left in found.left_out} == {
        "hidden files and files of the operating system": (".DS_Store", "__MACOSX/._a.png"),
        "masks": ("masks/a.png",),
        "no pictures": ("readme.txt",),
    }


def test_from_zip_of_a_folder_matches_its_metadata():
    found = from_zip(packed({f"my set/{name}": data for name, data in SET.items()}))
    review = review_brought(found)
    assert [(film.suggested_class, film.patient_id) for film in review.films] == [
        ("covid", "p1"),
        ("covid", "p1"),
        ("normal", "p2"),
    ]


@pytest.mark.parametrize(
    "name", ["../evil.png", "/etc/evil.png", "a/../../evil.png", "C:\\evil.png", "..\\evil.png", ".."]
)
def test_from_zip_with_a_path_that_leads_out_is_refused(name):
    with pytest.raises(DataError, match="must be a path inside the archive"):
        from_zip(packed({"good.png": png(1), name: b"x"}))


def test_from_zip_with_a_link_is_refused():
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(DataError, match="must be a file, no link"):
        from_zip(packed({link: "/etc/passwd"}))


def test_from_zip_of_a_mac_with_as_many_hidden_files_as_x_rays_is_taken():
    names = [f"covid/{number}.png" for number in range(2600)]
    files = {name: b"x" for name in (*names, *(f"__MACOSX/covid/._{number}.png" for number in range(2600)))}
    assert len(from_zip(packed(files, compression=zipfile.ZIP_STORED)).files) == 2600


def test_from_zip_with_too_many_entries_is_refused(monkeypatch):
    monkeypatch.setattr(sources, "MAX_MEMBERS", 2)
    with pytest.raises(DataError, match="may list 2 files"):
        from_zip(packed({f"{number}.txt": b"" for number in range(3)}))


def test_from_zip_bomb_is_refused_by_its_ratio():
    with pytest.raises(DataError, match="packed at most 200 to 1"):
        from_zip(packed({"bomb.png": bytes(5_000_000)}))


def test_from_zip_of_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(sources, "MAX_TOTAL_BYTES", 100_000)
    with pytest.raises(DataError, match="may hold 0 GB unpacked"):
        from_zip(packed({"a.png": bytes(60_000), "b.png": bytes(60_000)}))


def test_from_zip_with_another_compression_is_refused():
    with pytest.raises(DataError, match="the usual compression"):
        from_zip(packed({"a.png": png(1)}, compression=zipfile.ZIP_LZMA))


def test_from_zip_with_a_password_is_refused():
    data = bytearray(packed({"a.png": png(1)}))
    at = data.rindex(b"PK\x01\x02") + 8
    data[at : at + 2] = struct.pack("<H", 1)
    with pytest.raises(DataError, match="without a password"):
        from_zip(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello", packed(SET)[:-30]])
def test_from_zip_of_what_is_no_whole_zip_is_refused(data):
    with pytest.raises(DataError, match="A ZIP file is expected"):
        from_zip(data)


def test_from_zip_member_that_is_damaged_is_unreadable_alone():
    data = bytearray(packed({"a.png": png(1), "b.png": png(2)}, compression=zipfile.ZIP_STORED))
    data[100] ^= 0xFF
    review = review_brought(from_zip(bytes(data)))
    assert [name for name, _ in review.unreadable] == ["a.png"]
    assert "damaged inside the ZIP file" in review.unreadable[0][1]


def test_from_zip_with_a_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("a.png", b"1")
            archive.writestr("a.png", b"2")
    with pytest.raises(DataError, match="must hold each file once"):
        from_zip(data.getvalue())


def test_from_folder_of_a_data_set_says_all_of_it(make_dataset):
    review = review_brought(from_folder(make_dataset(films_per_patient=2)))
    assert len(review.films) == 12
    assert review.films[0].suggested_class == "covid"
    assert review.films[0].patient_id == "covid-0"


def test_from_folder_half_copied_says_what_is_missing(make_dataset):
    root = make_dataset(films_per_patient=2)
    for number in range(4):
        (root / f"covid/film-{number:03d}.png").unlink()
    (sentence,) = from_folder(root).understand().problems
    assert sentence.startswith("metadata.csv lists 4 files that are not there: covid/film-000.png")
    assert sentence.endswith("and 1 more.")


@pytest.mark.parametrize("table", [b"\xff\xfe", b"", b'file,patient_id\n"torn', b"file,patient_id\na,b,c\n"])
def test_from_folder_with_a_bad_metadata_does_without(make_dataset, table):
    root = make_dataset()
    (root / "metadata.csv").write_bytes(table)
    found = from_folder(root)
    assert len(found.files) == 12
    assert "A table cannot be used, so what it says is missing. metadata.csv" in found.understand().problems[0]


def test_from_folder_leaves_out_hidden_files_and_links(make_dataset, tmp_path):
    root = make_dataset()
    (root / ".hidden").mkdir()
    (root / ".hidden" / "x.png").write_bytes(png(1))
    (root / "covid" / "link.png").symlink_to("/etc/passwd")
    (root / "linked").symlink_to(tmp_path)
    found = from_folder(root)
    assert len(found.files) == 12
    assert [left.files for left in found.left_out if left.reason == "links"] == [("covid/link.png", "linked")]


def test_from_folder_that_is_none_says_so(tmp_path):
    with pytest.raises(DataError, match="There is no such folder"):
        from_folder(tmp_path / "nowhere")


def test_from_files_with_one_name_twice_keeps_both():
    found = from_files([("a.png", png(1)), ("a.png", png(2)), ("set.zip", packed(SET))])
    assert [name for name, _ in found.files] == ["a (2).png", "a.png", "covid/a.png", "covid/b.png", "normal/c.png"]


def test_from_files_match_their_metadata_by_name_and_take_its_folder_as_class():
    files = [("a.png", SET["covid/a.png"]), ("metadata.csv", SET["metadata.csv"])]
    (film,) = review_brought(from_files(files)).films
    assert (film.suggested_class, film.patient_id) == ("covid", "p1")


def test_from_zip_with_backslashes_is_read_as_folders_and_keeps_its_table():
    files = {f"set\\{name}".replace("/", "\\"): data for name, data in SET.items()}
    layout = from_zip(packed({**files, "set\\empty\\": b""})).understand()
    assert layout.class_counts == {"covid": 2, "normal": 1}
    assert layout.patients["set/covid/a.png"] == "p1"
    assert layout.left_out == ()


def test_from_zip_with_names_that_begin_with_a_dot_path_is_read():
    assert from_zip(packed({f"./{name}": data for name, data in SET.items()})).understand().class_counts["covid"] == 2


def test_from_zip_of_a_mask_that_packs_well_is_taken():
    found = from_zip(packed({**SET, "covid/masks/a.bmp": bytes(5_000_000)}))
    assert len(found.files) == 3


def test_from_zip_without_folders_takes_its_class_from_its_name():
    layout = from_zip(packed({"0.png": png(1)}), name="covid-samples.zip").understand()
    assert layout.title == ONE_CLASS_AN_ARCHIVE
    assert layout.class_counts == {"covid": 1}


def test_from_files_of_several_zips_takes_a_class_from_each():
    zips = [(f"{kind}-samples.zip", packed({"0.png": png(seed)})) for seed, kind in enumerate(("covid", "normal"))]
    layout = from_files(zips).understand()
    assert layout.title == ONE_CLASS_AN_ARCHIVE
    assert layout.class_counts == {"covid": 1, "normal": 1}


def test_from_paths_of_parts_of_one_download_joins_their_folders(written):
    root = written(
        {
            "drive-download-1-001.zip": packed({"X/covid/a.png": png(1), "X/normal/b.png": png(2)}),
            "drive-download-1-002.zip": packed({"X/covid/c.png": png(3)}),
        }
    )
    layout = from_paths(sorted(root.iterdir())).understand()
    assert layout.class_counts == {"covid": 2, "normal": 1}


def test_from_folder_of_zips_looks_through_them_whatever_lies_beside(written):
    zips = {f"{kind}-samples.zip": packed({"0.png": png(seed)}) for seed, kind in enumerate(("covid", "normal"))}
    layout = from_folder(written({**zips, "LICENSE.txt": b"free", "._normal-samples.zip": b"x"})).understand()
    assert layout.class_counts == {"covid": 1, "normal": 1}
    assert {left.reason: len(left.files) for left in layout.left_out} == {
        "hidden files and files of the operating system": 1,
        "no pictures": 1,
    }


def test_from_folder_with_x_rays_and_a_zip_says_that_it_is_not_unpacked(written):
    found = from_folder(written({**SET, "more.zip": packed(SET)}))
    assert len(found.files) == 3
    assert found.understand().problems == (
        "1 ZIP file among the X-rays is not unpacked: more.zip. Give them by themselves.",
    )


def test_from_paths_of_two_folders_keeps_both(written):
    one, other = written(SET, below="one"), written(SET, below="two")
    layout = from_paths([one, other]).understand()
    assert layout.class_counts == {"covid": 4, "normal": 2}


def test_from_paths_of_the_folder_one_is_in_has_its_name(written, monkeypatch):
    monkeypatch.chdir(written({"covid/a.png": png(1)}))
    other = written({"a.png": png(2)}, below="normal")
    assert from_paths([Path(), other]).understand().class_counts == {"covid": 1, "normal": 1}


def test_from_paths_of_neither_a_folder_nor_a_zip_is_wrong_use(written):
    root = written({"covid/a.png": png(1)})
    with pytest.raises(UsageError, match=r"A folder or a ZIP file is expected\. Received: .*a\.png"):
        from_paths([root / "covid" / "a.png"])
    with pytest.raises(UsageError, match="A folder or a ZIP file is expected"):
        from_paths([root / "nowhere"])


def test_from_paths_with_a_table_of_its_own_that_cannot_be_read_says_so(written):
    root = written({**SET, "metadata.csv": b"file,file\na,b\n"})
    with pytest.raises(DataError, match="has the column file twice"):
        from_paths([root])


def test_from_folder_takes_jfif_and_names_what_is_no_picture(written):
    files = {"covid/a.jfif": png(1), "covid/LICENSE": b"free", "covid/1.2.840": png(2), "covid/Icon\r": b""}
    found = from_folder(written(files))
    assert found.found.pictures == ("covid/1.2.840", "covid/a.jfif")
    assert {left.reason: left.files for left in found.left_out} == {
        "hidden files and files of the operating system": ("covid/Icon\r",),
        "no pictures": ("covid/LICENSE",),
    }


def test_understand_again_with_answers_reads_nothing_again(written):
    root = written(
        {"red/left/a.png": png(1), "red/right/b.png": png(2), "blue/left/c.png": png(3), "blue/right/d.png": png(4)}
    )
    found = from_folder(root)
    assert found.understand().open_questions
    for path in root.rglob("*.png"):
        path.unlink()
    assert found.understand(Answers(class_level=2)).class_counts == {"left": 2, "right": 2}


def test_from_folder_of_other_archives_says_so(written):
    found = from_folder(written({"set.rar": b"Rar!", "scan.nii.gz": b"x"}))
    assert found.understand().problems == (
        "1 archive of another kind than ZIP cannot be looked through: set.rar. Unpack them first.",
    )


def test_from_folder_reads_a_table_that_weighs_more_than_an_x_ray_may(make_dataset, monkeypatch):
    root = make_dataset(films_per_patient=2)
    monkeypatch.setattr("covidlab.imaging.decode.MAX_BYTES", 100)
    assert len(set(from_folder(root).understand().patients.values())) == 6


def test_from_folder_keeps_two_files_whose_names_read_alike(tmp_path):
    for name in ("\u00e9.png", "e\u0301.png"):
        (tmp_path / name).write_bytes(png(1))
    assert len(from_folder(tmp_path).files) == 2
