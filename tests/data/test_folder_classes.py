"""Which of the folders above a picture names its class."""

from collections import Counter

import pytest

from covidlab.data.folder_classes import about_changed_copies, classes_from_folders


def found(*folders: str, number=6, **options):
    """The classes of ``number`` pictures in each of the folders."""
    places = [f"{folder}/{at}.png".lstrip("/") for folder in folders for at in range(number)]
    return classes_from_folders({place: place for place in places}, **options)


def counts(*folders: str, **options) -> dict[str, int]:
    return dict(Counter(found(*folders, **options).classes.values()))


def test_class_folders_are_classes():
    assert counts("covid", "normal") == {"covid": 6, "normal": 6}


def test_classes_called_0_and_1_are_classes():
    assert counts("0", "1") == {"0": 6, "1": 6}


def test_folders_of_images_below_the_classes_are_passed_over():
    top = "COVID-19_Radiography_Dataset"
    assert counts(f"{top}/COVID/images", f"{top}/Viral Pneumonia/images") == {"COVID": 6, "Viral Pneumonia": 6}


@pytest.mark.parametrize(
    "pattern", ["{}/patient1/study1", "{}/2020-03-11", "{}/PA", "images_001/{}", "x/y/{}", "fold1/{}", "Hospital A/{}"]
)
def test_patients_dates_views_folds_and_hospitals_are_passed_over(pattern):
    assert counts(pattern.format("covid"), pattern.format("normal")) == {"covid": 6, "normal": 6}


def test_parts_of_a_split_are_no_classes_but_parts():
    read = found(
        "chest_xray/train/NORMAL", "chest_xray/val/NORMAL", "chest_xray/test/PNEUMONIA", "chest_xray/train/PNEUMONIA"
    )
    assert Counter(read.classes.values()) == {"NORMAL": 12, "PNEUMONIA": 12}
    assert Counter(read.parts.values()) == {"train": 12, "validation": 6, "test": 6}
    assert read.doubt == ""


def test_names_that_say_part_and_class_are_read_as_both():
    read = found("train_covid", "train_normal", "test_covid", "test_normal")
    assert Counter(read.classes.values()) == {"covid": 12, "normal": 12}
    assert Counter(read.parts.values()) == {"train": 12, "test": 12}
    assert "say a part of a split and a class" in read.sentences[0]


def test_test_positive_and_test_negative_are_classes():
    assert counts("test positive", "test negative") == {"test positive": 6, "test negative": 6}


def test_patients_beside_controls_are_a_class():
    assert counts("Patients", "Controls") == {"Patients": 6, "Controls": 6}


@pytest.mark.parametrize("folders", [("clinic X/covid", "ward Y/covid", "ward Y/normal"), ("a/b/COVID", "a/c/Normal")])
def test_level_with_words_for_classes_is_taken_wherever_it_is(folders):
    assert {name.casefold() for name in counts(*folders)} == {"covid", "normal"}


def test_class_below_a_folder_of_any_name_is_taken_beside_one_that_is_not():
    assert counts("my things/covid", "normal") == {"covid": 6, "normal": 6}
    assert counts("apple/mild", "pear/mild") == {"apple": 6, "pear": 6}


def test_classes_in_classes_count_as_the_outer_one_which_is_said():
    read = found("Pneumonia/Viral", "Pneumonia/Bacterial", "Normal")
    assert Counter(read.classes.values()) == {"Pneumonia": 12, "Normal": 6}
    assert "Pneumonia/Bacterial 6, Pneumonia/Viral 6" in read.sentences[0]
    assert read.levels == (("Normal", "Pneumonia"), ("Bacterial", "Viral"))
    assert counts("Pneumonia/Viral", "Pneumonia/Bacterial", "Normal", level=2) == {"Viral": 6, "Bacterial": 6}


def test_names_that_come_again_below_others_are_doubtful_where_neither_is_a_word_for_a_class():
    read = found("red/left", "red/right", "blue/left", "blue/right")
    assert read.is_level_open
    assert read.doubt
    assert counts("red/left", "red/right", "blue/left", "blue/right", level=2) == {"left": 12, "right": 12}


@pytest.mark.parametrize("folder", ["ChinaSet_AllFiles/CXR_png", "COVID-19_Radiography_Dataset/images", "my things"])
def test_one_folder_that_need_not_be_a_class_is_doubtful(folder):
    assert "may name a class or only a place" in found(folder).doubt


def test_one_folder_called_as_a_class_is_no_doubt():
    assert found("covid").doubt == ""


def test_many_folders_of_few_pictures_are_doubtful():
    assert "may be patients" in found("Anna", "Bert", "Carl", "Dora", number=2).doubt
    assert "may be patients" in found(*(f"someone {at}" for at in range(30)), number=1).doubt
    assert found("covid", "normal", number=1).doubt == ""


def test_places_alone_give_no_class_and_are_named():
    read = found("images", "train")
    assert read.classes == {}
    assert read.places == ("images", "train")


def test_picture_beside_the_class_folders_has_no_class():
    places = {name: name for name in ("covid/a.png", "covid/b.png", "normal/c.png", "normal/d.png", "overview.png")}
    assert "overview.png" not in classes_from_folders(places).classes


def test_picture_of_too_few_folders_has_no_class_of_another_level():
    places = ["a/covid/1.png", "b/covid/1.png", "a/normal/1.png", "b/normal/1.png", "a/1.png"]
    assert "a/1.png" not in classes_from_folders({place: place for place in places}).classes


def test_folder_that_looks_like_a_copy_is_said():
    assert (
        "covid and covid (1) have names like a folder and its copy"
        in found("covid", "covid (1)", "normal").sentences[0]
    )


@pytest.mark.parametrize("folder", ["augmented", "resized_224", "backup"])
def test_changed_copies_beside_x_rays_are_said(folder):
    assert folder in about_changed_copies([f"{folder}/covid/a.png", "covid/a.png"])[0]
    assert about_changed_copies([f"{folder}/covid/a.png", f"{folder}/normal/a.png"]) == []
    assert about_changed_copies(["covid/a.png"]) == []


def test_no_pictures_are_no_classes():
    assert classes_from_folders({}).classes == {}
