"""What is known of a film is told in plain words."""

from covidlab.ui.shared.films import facts_html, film_facts, film_name, film_origin

FILM = {
    "file": "covid/a.png",
    "class": "covid",
    "finding": "COVID-19",
    "patient_id": "cohen-11",
    "age_group": "adult",
    "age_years": "56",
    "view_position": "AP",
    "view_printed_on_image": "AP",
    "view_metadata": "PA",
    "sha256": "0" * 64,
    "width": 100,
    "height": 80,
    "channels": 1,
    "bytes": 2048,
    "mask": "",
    "sex": "F",
    "offset_days": "",
    "licence": "CC BY 4.0",
    "scanner": "portable",
}


def test_film_name_names_class_view_and_patient():
    assert film_name(FILM) == "Chest X-ray, class COVID-19, AP, patient cohen-11"


def test_film_name_of_normal_says_non_covid():
    assert film_name({**FILM, "class": "normal"}).startswith("Chest X-ray, class non-COVID (folder normal)")


def test_film_name_view_not_stated_is_left_out():
    assert film_name({**FILM, "view_position": "not stated"}) == "Chest X-ray, class COVID-19, patient cohen-11"


def test_film_name_patient_not_stated_names_the_file():
    assert film_name({**FILM, "patient_id": "content-0123"}) == "Chest X-ray, class COVID-19, AP, file a.png"


def test_film_facts_printed_view_against_metadata_says_both():
    assert dict(film_facts(FILM))["View"] == "AP (taken from the front), as printed on the X-ray; its metadata says PA"


def test_film_facts_leave_out_what_is_not_stated():
    facts = dict(film_facts({**FILM, "age_group": "not stated", "age_years": ""}))
    assert "Age" not in facts
    assert "Day" not in facts


def test_film_facts_show_columns_they_do_not_know():
    assert dict(film_facts(FILM))["Scanner"] == "portable"


def test_film_origin_tells_licence_and_picture():
    origin = dict(film_origin(FILM))
    assert origin["Licence"] == "CC BY 4.0"
    assert origin["Picture"] == "100 × 80 pixels, grey, 2 kB"


def test_facts_html_escapes_labels_and_words():
    html = facts_html([("<b>", "<script>&")])
    assert "<dt>&lt;b&gt;</dt><dd>&lt;script&gt;&amp;</dd>" in html
