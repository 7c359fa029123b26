"""Curate keeps decisions film by film."""

import json
import os
import subprocess
import sys

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.selections import create_selection, load_selection, selection_names
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.store import RunStore
from tests.pages.curating import PAGE, run, texts

FIRST = "covid/film-000.png"


@pytest.fixture
def folder(make_dataset, monkeypatch):
    """Fourteen films, seven covid and seven normal, with a selection "s"."""
    root = make_dataset({"covid": 7, "normal": 7}, films_per_patient=1)
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    create_selection(root, "s")
    return root


@pytest.fixture
def judged(folder):
    """A run whose validation films were covid 4, the worst, and normal 2."""
    judged = RunStore().create(TrainingConfig(dataset=str(folder)))
    rows = [
        "covid/film-004.png,c4,covid,normal,0.1,False,0.1,0.9",
        "normal/film-002.png,n2,normal,normal,0.3,True,0.3,0.7",
    ]
    head = "file,patient_id,class,predicted,probability,correct,p_covid,p_normal"
    (judged.path / "predictions.csv").write_text("\n".join([head, *rows]))
    return judged


def decide(app, file, action, name="s"):
    app.button_group(key=f"curate_action_{name}_{file}").set_value(action)
    return run(app)


def films_shown(app) -> list[str]:
    return [
        button.key.removeprefix("curate_open_")
        for button in app.button
        if (button.key or "").startswith("curate_open_")
    ]


def test_curate_of_a_set_that_cannot_be_used_says_why_and_still_adds_films(draw, make_dataset, monkeypatch):
    monkeypatch.setenv("COVIDLAB_DATASET", str(make_dataset({"covid": 2})))
    assert "At least two classes are needed" in texts(draw(PAGE))
    assert draw(PAGE, curate_tab="Add X-rays").file_uploader(key="adding_files_0").value == []


def test_curate_without_a_selection_asks_for_a_name_and_makes_it(draw, make_dataset, monkeypatch):
    root = make_dataset()
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    app = draw(PAGE)
    assert films_shown(app) == []
    app.text_input(key="curate_new_name").set_value('صور "clean" *set*')
    app.button(key="curate_create").click()
    assert len(films_shown(run(app))) == 12
    assert selection_names(root) == ['صور "clean" *set*']


@pytest.mark.parametrize("name", ["", "../up", "s"])
def test_curate_new_selection_with_an_unusable_name_says_why(draw, folder, name):
    app = draw(PAGE)
    app.text_input(key="curate_new_name").set_value(name)
    app.button(key="curate_create").click()
    assert "Received: " in texts(run(app))
    assert selection_names(folder) == ["s"]


def test_curate_drop_is_saved_at_once_and_counted(draw, folder):
    app = decide(draw(PAGE), FIRST, "drop")
    assert load_selection(folder, "s").excluded == (FIRST,)
    assert "1 dropped, 0 relabelled" in texts(app)
    assert "13 of 14 X-rays are left: 6 COVID-19, 7 non-COVID" in texts(app)


def test_curate_relabel_is_saved_with_its_class_and_reason(draw, folder):
    app = decide(draw(PAGE), FIRST, "relabel:normal")
    app.selectbox(key=f"curate_reason_s_{FIRST}").set_value("Not what its class says")
    run(app)
    made = load_selection(folder, "s").decisions[FIRST]
    assert (made.action, made.new_class, made.reason) == ("relabel", "normal", "Not what its class says")
    assert "COVID-19 → non-COVID" in app.button(key=f"curate_open_{FIRST}").label.replace("\\", "")


def test_curate_keep_takes_the_decision_back(draw, folder):
    app = decide(draw(PAGE), FIRST, "drop")
    decide(app, FIRST, "keep")
    assert load_selection(folder, "s").decisions == {}


def test_curate_undo_takes_back_the_last_change_and_the_control_shows_it(draw, folder):
    app = draw(PAGE)
    assert app.button(key="curate_undo").disabled
    app = decide(decide(app, FIRST, "drop"), "covid/film-001.png", "drop")
    app.button(key="curate_undo").click()
    run(app)
    assert load_selection(folder, "s").excluded == (FIRST,)
    assert app.button_group(key="curate_action_s_covid/film-001.png").value == "keep"


def test_curate_delete_asks_first(draw, folder):
    app = decide(draw(PAGE), FIRST, "drop")
    app.button(key="curate_delete").click()
    said = "\n".join(element.value for element in run(app).markdown)
    assert "**s**: its 1 decision with the reasons" in said
    assert selection_names(folder) == ["s"]
    app.button(key="curate_delete_confirm").click()
    run(app)
    assert selection_names(folder) == []


def test_curate_selection_that_stands_in_the_address_can_be_deleted(draw, folder):
    create_selection(folder, "second")
    app = draw(PAGE, curate_selection="second")
    app.button(key="curate_delete").click()
    run(app).button(key="curate_delete_confirm").click()
    run(app)
    assert selection_names(folder) == ["s"]
    assert app.selectbox(key="curate_selection").value == "s"


def test_curate_damaged_selection_is_said_and_can_be_deleted(draw, folder):
    (folder / "selections" / "s.json").write_text("{")
    app = draw(PAGE)
    assert "The selection s is damaged" in texts(app)
    app.button(key="curate_delete").click()
    run(app).button(key="curate_delete_confirm").click()
    run(app)
    assert selection_names(folder) == []


def test_curate_worst_films_of_a_run_come_first_and_the_rest_is_said(draw, judged):
    app = draw(PAGE)
    assert films_shown(app)[:3] == ["covid/film-004.png", "normal/film-002.png", FIRST]
    assert "The 2 validation X-rays of run 1 come first" in texts(app)
    assert "The other 12 X-rays have no loss" in texts(app)
    assert "Loss 2.30 · true class 0.10" in texts(app)


def test_curate_without_a_run_orders_by_name_and_says_so(draw, folder):
    app = draw(PAGE)
    assert films_shown(app)[0] == FIRST
    assert "No run has evaluated these X-rays yet" in texts(app)


def test_curate_run_of_another_set_is_not_offered(draw, judged, make_dataset, monkeypatch):
    root = make_dataset(name="other")
    create_selection(root, "s")
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    assert draw(PAGE).selectbox(key="curate_run").options == []


def test_curate_shows_twelve_films_a_page(draw, folder):
    app = draw(PAGE)
    assert len(films_shown(app)) == 12
    app.pagination[0].select(2)
    assert len(films_shown(run(app))) == 2


def test_curate_page_that_is_gone_gives_way_to_the_last(draw, make_dataset, monkeypatch):
    root = make_dataset({"covid": 16, "normal": 16})
    monkeypatch.setenv("COVIDLAB_DATASET", str(root))
    create_selection(root, "s")
    app = draw(PAGE)
    app.pagination[0].select(3)
    assert len(films_shown(run(app))) == 8
    for file in sorted((root / "covid").iterdir())[:10]:
        file.unlink()
    assert len(films_shown(run(app))) == 10


@pytest.mark.parametrize("key", ["curate_selection", "curate_run", "curate_show", "curate_tab"])
def test_curate_address_that_names_nothing_shows_the_films_all_the_same(draw, judged, key):
    assert len(films_shown(draw(PAGE, **{key: "*nobody*"}))) == 12


def test_curate_shows_the_films_decided_on_only(draw, folder):
    app = decide(draw(PAGE), "covid/film-003.png", "drop")
    app.selectbox(key="curate_show").set_value("decided")
    assert films_shown(run(app)) == ["covid/film-003.png"]


def test_curate_selection_that_empties_a_class_is_said(draw, folder):
    app = draw(PAGE)
    for number in range(7):
        decide(app, f"covid/film-{number:03d}.png", "drop")
    assert "leaves no X-ray of class covid" in texts(app)


def test_curate_film_that_changed_is_said_and_forgotten(draw, folder):
    decide(draw(PAGE), FIRST, "drop")
    (folder / FIRST).write_bytes((folder / "covid/film-001.png").read_bytes())
    app = draw(PAGE)
    assert f"1 X-ray changed since the decision: {FIRST}" in texts(app)
    next(button for button in app.button if button.label == "Forget the 1 decision").click()
    run(app)
    assert load_selection(folder, "s").decisions == {}


def test_curate_film_opens_large(draw, folder):
    app = draw(PAGE)
    app.button(key=f"curate_open_{FIRST}").click()
    assert any("covid/film-000.png" in element.value for element in run(app).html)


def test_curate_draws_without_tensorflow(folder):
    program = (
        "import sys, json; from streamlit.testing.v1 import AppTest; "
        f"app = AppTest.from_file('app.py', default_timeout=60).switch_page({PAGE!r}); app.run(); "
        "assert not app.exception; print(json.dumps(['tensorflow' in sys.modules, 'keras' in sys.modules]))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env={**os.environ}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, False]
