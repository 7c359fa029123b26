"""What a set holds is computed from its metadata, and agrees with what was measured on the curated fifty."""

import pandas as pd
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.flags import FLAGS, curated_films, flag_table, flags_by_film, is_curated_set, with_groups
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.data.summary import licence_counts, statements

NAMES = {"covid": "COVID-19", "normal": "non-COVID"}


@pytest.fixture(scope="module")
def fifty(curated):
    return load_catalog(curated)


@pytest.fixture
def described(make_dataset):
    """Return a function that writes metadata for two covid and two normal films and loads the set."""

    def make(**columns: list[str]):
        root = make_dataset({"covid": 2, "normal": 2})
        files = ["covid/film-000.png", "covid/film-001.png", "normal/film-000.png", "normal/film-001.png"]
        pd.DataFrame({"file": files, "patient_id": list("abcd"), **columns}).to_csv(root / "metadata.csv", index=False)
        return load_catalog(root)

    return make


def said(catalog) -> str:
    return "\n".join(statements(catalog, name_of=lambda folder: NAMES.get(folder, folder)))


@pytest.mark.curated
@pytest.mark.parametrize(
    ("flag", "number"),
    [
        ("AP called PA", 7),
        ("panel letter", 17),
        ("other text", 5),
        ("arrows", 1),
        ("intubated", 2),
        ("no abnormality", 1),
        ("same patient", 19),
        ("same picture", 0),
        ("synthetic", 0),
    ],
)
def test_flag_table_of_curated_films_counts_what_was_measured(fifty, flag, number):
    assert flag_table(fifty)[flag].sum() == number


@pytest.mark.curated
def test_flags_of_curated_film_reported_clear_say_so(fifty):
    flags = flags_by_film(fifty)
    assert flags["covid/nejmoa2001191_f1-PA.jpeg"] == ("panel letter", "no abnormality", "same patient")
    assert "no abnormality" not in flags["covid/nejmoa2001191_f3-PA.jpeg"]


@pytest.mark.curated
def test_flags_of_curated_normal_films_are_none(fifty):
    assert not any(flags for file, flags in flags_by_film(fifty).items() if file.startswith("normal/"))


@pytest.mark.curated
@pytest.mark.parametrize(
    "sentence",
    [
        "25 COVID-19 X-rays come from 12 patients (4, 4, 4, 3, 2, 2 X-rays and six with a single one).",
        "25 non-COVID X-rays come from 25 patients, one X-ray each.",
        "19 adult, 6 not stated; 19 have an age in years, 35 to 65.",
        "Age in 25 non-COVID X-rays: 25 child.",
        "Finding in 25 non-COVID X-rays: 12 bacterial pneumonia, 7 no finding, 6 viral pneumonia.",
        "1 of 25 COVID-19 X-rays is reported without thoracic abnormality.",
        "at least 7 of 25 X-rays are AP.",
        "17 of 25 COVID-19 X-rays, 0 of 25 non-COVID X-rays.",
    ],
)
def test_statements_on_curated_films_agree_with_the_facts(fifty, sentence):
    assert sentence in said(fifty)


@pytest.mark.curated
def test_statements_each_hold_a_number(fifty):
    assert all(any(letter.isdigit() for letter in line) for line in said(fifty).splitlines())


@pytest.mark.curated
def test_is_curated_set_of_the_fifty_holds(fifty):
    assert is_curated_set(fifty)


def test_flags_are_all_explained(described):
    assert list(flag_table(described()).columns) == list(FLAGS)


def test_flags_of_set_without_metadata_only_tell_the_same_picture(make_dataset):
    root = make_dataset({"covid": 3, "normal": 2})
    (root / "covid" / "copy.png").write_bytes((root / "covid" / "film-000.png").read_bytes())
    flags = flags_by_film(load_catalog(root))
    assert {file for file, labels in flags.items() if labels} == {"covid/copy.png", "covid/film-000.png"}
    assert flags["covid/copy.png"] == ("same picture",)


def test_flag_ap_outside_the_curated_films_is_no_contradiction(described):
    assert not flag_table(described(view_metadata=["AP"] * 4))["AP called PA"].any()


def test_flag_text_none_seen_or_arrows_only_is_no_text(described):
    table = flag_table(described(text_on_image=["none seen (clips)", "3 arrows", "'L'", ""]))
    assert table["other text"].tolist() == [False, False, True, False]
    assert table["arrows"].tolist() == [False, True, False, False]


def test_flag_no_abnormality_concerns_the_positive_class_only(described):
    table = flag_table(described(notes=["No thoracic abnormalities were noted.", "", "No abnormality.", ""]))
    assert table["no abnormality"].tolist() == [True, False, False, False]


def test_flag_synthetic_films_are_named_in_flags_and_sentences(described):
    catalog = described(synthetic=["1", "1", "1", ""])
    assert flag_table(catalog)["synthetic"].sum() == 3
    assert "3 of 4 X-rays are synthetic" in said(catalog)


def test_statements_without_metadata_say_only_what_can_be_computed(make_dataset):
    lines = said(load_catalog(make_dataset({"covid": 3, "normal": 2}))).splitlines()
    assert lines[0] == "5 X-rays: 3 COVID-19, 2 non-COVID."
    assert lines[1:] == ["The patient is stated for 0 of 5 X-rays.", PATIENTS_NOT_KNOWN]


@pytest.mark.parametrize(("ages", "warned"), [("adult child adult child", False), ("adult adult child child", True)])
def test_statements_warn_where_no_age_group_is_in_both_classes(described, ages, warned):
    assert ("No age group is in two classes (n = 4" in said(described(age_group=ages.split()))) == warned


def test_with_groups_names_size_and_colour_mode(make_dataset):
    films = with_groups(load_catalog(make_dataset(size=(600, 500))))
    assert set(films["size_group"]) == {"512 to 1023 pixels"}
    assert set(films["colour_mode"]) == {"grey"}


@pytest.mark.parametrize(("side", "group"), [(511, "under 512"), (512, "512 to"), (2047, "1024 to"), (2048, "2048")])
def test_with_groups_sizes_meet_without_a_gap(make_dataset, side, group):
    films = with_groups(load_catalog(make_dataset({"covid": 1, "normal": 1}, size=(side, 600 if side > 600 else 200))))
    assert films["size_group"].str.startswith(group).all()


def test_licence_counts_of_the_committed_list_agree_with_the_facts():
    counts = licence_counts(curated_films()).set_index("licence")["films"].to_dict()
    assert counts == {"not stated upstream": 20, "CC BY-NC-ND": 4, "CC BY-NC-SA": 1, "CC BY 4.0": 25}
