"""What names of files and folders say of what they hold."""

from pathlib import PurePosixPath

import pytest

from covidlab.data.names import archive_class_name, is_hidden, is_made_folder, is_mask_folder, is_own, is_picture_name


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "covid/._a.png", "__MACOSX/covid/a.png", "covid/Thumbs.db", "Icon\r", "covid/Icon\r", ".git/a.png"],
)
def test_what_a_system_adds_is_hidden(name):
    assert is_hidden(PurePosixPath(name))


def test_an_x_ray_is_not_hidden():
    assert not is_hidden(PurePosixPath("covid/a.b.png"))


@pytest.mark.parametrize(
    "name", ["masks", "lung masks", "infection masks", "leftMask", "Ground-truths", "Lung Segmentation"]
)
def test_folder_of_masks_is_known_by_its_name(name):
    assert is_mask_folder(name)


@pytest.mark.parametrize("name", ["covid", "Lung Segmentation Data", "images"])
def test_folder_of_x_rays_is_no_folder_of_masks(name):
    assert not is_mask_folder(name)


@pytest.mark.parametrize(
    ("name", "is_made"), [("Grad-CAM", True), ("heat_maps", True), ("plots", True), ("covid", False)]
)
def test_folder_of_what_a_program_made_is_known_by_its_name(name, is_made):
    assert is_made_folder(name) is is_made


def test_selections_are_covidlabs_own():
    assert is_own(PurePosixPath("selections/a.json"))
    assert not is_own(PurePosixPath("covid/selections/a.png"))


@pytest.mark.parametrize(
    ("name", "is_picture"),
    [("a.jfif", True), ("a.JPEG", True), ("a.webp", True), ("a.csv", False), ("a", None), ("1.2.840.113564", None)],
)
def test_is_picture_name_leaves_what_only_the_content_tells(name, is_picture):
    assert is_picture_name(PurePosixPath(name)) is is_picture


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("covid-samples", "covid"),
        ("Class 1-samples", "Class 1"),
        ("covid (1)", "covid"),
        ("covid-samples (2)", "covid"),
        ("normal_images", "normal"),
        ("samples", "samples"),
    ],
)
def test_archive_class_name_leaves_out_what_programs_append(stem, name):
    assert archive_class_name(stem) == name


def test_marker_of_synthetic_x_rays_is_covidlabs_own():
    assert is_own(PurePosixPath("phantom.json"))
    assert not is_own(PurePosixPath("covid/a.png"))
