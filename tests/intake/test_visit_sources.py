"""What a folder of another hospital holds, and which of its classes is the positive one."""

import pytest

from covidlab.errors import DataError, UsageError
from covidlab.intake.visit_sources import FROM_NAMES, FROM_TABLES, UNKNOWN, bring, match_classes, stated_patients
from tests.other_hospital import class_names, write_patterns

SET = {"positive_class": "covid", "set_classes": ("covid", "normal")}


@pytest.mark.parametrize(
    ("classes", "positive"),
    [
        (["covid", "no_finding", "pneumonia"], {"covid"}),
        (["COVID-19", "healthy"], {"COVID-19"}),
        (["Covid", "whatever else"], {"Covid"}),
        (["covid"], {"covid"}),
        (["no_finding"], set()),
        (["Normal", "viral pneumonia"], set()),
        (["non-COVID"], set()),
    ],
)
def test_classes_are_matched_by_name(classes, positive):
    assert match_classes(classes, **SET) == positive


@pytest.mark.parametrize("classes", [["a", "b"], ["positive", "negative"], ["disease"], ["sars", "normal"]])
def test_classes_that_leave_it_open_are_refused_with_what_is_expected(classes):
    with pytest.raises(
        DataError, match=r"A folder called covid is expected, or X-rays without it alone.*normal or no_finding"
    ) as error:
        match_classes(classes, **SET)
    assert str(error.value).endswith(f"Received: {', '.join(sorted(classes))}.")


def test_classes_of_a_set_about_another_disease_are_matched_by_its_own_names():
    of_set = {"positive_class": "tuberculosis", "set_classes": ("healthy", "tuberculosis")}
    assert match_classes(["Tuberculosis", "covid"], **of_set) == {"Tuberculosis"}
    with pytest.raises(DataError, match="A folder called tuberculosis is expected"):
        match_classes(["covid"], **of_set)


def test_patients_are_read_from_names_where_these_fit(tmp_path):
    names = {f"no_finding/0000{place // 2}123_00{place % 2}.png": place for place in range(6)}
    _, layout = bring(write_patterns(tmp_path / "other", names))
    patients, source = stated_patients(layout)
    assert source == FROM_NAMES and len(set(patients.values())) == 3


def test_patients_of_a_table_are_stated_and_others_are_not_known(tmp_path):
    names = class_names(covid=2, normal=2)
    rows = {name: {"patient_id": f"p{place}"} for place, name in enumerate(names)}
    assert stated_patients(bring(write_patterns(tmp_path / "a", names, rows))[1])[1] == FROM_TABLES
    assert stated_patients(bring(write_patterns(tmp_path / "b", names))[1])[1] == UNKNOWN


def test_folder_of_one_class_is_understood_by_its_own_name(tmp_path):
    _, layout = bring(write_patterns(tmp_path / "no_finding", {"a.png": 1, "b.png": 2}))
    assert set(layout.classes.values()) == {"no_finding"}


def test_folder_without_classes_is_refused(tmp_path):
    with pytest.raises(DataError, match="One folder of X-rays for each class is expected"):
        bring(write_patterns(tmp_path / "pictures", {"a.png": 1, "b.png": 2}))


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"A folder or a ZIP file is expected. Received"):
        bring(tmp_path / "nothing")
