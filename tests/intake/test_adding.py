"""Films a person brings are looked through first, then added to a set as a whole or not at all."""

import io
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from covidlab.data.catalog import load_catalog
from covidlab.data.metadata import read_metadata
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.intake import adding
from covidlab.intake.adding import (
    add_films,
    datasets_folder,
    finish_interrupted,
    from_folder,
    from_zip,
    list_datasets,
    own_dataset,
    review_brought,
    review_files,
)
from covidlab.paths import home
from tests.intake.zips import packed

ODD_NAMES = ["two words.png", "the \"best\" 'one'.png", "صورة الصدر.png", "<b>*x*.png", "café & co %20;.png", "a,b.png"]


def picture(seed=0, size=(300, 280)) -> np.ndarray:
    """A coarse random picture: uint8 (height, width); those of two seeds do not look alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
    return cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)


def png(seed=0, size=(300, 280), **options) -> bytes:
    return encoded(picture(seed, size), "PNG", **options)


def encoded(pixels, kind, **options) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind, **options)
    return data.getvalue()


SET = {
    "covid/a.png": png(1),
    "covid/b.png": png(2),
    "normal/c.png": png(3),
    "metadata.csv": b"file,patient_id,finding\ncovid/a.png,p1,COVID-19\ncovid/b.png,p1,COVID-19\nnormal/c.png,p2,\n",
}


def added(name="mine", files=None, **options):
    """Folder of a set of the user's own that was made of ``files``, each in the class of its folder."""
    review = review_brought(from_zip(packed(files or SET)), target=own_dataset(name))
    add_films(
        review, own_dataset(name), {film.name: film.suggested_class or "covid" for film in review.films}, **options
    )
    return own_dataset(name)


def everything(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_add_makes_a_set_that_can_be_loaded():
    catalog = load_catalog(added())
    assert catalog.films["file"].tolist() == ["covid/a.png", "covid/b.png", "normal/c.png"]
    assert catalog.films["patient_id"].tolist() == ["p1", "p1", "p2"]
    assert catalog.films["finding"].tolist() == ["COVID-19", "COVID-19", "not stated"]
    assert catalog.patients_known


def test_add_copies_each_film_byte_for_byte():
    folder = added()
    assert (folder / "covid/a.png").read_bytes() == SET["covid/a.png"]


def test_add_to_a_set_keeps_what_is_there():
    folder = added()
    before = everything(folder)
    added(files={"normal/a.png": png(7), "covid/a.png": png(8)})
    after = everything(folder)
    assert {name: after[name] for name in before if name != "metadata.csv"} == {
        name: data for name, data in before.items() if name != "metadata.csv"
    }
    assert set(after) - set(before) == {"covid/a (2).png", "normal/a.png"}
    assert read_metadata(folder)["patient_id"].tolist() == ["p1", "p1", "p2", "", ""]
    assert load_catalog(folder).num_films == 5


def test_add_takes_the_class_and_the_patient_that_the_person_gives():
    review = review_files([("a.png", png(1)), ("b.png", png(2)), ("c.png", png(3))])
    target = own_dataset("mine")
    add_films(review, target, {"a.png": "covid", "c.png": "no finding"}, patients={"a.png": "me"})
    catalog = load_catalog(target)
    assert catalog.films["file"].tolist() == ["covid/a.png", "no finding/c.png"]
    assert catalog.films["patient_id"][0] == "me"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_add_film_with_an_odd_name_keeps_it(name):
    catalog = load_catalog(added(files={f"covid/{name}": png(1), "normal/x.png": png(2)}))
    assert f"covid/{name}" in set(catalog.films["file"])


@pytest.mark.parametrize("name", ["two words", "the \"best\" 'one'", "صور الصدر", "Größe"])
def test_add_to_a_set_with_an_odd_name(name):
    folder = added(name)
    assert folder == home() / "datasets" / name
    assert load_catalog(folder).name == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("film.1.2", "film.1.2.png"),
        ("film", "film.png"),
        (".hidden.png", "hidden.png"),
        ("x" * 300 + ".png", "x" * 180 + ".png"),
        ("a\u202egnp.png", "agnp.png"),
        ("", "film.png"),
    ],
)
def test_add_film_with_an_unfit_name_gets_one_that_the_catalog_finds(name, kept):
    review = review_files([(name, png(1))])
    assert add_films(review, own_dataset("mine"), {name: "covid"}) == [f"covid/{kept}"]


@pytest.mark.parametrize("folder", ["", "..", "a/b", ".x", "masks", "selections", "x\x00"])
def test_add_to_a_class_that_cannot_be_a_folder_is_refused(folder):
    review = review_files([("a.png", png(1))])
    with pytest.raises(UsageError, match="Received: "):
        add_films(review, own_dataset("mine"), {"a.png": folder})
    assert not own_dataset("mine").exists()


@pytest.mark.parametrize("name", ["", "../up", "/etc", ".hidden"])
def test_own_dataset_with_an_unusable_name_is_refused(name):
    with pytest.raises(UsageError, match="The name of a data set must have"):
        own_dataset(name)


def test_add_nothing_is_refused():
    with pytest.raises(DataError, match="At least one X-ray of the review is needed"):
        add_films(review_files([]), own_dataset("mine"), {})


def test_add_film_that_changed_since_the_review_adds_none(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number}.png").write_bytes(png(number))
    review = review_brought(from_folder(tmp_path))
    (tmp_path / "2.png").write_bytes(png(3))
    with pytest.raises(DataError, match=r"2\.png has changed since it was looked through"):
        add_films(review, own_dataset("mine"), {"1.png": "covid", "2.png": "covid"})
    assert not own_dataset("mine").exists()


@pytest.mark.parametrize("write", [1, 2, 4])
def test_add_on_a_disk_that_fills_leaves_the_set_as_it_was(monkeypatch, write):
    folder = added()
    before, calls, replacing = everything(folder), [], adding.replacing

    def fill(path, **options):
        calls.append(path)
        if len(calls) == write:
            raise StorageError("The disk is full.")
        return replacing(path, **options)

    monkeypatch.setattr(adding, "replacing", fill)
    with pytest.raises(StorageError, match="The disk is full"):
        added(files={f"covid/{number}.png": png(number) for number in (10, 11, 12)})
    assert everything(folder) == before


class Killed(BaseException):
    """Stands for a kill: nothing behind it may clean up."""


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_add_killed_while_it_is_carried_out_is_finished_later(monkeypatch, moves):
    folder, replace, done = added(), os.replace, []

    def die(source, destination):
        if folder in destination.parents and not destination.parent.name.startswith(".adding-"):
            if len(done) == moves:
                raise Killed("killed")
            done.append(destination)
        replace(source, destination)

    with monkeypatch.context() as patch, pytest.raises(Killed, match="killed"):
        patch.setattr(adding.os, "replace", die)
        added(
            files={
                "covid/new.png": png(10),
                "normal/new.png": png(11),
                "metadata.csv": b"file,patient_id\ncovid/new.png,p9\n",
            }
        )
    assert load_catalog(folder).num_films == 3 + min(moves, 2)
    list_datasets()
    assert load_catalog(folder).row("covid/new.png")["patient_id"] == "p9"
    assert load_catalog(folder).num_films == 5
    assert not list(folder.glob(".adding-*"))


@pytest.mark.parametrize("copied", [0, 1, 3])
def test_add_cancelled_leaves_nothing(copied):
    asked = iter(range(10))
    with pytest.raises(adding.Cancelled, match="was cancelled"):
        added(should_stop=lambda: next(asked) == copied)
    assert not own_dataset("mine").exists()


def test_add_killed_before_its_plan_is_forgotten(make_dataset):
    folder = added()
    before = everything(folder)
    (folder / ".adding-dead").mkdir()
    (folder / ".adding-dead" / "0").write_bytes(b"half")
    finish_interrupted(folder)
    assert everything(folder) == before


def test_finish_leaves_alone_what_another_process_adds():
    folder = added()
    (folder / ".adding-alive").mkdir()
    with adding.locked(folder):
        finish_interrupted(folder)
        assert (folder / ".adding-alive").is_dir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_add_to_a_read_only_folder_says_so(tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            add_films(review_files([("a.png", png(1))]), tmp_path / "x", {"a.png": "covid"})
    finally:
        tmp_path.chmod(0o755)


def test_add_where_a_file_is_in_the_way_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        add_films(review_files([("a.png", png(1))]), tmp_path / "file" / "x", {"a.png": "covid"})


def test_review_writes_nothing():
    before = sorted(home().rglob("*"))
    review_brought(from_zip(packed(SET)), target=own_dataset("mine"))
    assert sorted(home().rglob("*")) == before


def test_review_names_unreadable_files_with_the_reason():
    files = [("torn.png", png(1)[:-40]), ("empty.jpg", b""), ("text.png", b"hello"), ("small.png", png(1, (30, 30)))]
    review = review_files([*files, ("whole.png", png(2))])
    reasons = dict(review.unreadable)
    assert [film.name for film in review.films] == ["whole.png"]
    assert set(reasons) == {"torn.png", "empty.jpg", "text.png", "small.png"}
    assert "ends early" in reasons["torn.png"] and "zero bytes" in reasons["empty.jpg"]


def test_review_finds_the_same_content_among_the_files_and_in_the_set():
    folder = added()
    review = review_files([("x.png", SET["covid/a.png"]), ("y.png", png(9)), ("z.png", png(9))], target=folder)
    assert [(pair.name, pair.other, pair.is_there) for pair in review.exact] == [
        ("x.png", "covid/a.png", True),
        ("z.png", "y.png", False),
    ]
    assert set(review.pictures_there) == {"covid/a.png"}


@pytest.mark.parametrize(
    "likely",
    [
        encoded(cv2.resize(picture(1), (150, 140), interpolation=cv2.INTER_AREA), "PNG"),
        encoded(picture(1), "JPEG", quality=30),
        encoded(np.clip(picture(1) * 0.9 + 12, 0, 255).astype(np.uint8), "PNG"),
    ],
)
def test_review_finds_a_film_that_was_made_smaller_packed_or_brightened(likely):
    review = review_files([("b.png", likely), ("other.png", png(5))], target=added())
    assert [(pair.name, pair.other) for pair in review.near] == [("b.png", "covid/a.png")]
    assert review.exact == ()


def test_review_finds_the_patient_who_has_films_already():
    files = {"new.png": png(8), "metadata.csv": b"file,patient_id\nnew.png,p2\n"}
    review = review_brought(from_zip(packed(files)), target=added())
    (found,) = review.same_patient
    assert (found.patient_id, found.names, found.there) == ("p2", ("new.png",), ("normal/c.png",))


def test_review_finds_the_patient_with_several_new_films():
    (found,) = review_brought(from_zip(packed(SET))).same_patient
    assert (found.patient_id, found.names, found.there) == ("p1", ("covid/a.png", "covid/b.png"), ())


def test_review_says_what_is_odd_about_sizes_and_pixels():
    review = review_files([("long.png", png(1, (600, 250))), ("small.png", png(2, (100, 90))), ("fine.png", png(3))])
    assert [name for name, _ in review.odd] == ["long.png", "small.png"]
    assert "the long side is 2.4 times the short one" in review.odd[0][1]
    assert "smaller than the 224" in review.odd[1][1]


def test_review_tells_its_progress():
    told = []
    review_files([("a.png", png(8))], target=added(), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_list_datasets_names_what_is_present(make_dataset, monkeypatch):
    configured = make_dataset()
    monkeypatch.setenv("COVIDLAB_DATASET", str(configured))
    own = added("صور الصدر")
    (datasets_folder() / "empty").mkdir()
    assert list_datasets() == [("films", configured), ("صور الصدر", own)]


def test_list_datasets_tells_two_of_one_name_apart(make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="mine")))
    added("mine")
    assert [name for name, _ in list_datasets()][1] == "mine (datasets)"
    assert len({name for name, _ in list_datasets()}) == 2


def test_list_datasets_names_a_folder_that_a_person_named_even_where_it_is_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path / "nowhere"))
    assert list_datasets() == [("nowhere", tmp_path / "nowhere")]


def test_list_datasets_without_any_is_empty(tmp_path, monkeypatch):
    monkeypatch.delenv("COVIDLAB_DATASET", raising=False)
    monkeypatch.setattr("covidlab.paths.OWN_DATASET", tmp_path)
    assert list_datasets() == []
