"""Predict reads films of the visitor and of the set, keeps nothing, and never speaks like a medical device."""

import gc
import re

import pytest
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from covidlab.child import ChildDied
from covidlab.errors import ModelError, TemporaryError
from covidlab.imaging.prepared import prepare_image
from covidlab.intake.upload import VisitorFilm
from covidlab.runs.active_model import MODEL_SETTING
from covidlab.runs.names import readable_name
from covidlab.services.reader import shared_reader
from covidlab.text import markdown_escaped
from tests.pages.predicting import PAGE, answers, file_names, texts, upload
from tests.xrays import xray_png

pytestmark = pytest.mark.usefixtures("quick_answers")


@pytest.fixture
def network(monkeypatch, quick_answers):
    """Ask the process that loads the model."""
    for module in ("reading", "watch"):
        monkeypatch.setattr(f"covidlab.ui.predict.{module}.shared_reader", shared_reader)


class InPlace:
    """A sandbox without processes."""

    prepare = staticmethod(prepare_image)


class Busy:
    """A sandbox whose processes are all taken."""

    def prepare(self, *_, **__):
        raise TemporaryError("Many files are being decoded at the moment. Try again in a minute.")


def raise_died():
    raise ChildDied(-9)


def test_predict_without_a_model_leads_to_train(draw, monkeypatch, tmp_path):
    monkeypatch.setattr("covidlab.runs.active_model.DEFAULT_MODEL", tmp_path / "not shipped")
    app = draw(PAGE)
    assert "There is no model yet" in texts(app)
    assert [link.label for link in app.main.page_link] == ["Train a model"]


def test_predict_upload_gives_receipt_permission_neighbours_and_then_the_number(draw, runs):
    app = upload(draw(PAGE), ("film.png", xray_png(160)))
    said = texts(app)
    order = [
        "Not from here.",
        "What this X-ray is",
        "May it be read?",
        "What it is like",
        "To this model",
        "between 0.53 and 0.73",
    ]
    on_the_page = "\n".join(str(getattr(element, "value", "")) for element in app.main)
    places = [on_the_page.index(words) for words in order]
    assert places == sorted(places)
    # What the viewer of the map takes too (ui/predict/explanation.py).
    assert re.search(r'"state":"viewer_[0-9a-f]{32}"', app.main.get("bidi_component")[0].proto.json.replace(" ", ""))
    assert "The file does not say:** kind of picture, body part, view and age." in said
    assert "Passing the checks does not mean that the number is right" in said
    assert "It is not the probability of a disease." in said


def test_predict_has_no_question_mark_without_a_name(draw, runs):
    """Streamlit calls the question mark of a widget by its label, that of text only "Help"."""
    app = upload(draw(PAGE), ("film.png", xray_png(160)))
    words = [*app.main.markdown, *app.main.caption, *app.main.subheader]
    assert words and not [element.value for element in words if element.proto.help]
    assert [part.proto.popover.label for part in app.main.get("popover")] == [
        "What the evidence means",
        "What the number means",
    ]


def test_predict_upload_that_is_not_of_the_set_says_so_first(draw, runs):
    app = upload(draw(PAGE), ("film.png", xray_png()))
    assert "Not from here." in app.main.warning[0].value
    assert "How this model does on X-rays of other hospitals is not known" in app.main.warning[0].value.replace(
        "\\", ""
    )


def test_predict_with_the_real_process_gives_every_part(draw, runs, network):
    app = upload(draw(PAGE), ("film.png", xray_png()))
    # Small computed X-rays lie close together, so that another one may be far from them.
    if anyway := [button for button in app.button if button.key.startswith("anyway_")]:
        anyway[0].click().run()
    said = texts(app)
    assert re.search(r"Learned from 12 X-rays of small\. Cross-validated AUC \d\.\d\d \(95 % interval", said)
    assert re.search(r"After 1 X-ray of your own, the evidence that they are not like the set is \d", said)
    assert re.search(r"(distance|Too unlike).* \d\.\d+, limit \d\.\d+", said)


def test_predict_xray_unlike_the_set_gives_a_number_only_to_who_asks_for_it(draw, runs):
    app = upload(draw(PAGE), ("film.png", xray_png(253)))
    assert app.main.error[0].value.startswith("**No.** covidlab gives no plain number")
    assert answers(app) == ["No number is shown"]
    assert "0.99" not in texts(app) and not app.main.get("plotly_chart")
    next(button for button in app.button if button.key.startswith("anyway_")).click().run()
    assert not app.exception
    assert "It means nothing for an X-ray that may not be read." in texts(app)
    assert len(answers(app)) == 1 and "0.99" in texts(app)
    next(button for button in app.button if button.label == "Hide the number again").click().run()
    assert answers(app) == ["No number is shown"]
    assert "0.99" not in texts(app) and not app.main.get("plotly_chart")


def test_predict_answer_across_the_operating_point_is_no_clear_one(draw, runs):
    assert answers(upload(draw(PAGE), ("film.png", xray_png(135))))[0].startswith("No clear answer")


def test_predict_evidence_over_a_visit_becomes_a_warning(draw, runs):
    app = upload(draw(PAGE), *((f"{number}.png", xray_png(100 + number)) for number in range(5)))
    warned = next(warning.value for warning in app.main.warning if "evidence" in warning.value)
    assert (
        "After 5 X-rays the evidence is over 20 to 1 that these are not like the set. It is 32 to 1 after 5." in warned
    )


def test_predict_never_says_the_word_of_a_test_result(draw, runs):
    app = upload(draw(PAGE), ("dark.png", xray_png(40)), ("bright.png", xray_png(160)), ("no X-ray.png", b"abc"))
    assert "positive" not in texts(app).lower()
    next(button for button in app.button if button.key.startswith("open_") and not button.disabled).click().run()
    assert "positive" not in str(app.main.get("plotly_chart")[0].proto).lower()


def test_predict_newest_film_is_on_top(draw, runs):
    app = upload(upload(draw(PAGE), ("first.png", xray_png(50))), ("second.png", xray_png(60)))
    assert file_names(app) == ["second.png", "first.png"]


def test_predict_refused_file_is_named_with_its_reason_and_the_next_one_is_read(draw, runs):
    app = upload(draw(PAGE), ("small.png", xray_png(size=(20, 20))), ("film.png", xray_png()))
    assert "2 X-rays**, 1 refused" in texts(app)
    assert "sides of 64 to 16,384 pixels" in texts(app)
    assert len(answers(app)) == 1


def test_predict_notes_of_a_conversion_are_shown(draw, runs):
    assert "The colour palette was converted to RGB." in texts(upload(draw(PAGE), ("film.png", xray_png(mode="P"))))


def test_predict_name_of_a_file_is_shown_escaped_and_shortened(draw, runs):
    name = "../<script>*Jane_Doe*" + "x" * 300 + "\u202e.png"
    app = upload(draw(PAGE), (name, xray_png()))
    shown = next(caption.value for caption in app.main.caption if "Jane" in caption.value)
    assert shown == f"X-ray 1 · {markdown_escaped(name, max_length=60)}"
    assert "<script>" not in shown and "\u202e" not in shown


def test_predict_upload_leaves_no_file_and_no_name_behind(draw, runs, covidlab_home, caplog):
    before = {path for path in covidlab_home.rglob("*") if path.is_file()}
    app = upload(draw(PAGE), ("Jane_Doe.png", xray_png()))
    added = {path for path in covidlab_home.rglob("*") if path.is_file()} - before
    # The log of acts says that somebody read an X-ray, and no name of it.
    (acts,) = (path for path in added if path.parent.name not in ("index", "thumbnails"))
    assert acts.name == "acts.jsonl" and "Jane" not in acts.read_text()
    assert "Jane" not in caplog.text
    assert app.file_uploader(key="predict_upload").value == []


def test_predict_uploaded_file_is_dropped_from_memory_once_it_is_read(draw, runs, monkeypatch):
    dropped = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda _, session_id, file_id: dropped.append(file_id)
    )
    upload(draw(PAGE), ("film.png", xray_png()), ("no X-ray.png", b"abc"))
    assert len(set(dropped)) == 2


def test_predict_clear_forgets_every_film(draw, runs):
    app = upload(draw(PAGE, film="covid/film-0.png"), ("film.png", xray_png()))
    assert len(answers(app)) == 2
    app.button(key="predict_clear").click().run()
    assert answers(app) == []
    assert "film" not in app.query_params
    assert app.session_state["predict_films"] == []
    assert "predict_watch" not in app.session_state


def test_predict_prevalence_draws_anew_without_reading_again(draw, runs, monkeypatch):
    app = upload(draw(PAGE), ("film.png", xray_png()))
    monkeypatch.setattr("covidlab.services.reader.Reader.predict", lambda *_, **__: pytest.fail("read again"))
    next(part for part in app.main.expander if "prevalence" in part.label)
    app.run()
    assert not app.exception


def test_predict_clear_and_another_click_at_once_forget_every_film(draw, runs):
    app = upload(draw(PAGE), ("a.png", xray_png(40)), ("b.png", xray_png(160)))
    app.button(key="predict_clear").click()
    next(button for button in app.button if button.key.startswith("open_")).click().run()
    assert not app.exception
    assert not answers(app)


def test_predict_cleared_x_rays_are_gone_from_memory(draw, runs):
    """Streamlit keeps the state before a run: it may hold no X-ray."""
    app = upload(draw(PAGE), *((f"{value}.png", xray_png(value)) for value in (253, 90)))
    app.button(key="predict_clear").click().run()
    gc.collect()
    assert [film for film in gc.get_objects() if isinstance(film, VisitorFilm)] == []


def test_predict_calls_no_button_with_an_x_ray_itself(draw, runs, monkeypatch):
    """Streamlit remembers what a button is called with until the session ends."""
    called_with, button = [], st.button
    monkeypatch.setattr(
        st, "button", lambda *names, **options: called_with.append(options) or button(*names, **options)
    )
    upload(draw(PAGE), *((f"{value}.png", xray_png(value)) for value in (90, 253)))
    handed = [value for options in called_with for value in options.get("args", ())]
    assert len(handed) == 3 and not [value for value in handed if isinstance(value, VisitorFilm)]


def test_predict_model_in_use_is_the_default_and_the_address_chooses_another(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    assert draw(PAGE).selectbox(key="predict_model").value == runs[0].id
    app = draw(PAGE, predict_model=readable_name(runs[1]))
    assert app.selectbox(key="predict_model").value == runs[1].id


def test_predict_address_of_an_earlier_version_still_chooses_the_model(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    app = draw(PAGE, predict_model="Run 2 (original, head)")
    assert app.selectbox(key="predict_model").value == runs[1].id


def test_predict_other_model_reads_the_films_again_without_their_files(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    app = upload(draw(PAGE), ("film.png", xray_png()))
    app.selectbox(key="predict_model").set_value(runs[1].id).run()
    assert not app.exception
    assert f"{readable_name(runs[1])}: Learned from" in texts(app)
    assert len(app.session_state["predict_films"][0].readings) == 2


def test_predict_film_of_the_set_says_what_the_model_has_seen_of_it(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    validation = set(runs[0].predictions()["file"])
    trained = next(f"covid/film-{n}.png" for n in range(8) if f"covid/film-{n}.png" not in validation)
    assert "The model has trained on this X-ray, so its result proves nothing." in texts(draw(PAGE, film=trained))
    assert "has trained neither on this X-ray nor on another one" in texts(draw(PAGE, film=min(validation)))


def test_predict_of_a_large_set_lists_some_films_and_the_one_asked_for(draw, runs, monkeypatch):
    monkeypatch.setattr("covidlab.ui.predict.choosing.MOST_SAMPLES", 3)
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    validation = set(runs[0].predictions()["file"])
    trained = next(f"normal/film-{n}.png" for n in range(7, 0, -1) if f"normal/film-{n}.png" not in validation)
    app = draw(PAGE, film=trained)
    chooser = next(box for box in app.selectbox if box.key.startswith("predict_sample_"))
    assert len(chooser.options) == 3
    assert chooser.value == trained
    assert "3 of 16 X-rays are listed" in texts(app)


def test_predict_film_chosen_from_the_list_is_read_and_put_into_the_address(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    app = draw(PAGE)
    chooser = next(box for box in app.selectbox if box.key.startswith("predict_sample_"))
    assert "new to this model" in chooser.options[0]
    assert "trained on" in chooser.options[-1]
    chooser.set_value("normal/film-3.png").run()
    assert not app.exception
    assert app.query_params["film"] == "normal/film-3.png"
    assert len(answers(app)) == 1


def test_predict_upload_that_is_a_film_of_the_set_is_recognised(draw, runs, trained_home):
    data = (trained_home[1] / "covid" / "film-0.png").read_bytes()
    app = upload(draw(PAGE), ("stranger.png", data))
    assert "The same X-ray is in the data set in use: covid/film-0.png." in texts(app)


def test_predict_without_films_of_a_set_still_reads_uploads(draw, runs, monkeypatch, tmp_path):
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path))
    app = upload(draw(PAGE), ("film.png", xray_png()))
    assert len(answers(app)) == 1


def test_predict_changed_model_file_is_refused_in_a_plain_sentence(draw, runs, network, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    with open(runs[0].model_path, "ab") as file:
        file.write(b"\0")
    app = upload(draw(PAGE), ("film.png", xray_png()))
    assert "is not the one its run saved" in app.main.error[0].value.replace("\\", "")
    assert answers(app) == []


def test_predict_reader_that_died_says_one_sentence_and_another_try_reads_the_film(draw, runs, monkeypatch):
    app = draw(PAGE)
    with monkeypatch.context() as patch:
        # What the socket does when the process is killed over a request (tests/services/test_reader.py kills one).
        patch.setattr("covidlab.child.Child.ask", lambda *_, **__: raise_died())
        patch.setattr("covidlab.ui.predict.uploads.shared_sandbox", InPlace)
        upload(app, ("film.png", xray_png()), ("other.png", xray_png(60)))
        assert "ended unexpectedly; a new one is starting" in texts(app)
        assert len(app.main.error) == 1
        assert answers(app) == []
    app.button(key="predict_retry").click().run()
    assert not app.exception
    assert len(answers(app)) == 2
    assert not app.main.error


def test_predict_busy_sandbox_keeps_the_files_for_another_try(draw, runs, monkeypatch):
    app = draw(PAGE)
    with monkeypatch.context() as patch:
        patch.setattr("covidlab.ui.predict.uploads.shared_sandbox", Busy)
        upload(app, ("film.png", xray_png()))
        assert "Many files are being decoded" in texts(app)
    app.button(key="predict_retry").click().run()
    assert not app.exception
    assert len(answers(app)) == 1


def test_predict_without_tensorflow_says_why_before_anything_is_uploaded(draw, runs, monkeypatch):
    monkeypatch.setattr(
        "covidlab.services.reader.Reader.failure",
        lambda *_: ModelError("TensorFlow cannot be loaded here, so no X-ray can be read; browsing works."),
    )
    assert "TensorFlow cannot be loaded here" in texts(draw(PAGE))


def test_predict_decodes_no_upload_in_the_server(draw, runs, monkeypatch):
    # Small pictures of the set's own X-rays are made in the server.
    monkeypatch.setattr("covidlab.imaging.prepared.decode", lambda *_, **__: pytest.fail("decoded in the server"))
    assert len(answers(upload(draw(PAGE), ("film.png", xray_png())))) == 1


def test_predict_many_films_are_listed_in_pages_and_in_the_order_chosen(draw, runs, monkeypatch):
    monkeypatch.setattr("covidlab.ui.predict.results.FILMS_A_PAGE", 2)
    app = upload(draw(PAGE), *((f"{value}.png", xray_png(value)) for value in (200, 20, 120, 180)))
    assert file_names(app) == ["180.png", "120.png", "20.png"]
    app.segmented_control(key="predict_order").set_value("Most doubt first").run()
    assert file_names(app) == ["180.png", "120.png", "200.png"]


def test_predict_xray_of_the_list_is_opened_in_full(draw, runs):
    app = upload(draw(PAGE), ("first.png", xray_png(50)), ("second.png", xray_png(60)))
    next(button for button in app.button if button.key.startswith("open_")).click().run()
    assert not app.exception
    assert file_names(app) == ["first.png", "second.png"]
