"""Browse shows the films of a set in pages, filtered, and one of them large."""

import csv
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from covidlab.paths import PROJECT_ROOT

FIELDS = ("file", "patient_id", "finding", "view_metadata", "age_years", "notes", "mask")


def draw(**address) -> AppTest:
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30).switch_page("pages/1_Browse.py")
    for name, value in address.items():
        app.query_params[name] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def components(app: AppTest, name: str) -> list[dict]:
    """What the browser is given of all components of a name."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if proto.component_name == f"covidlab_{name}"]


def viewer_data(app: AppTest) -> dict:
    (data,) = components(app, "xray_viewer")
    return data


def cards(app: AppTest) -> list[dict]:
    """What the cards of the page say."""
    return [card for grid in components(app, "film_grid") for card in grid["cards"]]


def labels(card: dict) -> list[str]:
    return [flag["label"] for flag in card["flags"]]


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.main.markdown).replace("\\", "")


def facts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.main.html)


def sent_values(app: AppTest) -> list[str]:
    """Filters that the server gives a value; the browser draws them anew, at the next click once more."""
    return [widget.key for widget in app.multiselect if widget.proto.set_value]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Thirty small films: 26 covid of thirteen patients and four normal ones, described in metadata.csv."""
    root, rows = tmp_path / "set", []
    for number in range(30):
        kind = "covid" if number < 26 else "normal"
        file = f"{kind}/film-{number:02d}.png"
        (root / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((80, 80), 5 * number, np.uint8)).save(root / file)
        view, age = ("PA", "50") if number % 2 else ("AP", "4")
        rows.append(
            {"file": file, "patient_id": f"p{number // 2}", "finding": kind, "view_metadata": view, "age_years": age}
        )
    write_metadata(root, rows)
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    return root


def write_metadata(root, rows):
    with open(root / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.usefixtures("nobody_named_a_folder")
def test_browse_without_films_says_what_to_do():
    assert [code.value for code in draw().code] == ["python -m covidlab dataset import FOLDER"]


def test_browse_first_page_shows_24_films(folder):
    app = draw()
    assert len(cards(app)) == 24
    assert all(card["picture"].startswith("data:image/jpeg;base64,") for card in cards(app))
    assert "30 of 30 X-rays" in texts(app)


def test_browse_second_page_shows_the_rest(folder):
    app = draw(page="2")
    assert len(cards(app)) == 6
    assert app.pagination[0].value == 2


@pytest.mark.parametrize("page", ["0", "-3", "99", "two", ""])
def test_browse_page_out_of_range_still_shows_films_and_is_mended_in_the_address(folder, page):
    app = draw(page=page)
    assert cards(app)
    assert app.query_params.get("page") in ((None, "2") if page == "99" else (None,))


def test_browse_pager_puts_the_page_into_the_address(folder):
    app = draw()
    app.pagination[0].select(2)
    assert run(app).query_params["page"] == "2"


def test_browse_filter_of_class_keeps_its_films_only(folder):
    app = draw()
    app.multiselect(key="browse_class").set_value(["normal"])
    run(app)
    assert "4 of 30 X-rays" in texts(app)
    assert all("non-COVID (folder normal)" in card["name"] for card in cards(app))


def test_browse_filters_of_two_kinds_must_both_hold(folder):
    app = draw(browse_class="covid", browse_view="PA", browse_age_group="adult")
    assert "13 of 30 X-rays" in texts(app)


def test_browse_filter_sends_back_to_the_first_page(folder):
    app = draw(page="2")
    app.multiselect(key="browse_class").set_value(["covid"])
    assert "page" not in run(app).query_params


def test_browse_filters_that_nothing_passes_say_so(folder):
    app = draw(browse_class="normal", browse_patient="p0")
    assert "No X-ray passes" in app.info[0].value
    assert "0 of 30 X-rays" in texts(app)


def test_browse_part_of_a_file_name_finds_it_in_any_case(folder):
    file = cards(draw())[3]["file"]
    app = draw()
    app.text_input(key="browse_file").set_value(f" {file[:-2].upper()} ")
    run(app)
    assert [card["file"] for card in cards(app)] == [file]
    app.button[0].click()
    run(app)
    assert "30 of 30 X-rays" in texts(app)


def test_browse_clear_filters_shows_all_films_again(folder):
    app = draw(browse_class="normal", browse_patient="p0")
    app.button[0].click()
    run(app)
    assert "30 of 30 X-rays" in texts(app)


def test_browse_choice_that_leaves_all_films_in_can_be_cleared_too(folder):
    app = draw(browse_view=["PA", "AP"])
    assert "30 of 30 X-rays" in texts(app)
    next(button for button in app.button if button.label == "Clear filters").click()
    assert run(app).multiselect(key="browse_view").value == []
    assert "Clear filters" not in [button.label for button in app.button]


def test_browse_makes_the_pictures_of_the_next_page_after_its_own(folder, tmp_path):
    draw()
    for thread in threading.enumerate():
        if thread.name == "prepare thumbnails":
            thread.join()
    assert len(list((tmp_path / "home" / "thumbnails").iterdir())) == 30


def test_browse_sends_values_to_the_filters_that_change_only(folder):
    app = draw()
    assert sent_values(app) == []
    app.multiselect(key="browse_view").set_value(["PA"])
    assert sent_values(run(app)) == []
    next(button for button in app.button if button.label == "Clear filters").click()
    assert sent_values(run(app)) == ["browse_view"]
    assert sent_values(draw(browse_view="PA")) == ["browse_view"]


def test_browse_film_in_the_address_is_named_as_on_its_card(folder):
    card = cards(draw())[3]
    assert card["name"] == "Chest X-ray, class COVID-19, PA, patient p1"
    assert viewer_data(draw(film=card["file"]))["panes"][0]["title"] == card["name"]


def test_browse_film_in_the_address_shows_what_is_known(folder):
    known = facts(draw(film="covid/film-03.png"))
    assert "COVID-19 (folder covid)" in known
    assert "50 years (adult)" in known
    assert "PA (taken from behind)" in known


def test_browse_film_has_a_way_to_its_reading(folder):
    links = [link.proto for link in draw(film="covid/film-03.png").main.page_link]
    assert [(link.page, link.query_string) for link in links] == [("Predict", "film=covid%2Ffilm-03.png")]


def test_browse_film_shows_other_films_of_the_patient(folder):
    app = draw(film="covid/film-03.png")
    assert [card["file"] for card in cards(app)] == ["covid/film-02.png"]


def test_browse_unknown_film_in_the_address_says_so(folder):
    app = draw(film="covid/*bold*.png")
    assert r"covid\/\*bold\*\.png" in app.warning[0].value


def test_browse_next_and_previous_stay_within_the_filters(folder):
    app = draw(film="normal/film-27.png", browse_class="normal")
    next_button = next(button for button in app.button if button.label == "Next")
    next_button.click()
    assert run(app).query_params["film"] == "normal/film-28.png"
    assert "X-ray 3 of 4" in texts(app)


def test_browse_last_film_is_followed_by_the_first(folder):
    app = draw(film="normal/film-29.png", browse_class="normal")
    next(button for button in app.button if button.label == "Next").click()
    assert run(app).query_params["film"] == "normal/film-26.png"


def test_browse_all_films_goes_back_to_the_page_left(folder):
    app = draw(film="normal/film-29.png", page="2")
    app.button[0].click()
    run(app)
    assert "film" not in app.query_params
    assert app.pagination[0].value == 2


def test_browse_film_without_mask_says_so(folder):
    (pane,) = viewer_data(draw(film="covid/film-03.png"))["panes"]
    assert (pane["overlay"], pane["caption"]) == ("", "There is no lung mask for this X-ray.")


def test_browse_hostile_metadata_is_shown_as_text(folder):
    hostile = "<img src=x onerror=alert(1)>"
    write_metadata(
        folder, [{"file": "covid/film-03.png", "patient_id": "**x** :red[y]", "finding": hostile, "notes": hostile}]
    )
    app = draw(film="covid/film-03.png")
    assert hostile not in facts(app)
    assert "&lt;img src=x onerror=alert(1)&gt;" in facts(app)
    (card,) = cards(draw(browse_finding=hostile))
    assert (card["kind"], card["who"]) == ("COVID-19", "**x** :red[y]")


def test_browse_without_metadata_offers_no_filter_it_cannot_answer(folder):
    (folder / "metadata.csv").unlink()
    assert [choice.key for choice in draw().multiselect] == ["browse_class"]


def test_browse_sees_a_film_added_to_the_folder(folder):
    app = draw()
    Image.fromarray(np.full((80, 80), 255, np.uint8)).save(folder / "normal" / "film-new.png")
    assert "31 of 31 X-rays" in texts(run(app))


def test_browse_film_that_cannot_be_read_leaves_the_others_and_is_named(folder):
    damaged = folder / "covid" / "film-03.png"
    damaged.write_bytes(damaged.read_bytes()[:40])
    app = draw()
    assert "29 of 29 X-rays" in texts(app)
    assert "1 file is not used" in [box.label for box in app.expander]
    assert "covid/film-03.png" in app.dataframe[0].value["file"].tolist()


def test_browse_set_without_covid_asks_for_the_positive_class(folder):
    (folder / "metadata.csv").unlink()
    (folder / "covid").rename(folder / "dogs")
    app = draw()
    app.button(key="choose_dogs").click()
    run(app)
    assert "30 of 30 X-rays" in texts(app)
    assert app.query_params["positive_class"] == "dogs"


def test_browse_curated_film_marks_the_lungs(curated, tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path))
    app = draw(film="covid/ryct.2020200034.fig5-day4.jpeg", browse_mask="true")
    assert "as printed on the X-ray; its metadata says PA" in facts(app)
    data = viewer_data(app)
    assert (data["layer"]["name"], data["layer"]["shown"]) == ("Lung mask", True)
    assert data["panes"][0]["overlay"].startswith("data:image/png")


def test_browse_draws_without_tensorflow(folder):
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "app = AppTest.from_file('app.py', default_timeout=30).switch_page('pages/1_Browse.py').run(); "
        "assert 'covidlab_film_grid' in {element.proto.component_name for element in app.get('bidi_component')}; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        # Where it ends badly, the stack of every thread is in the message.
        env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["False", "False"]), done.stderr


def test_browse_of_very_many_patients_lists_some_and_takes_any(folder, monkeypatch):
    monkeypatch.setattr("covidlab.ui.browse.filters.MOST_LISTED", 10)
    app = draw(browse_patient="p14")
    listed = app.multiselect(key="browse_patient").options
    assert len(listed) == 10 and "p14" not in listed
    assert "2 of 30 X-rays" in texts(app)
    assert "The list holds the 10 with the most X-rays, of 15" in app.multiselect(key="browse_patient").help


def test_browse_flag_filter_keeps_its_films_only(folder):
    app = draw(browse_flag="same patient", browse_class="normal")
    assert "4 of 30 X-rays" in texts(app)


def test_browse_card_carries_its_flags_as_labels(folder):
    assert labels(cards(draw())[0]) == ["same patient"]


def test_browse_film_says_what_its_flags_mean(folder):
    assert "The set has another X-ray of this patient." in texts(draw(film="covid/film-03.png"))


def test_browse_panels_are_closed_and_draw_nothing_at_first(folder):
    app = draw()
    assert not app.get("plotly_chart")
    assert "come from" not in texts(app)


def test_browse_contents_opened_say_what_is_in_the_set(folder):
    assert "26 COVID-19 X-rays come from 13 patients" in texts(draw(browse_contents="true"))


def test_browse_charts_opened_draw_one_for_each_filter(folder):
    app = draw(browse_charts="true")
    assert len(app.get("plotly_chart")) == len(app.multiselect)


def test_browse_films_of_a_patient_stand_in_order_of_days(curated, tmp_path, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(curated))
    app = draw(film="covid/auntminnie-b-2020_01_28_23_51_6665_2020_01_28_Vietnam_coronavirus.jpeg")
    assert [card["who"] for card in cards(app)] == ["day 0", "day 5", "day 6"]


def test_browse_synthetic_film_says_so_everywhere(folder):
    rows = [{"file": "covid/film-03.png", "patient_id": "p", "synthetic": "1"}]
    with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("file", "patient_id", "synthetic"))
        writer.writeheader()
        writer.writerows(rows)
    app = draw(film="covid/film-03.png")
    assert viewer_data(app)["panes"][0]["title"].startswith("Synthetic chest X-ray")
    assert "<dt>Synthetic</dt><dd>yes</dd>" in facts(app)
    assert "first symptoms" not in facts(app)
    assert "synthetic" in labels(cards(draw(browse_flag="synthetic"))[0])
