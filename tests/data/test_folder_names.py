"""What the name of a folder says: a class, a part of a split, a patient, or only a place."""

import pytest

from covidlab.data.folder_names import (
    is_patient_folder,
    is_place,
    is_surely_class,
    names_class,
    part_and_class,
    part_of_split,
    without_copy_number,
    words,
)


def test_words_are_parted_at_punctuation_digits_and_capitals():
    assert words("All247Images-CXR_png é") == ("all", "247", "images", "cxr", "png", "e")


@pytest.mark.parametrize(
    "name",
    [
        *("images", "CXR_png", "All247images", "images_001", "Röntgenbilder", "PA", "JPEGImages", "New folder (2)"),
        *("fold1", "Fold 5", "Hospital A", "drive-download-20240101T000000Z-001", "original", "2020-03-11", "20200311"),
        *("patient00012", "study1", "p10", "p10000032", "s50414267", "sub-S03000", "ses-E06000", "mod-rx", "00001362"),
        *("1.2.840.113564.1", "03e04301b15a", "PA000001", "patients", "unsorted", "archive"),
    ],
)
def test_a_place_is_no_class(name):
    assert is_place(name)


@pytest.mark.parametrize(
    "name",
    [
        *("covid", "COVID-19", "normal", "Viral Pneumonia", "Pneumothorax", "Consolidation", "Lung_Opacity", "others"),
        *("Test positive", "Negative for pneumonia", "0", "1", "Class 1", "Group A", "H1N1", "large", "Stage 2", "HIV"),
        *("Normal images", "COVID-19 X-rays", "gesund – ohne Befund", "肺炎", "défaut"),
    ],
)
def test_a_name_that_may_be_a_class_is_no_place(name):
    assert not is_place(name)
    assert part_of_split(name) == ""


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(
            ("train", "train"),
            ("Training Set", "train"),
            ("stage_2_train_images", "train"),
            ("train_val_list", "train"),
        ),
        *(("val", "validation"), ("Valid", "validation"), ("validate", "validation"), ("testing-data", "test")),
        *(("Test1", "test"), ("train_test", ""), ("latest", ""), ("contest", ""), ("trainee", "")),
    ],
)
def test_part_of_split_reads_the_name_of_a_folder_or_a_list(name, part):
    assert part_of_split(name) == part


@pytest.mark.parametrize("name", ["images", "covid", "7", "p10"])
def test_is_patient_folder_of_another_is_false(name):
    assert not is_patient_folder(name)


def test_names_class_knows_the_words_of_several_languages():
    assert all(map(names_class, ("COVID19", "nonCOVID", "unauffällig", "Neumonía", "TB", "No_Finding")))
    assert not any(map(names_class, ("Anna Maier", "ChinaSet_AllFiles", "p10", "0")))


def test_is_surely_class_leaves_out_the_name_of_a_whole_set():
    assert is_surely_class("COVID-19")
    assert not is_surely_class("COVID-19_Radiography_Dataset")


@pytest.mark.parametrize("name", ["covid (1)", "covid - Copy", "covid_copy", "covid - Kopie (2)"])
def test_without_copy_number_is_the_name_that_was_copied(name):
    assert without_copy_number(name) == "covid"
    assert without_copy_number("class (a)") == "class (a)"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("train_covid", ("train", "covid")),
        ("normal test", ("test", "normal")),
        ("viral_pneumonia", ("", "viral_pneumonia")),
    ],
)
def test_part_and_class_reads_a_name_that_says_both(name, read):
    assert part_and_class(name) == read
