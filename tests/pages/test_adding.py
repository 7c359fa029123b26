"""Curate brings X-rays of one's own into a data set."""

import io
import re
import threading

import numpy as np
import pytest
from PIL import Image

from covidlab.data.catalog import load_catalog
from covidlab.intake.adding import own_dataset
from covidlab.ui.curate import copying
from tests.intake.zips import packed
from tests.pages.curating import PAGE, run, texts


def png(seed) -> bytes:
    data = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
    Image.fromarray(pixels).resize((260, 250), Image.Resampling.BICUBIC).save(data, "PNG")
    return data.getvalue()


def look_through(app, data, *, name="my set", file="films.zip"):
    app.text_input(key="adding_name").set_value(name)
    app.file_uploader(key="adding_files_0").set_value([(file, data, "application/zip")])
    run(app).button(key="adding_review_start").click()
    return run(app)


@pytest.fixture
def adding(draw, make_dataset, monkeypatch):
    """The tab "Add films" of an installation whose user has no set of films yet."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 1, "normal": 1}, name="configured")))
    return draw(PAGE, curate_tab="Add X-rays")


def test_add_films_without_a_name_cannot_begin(adding):
    assert adding.button(key="adding_review_start").disabled
    assert "Give the set a name and choose X-rays" in texts(adding)


def press_add(app):
    app.button(key="adding_add").click()
    run(app)
    while "adding_stop_copying" in {button.key for button in app.button}:
        run(app)
    return app


def panels(app) -> list[str]:
    return [box.label for box in app.main.expander]


def drawn(app) -> str:
    return "\n".join(element.value for element in app.main.html)


def test_add_films_of_a_zip_are_reviewed_then_added(adding):
    files = {"covid/a.png": png(1), "normal/b.png": png(2), "normal/twin.png": png(2), "covid/masks/m.png": png(3)}
    app = look_through(adding, packed(files))
    assert "One folder for each class** (3 pictures). Nothing has been added yet." in texts(app)
    assert "2 X-rays: 1 COVID-19 (folder covid), 1 non-COVID (folder normal).** 1 picture left out." in texts(app)
    assert "Patients are not known" in texts(app)
    assert panels(app) == [
        "Left out: 2 (masks 1, the same as another X-ray 1)",
        "The same as another X-ray: 1",
        "Change single X-rays",
    ]
    assert app.main.dataframe[0].value["file"].tolist() == ["covid/masks/m.png", "normal/twin.png"]
    assert not own_dataset("my set").exists()
    assert "2 X-rays added to **my set**. Choose it in the sidebar" in texts(press_add(app))
    assert "my set" in app.sidebar.selectbox(key="data_set").options
    assert load_catalog(own_dataset("my set")).films["file"].tolist() == ["covid/a.png", "normal/b.png"]


def test_add_films_shows_the_tree_and_x_rays_of_each_class(adding):
    files = {f"Set/{kind}/images/{n}.png": png(n + 10 * len(kind)) for kind in ("COVID", "Normal") for n in range(6)}
    html = drawn(look_through(adding, packed(files)))
    assert html.count("class COVID</span>") == html.count("class Normal</span>") == 1
    assert html.count(', class COVID">') == html.count(', class Normal">') == 5


def test_add_films_that_cannot_be_read_are_named_and_above_five_in_a_hundred_confirmed(adding):
    app = look_through(adding, packed({"covid/a.png": png(1), "normal/b.png": png(2), "normal/torn.png": b"x"}))
    assert "1 of 3 pictures cannot be read (33 %)" in texts(app)
    assert app.main.dataframe[0].value["file"].tolist() == ["normal/torn.png"]
    assert app.button(key="adding_add").disabled
    app.checkbox(key="adding_without").check()
    press_add(run(app))
    assert load_catalog(own_dataset("my set")).num_films == 2


def test_add_films_in_two_classes_are_a_problem(adding):
    app = look_through(adding, packed({"covid/a.png": png(1), "normal/b.png": png(1), "normal/c.png": png(2)}))
    assert "1 X-ray is in two classes: covid/a.png and normal/b.png" in texts(app)


def test_add_films_asks_whether_a_pattern_is_the_patient_and_reads_nothing_again(adding, monkeypatch):
    files = {f"{kind}/{patient:08}_{n:03}.png": png(patient + n) for kind, patient in PATIENTS for n in range(2)}
    app = look_through(adding, packed(files))
    assert app.radio(key="adding_ask_patients_from_names").value == "no"
    assert "Patients are not known" in texts(app)
    monkeypatch.setattr("covidlab.ui.curate.adding.review_brought", None)
    app.radio(key="adding_ask_patients_from_names").set_value("yes")
    assert "4 patients, known for all X-rays." in texts(run(app))
    press_add(app)
    assert load_catalog(own_dataset("my set")).num_patients == 4


PATIENTS = [("covid", 1362), ("covid", 1400), ("normal", 2017), ("normal", 3055)]


def test_add_films_keeps_the_given_split_when_asked(adding):
    parts = (("train", 3), ("val", 1), ("test", 1))
    names = [
        f"{part}/{kind}/{n}{part}.png" for part, number in parts for kind in ("covid", "normal") for n in range(number)
    ]
    app = look_through(adding, packed({name: png(place) for place, name in enumerate(names)}))
    app.radio(key="adding_ask_keep_split").set_value("yes")
    assert "The given split is kept: 6 train, 2 validation, 2 test." in texts(run(app))
    press_add(app)
    assert load_catalog(own_dataset("my set")).films["given_part"].value_counts().to_dict() == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }


def test_add_films_waits_for_what_is_needed(adding):
    rows = [f"{n}.png,{'covid' if n % 2 else 'normal'},{'M' if n < 3 else 'F'}\n" for n in range(6)]
    table = "filename,finding,label\n" + "".join(rows)
    app = look_through(adding, packed({**{f"{n}.png": png(n) for n in range(6)}, "list.csv": table.encode()}))
    assert "needed" in app.radio(key="adding_ask_class_column").label
    assert "Answer first what is marked as needed." in texts(app)
    assert app.button(key="adding_add").disabled
    app.radio(key="adding_ask_class_column").set_value("finding")
    assert "6 X-rays: 3 COVID-19 (folder covid), 3 non-COVID (folder normal)." in texts(run(app))
    assert app.multiselect(key="adding_classes").value == ["covid", "normal"]


def test_add_films_cancelled_while_they_are_copied_leaves_nothing(adding, monkeypatch):
    monkeypatch.setattr("covidlab.ui.curate.copying._WAIT_SECONDS", 0)
    copied, add_films = threading.Event(), copying.add_films

    def slowly(*arguments, should_stop, **options):
        assert copied.wait(30)
        return add_films(*arguments, should_stop=should_stop, **options)

    monkeypatch.setattr(copying, "add_films", slowly)
    app = look_through(adding, packed({"covid/a.png": png(1), "normal/b.png": png(2)}))
    app.button(key="adding_add").click()
    run(app).button(key="adding_stop_copying").click()
    run(app)
    copied.set()
    monkeypatch.setattr("covidlab.ui.curate.copying._WAIT_SECONDS", 30)
    assert "Cancelled. Nothing was added." in texts(run(app))
    assert not own_dataset("my set").exists()


def test_add_films_to_a_set_that_is_there(adding):
    app = press_add(look_through(adding, packed({"covid/a.png": png(1), "normal/c.png": png(3)})))
    app.selectbox(key="adding_into").set_value("my set")
    app.file_uploader(key="adding_files_1").set_value(
        [("films.zip", packed({"covid/b.png": png(1)}), "application/zip")]
    )
    run(app).button(key="adding_review_start").click()
    assert re.findall('alt="([^"]*(?:new|in the set))"', drawn(run(app))) == [
        "covid/b.png, new",
        "covid/a.png, in the set",
    ]


def test_add_films_without_a_class_wait_for_one(adding):
    app = look_through(adding, png(1), file="a.png")
    assert app.button(key="adding_add").disabled
    app.multiselect(key="adding_classes").set_value(["covid"])
    run(app).selectbox(key="adding_fallback").set_value("covid")
    assert "It has one class so far" in texts(press_add(run(app)))


def test_add_films_look_alike_is_a_hint_with_both_pictures(adding):
    smaller = io.BytesIO()
    Image.open(io.BytesIO(png(1))).resize((240, 230)).save(smaller, "PNG")
    app = look_through(adding, packed({"covid/a.png": png(1), "covid/b.png": smaller.getvalue()}))
    assert panels(app) == ["Similar to another X-ray: 1", "Change single X-rays"]
    assert re.findall('alt="([^"]*new)"', drawn(app)) == [
        "covid/b.png, new",
        "covid/a.png, also new",
    ]


def test_add_films_wait_for_whoever_looks_at_another_page(adding):
    app = look_through(adding, packed({"covid/a.png": png(1), "normal/b.png": png(2)}))
    run(app.switch_page("pages/9_About.py"))
    app.switch_page(PAGE).query_params["curate_tab"] = "Add X-rays"
    run(app)
    assert not app.button(key="adding_add").disabled


def test_add_films_cancel_adds_nothing_and_begins_anew(adding):
    app = look_through(adding, packed({"covid/a.png": png(1)}))
    app.button(key="adding_cancel").click()
    assert run(app).file_uploader(key="adding_files_1").value == []
    assert app.text_input(key="adding_name").value == "my set"
    assert not own_dataset("my set").exists()


@pytest.mark.parametrize(
    ("data", "said"), [(b"no zip", "is no ZIP file"), (packed({"../a.png": b"x"}), "inside the archive")]
)
def test_add_films_of_a_bad_zip_says_why(adding, data, said):
    assert said in texts(look_through(adding, data))


def test_add_films_with_an_unusable_name_says_why(adding):
    assert "The name of a data set must have" in texts(look_through(adding, png(1), name="../up", file="a.png"))


def test_add_films_of_a_folder(adding, make_dataset):
    adding.text_input(key="adding_name").set_value("copy")
    adding.text_input(key="adding_folder").set_value(str(make_dataset(films_per_patient=2)))
    run(adding).button(key="adding_review_start").click()
    press_add(run(adding))
    assert load_catalog(own_dataset("copy")).num_patients == 6


def test_add_films_of_a_folder_that_is_none_says_so(adding):
    adding.text_input(key="adding_name").set_value("copy")
    adding.text_input(key="adding_folder").set_value("/no/such *folder*")
    run(adding).button(key="adding_review_start").click()
    assert "There is no such folder: /no/such *folder*" in texts(run(adding))
