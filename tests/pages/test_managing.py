"""Curate renames and removes a set of the person's own, after saying what goes; other visitors are told."""

import shutil

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.selections import create_selection
from covidlab.intake.adding import datasets_folder, own_dataset
from covidlab.intake.sets import remove_dataset
from covidlab.runs.store import RunStore

PAGE = "pages/7_Curate.py"


@pytest.fixture
def own(make_dataset, monkeypatch):
    """A set "mine" of twelve X-rays with one selection, beside the configured set."""
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset(name="configured")))
    datasets_folder().mkdir(parents=True)
    folder = own_dataset("mine")
    shutil.copytree(make_dataset(name="copy"), folder)
    create_selection(folder, "s")
    return folder


def texts(app) -> str:
    elements = [*app.main.markdown, *app.main.caption, *app.main.warning, *app.main.error, *app.main.success]
    return "\n".join(element.value for element in elements).replace("\\", "")


def press(app, key):
    app.button(key=key).click()
    app.run()
    assert not app.exception
    return app


def test_configured_set_cannot_be_managed(draw, own):
    assert "Manage this set" not in [box.label for box in draw(PAGE).expander]


def test_rename_goes_on_with_the_set_under_its_new_name(draw, own):
    app = draw(PAGE, data_set="mine")
    app.text_input(key="manage_name_mine").set_value("ours *2*")
    app = press(app.run(), "manage_rename")
    assert "The data set mine is now called **ours *2***." in texts(app)
    assert app.sidebar.selectbox(key="data_set").value == "ours *2*"
    assert not own.exists()


def test_rename_to_a_name_that_is_taken_says_so(draw, own):
    own_dataset("other").mkdir()
    app = draw(PAGE, data_set="mine")
    app.text_input(key="manage_name_mine").set_value("other")
    assert "There is a data set of that name already" in texts(press(app.run(), "manage_rename"))
    assert own.is_dir()


def test_remove_says_what_goes_and_waits_for_the_answer(draw, own):
    app = press(draw(PAGE, data_set="mine"), "manage_remove")
    assert "12 X-rays and 1 selection of mine are deleted" in texts_of_all(app)
    press(app, "manage_keep")
    assert own.is_dir()


def test_remove_goes_on_with_another_set(draw, own):
    app = press(press(draw(PAGE, data_set="mine"), "manage_remove"), "manage_confirm")
    assert "The data set mine is removed. The pages now use configured." in texts(app)
    assert "There is no data set" not in texts(app)
    assert not own.exists()


def test_set_under_a_run_cannot_be_removed(draw, own):
    RunStore().create(TrainingConfig(dataset=str(own)))
    app = draw(PAGE, data_set="mine")
    assert app.button(key="manage_remove").disabled
    assert "Run 1 waits or trains on this set" in texts(app)


def test_visitor_whose_set_another_has_removed_is_told(draw, own):
    app = draw("pages/1_Browse.py", data_set="mine")
    remove_dataset(own)
    assert "There is no data set mine here; it may have been renamed or removed. This page uses configured." in texts(
        app.run()
    )
    assert "There is no data set" not in texts(press(app, "data_set_gone"))


def texts_of_all(app) -> str:
    return "\n".join(element.value for element in app.markdown).replace("\\", "")
