"""Runs shows every run, opens one, compares several and deletes."""

import os
import subprocess
import sys

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.active_model import MODEL_SETTING
from covidlab.runs.archive import mark_as_copied
from covidlab.runs.notes import Notes, load_notes, save_notes
from covidlab.runs.store import RunStore
from covidlab.ui.runs.deletion import DELETE, PIN

PAGE = "pages/3_Runs.py"
NAME = "Run 1, rate 0.001, 3 epochs, 1 view, small"


def texts(app) -> str:
    elements = [*app.main.markdown, *app.main.caption, *app.main.info, *app.main.warning, *app.main.error]
    return "\n".join(element.value for element in elements).replace("\\", "")


def headings(app) -> list[str]:
    return [heading.value.replace("\\", "") for heading in app.main.subheader]


def labels(app) -> list[str]:
    return [button.label for button in app.main.button]


def test_runs_without_a_run_leads_to_train(draw):
    app = draw(PAGE)
    assert "No run yet" in texts(app)
    assert [link.label for link in app.main.page_link] == ["Train a model"]


def test_runs_table_has_a_row_a_run_with_figures_and_settings(draw, runs):
    table = draw(PAGE).main.dataframe[0].value
    assert table["run"].tolist() == ["2", "1"]
    assert table["preset"].tolist() == ["original", "default"]
    assert table["cross-validated accuracy"].str.fullmatch(r"\d\.\d\d \(\d\.\d\d to \d\.\d\d, n = \d+\)").all()
    assert table["cross-validated AUC"].str.fullmatch(r"\d\.\d\d \(\d\.\d\d to \d\.\d\d, n = \d+\)").all()
    assert (table["seconds"] > 0).all()


def test_runs_address_with_one_run_opens_its_report(draw, runs):
    app = draw(PAGE, run=runs[0].id)
    assert headings(app) == [NAME, "What it learned"]
    assert "X-rays: small, 16 X-rays" in texts(app)
    assert "Use this model" in labels(app)
    pin, delete = app.menu_button(key="runs_menu").options
    assert "Pin as baseline" in pin and "Delete" in delete
    downloads = [button.label for button in app.main.download_button]
    assert downloads == ["Runs (CSV)", "Curves (CSV)", "Download report", "Download model"]


def test_runs_chosen_cell_shows_its_x_rays_until_it_is_closed(draw, runs):
    app = draw(PAGE, run=runs[0].id)
    cell = next(f"{true}-{true}" for true in (0, 1) if runs[0].report()["confusion"][true][true])
    app.session_state[f"cell_of_{runs[0].id}"] = cell
    app.run()
    assert "validation X-ray" in texts(app)
    app.button(key=f"close_cell_{runs[0].id}").click().run()
    assert app.session_state[f"cell_of_{runs[0].id}"] == ""
    assert f"close_cell_{runs[0].id}" not in [button.key for button in app.main.button]


def test_runs_address_with_two_runs_shows_only_what_differs(draw, runs):
    app = draw(PAGE, run=[run.id for run in runs])
    assert headings(app) == ["Runs 1 and 2"]
    changed, figures = (table.value for table in app.main.table)
    assert changed.index.tolist() == ["preset"]
    assert changed.columns.tolist() == ["Run 1", "Run 2"]
    assert figures.index.tolist() == ["Accuracy", "Sensitivity", "Specificity", "Precision", "F1", "AUC"]


def test_runs_figures_by_validation_films_says_that_the_films_differ(draw, runs):
    app = draw(PAGE, run=[run.id for run in runs])
    assert "validated on different X-rays" not in texts(app)
    app.button_group(key="runs_source").set_value("validation").run()
    assert "validated on different X-rays" in texts(app)


def test_runs_pinned_baseline_is_compared_with_the_run_that_is_opened(draw, runs):
    app = draw(PAGE, run=runs[1].id)
    app.menu_button(key="runs_menu").click(PIN).run()
    app = draw(PAGE, run=runs[0].id, baseline=app.query_params["baseline"])
    assert headings(app) == ["Runs 2 and 1", NAME, "What it learned"]
    assert app.main.dataframe[0].value["run"].tolist() == ["2 (base)", "1"]


def test_runs_delete_names_what_is_lost_and_deletes_after_confirmation(draw, runs, monkeypatch):
    monkeypatch.setenv(MODEL_SETTING, runs[0].id)
    mark_as_copied(runs[0], "s3://bucket/runs", "")
    app = draw(PAGE, run=runs[0].id)
    app.menu_button(key="runs_menu").click(DELETE).run()
    said = "\n".join(element.value for element in app.markdown)
    assert f"**{NAME}** (" in said.replace("\\", "")
    assert "its settings, the curves of 3 epochs, its results and its model" in said
    assert "The model of run 1 is the one you use" in said
    assert "What was copied to the archive stays there." in said
    assert len(RunStore().list()) == 2
    app.button(key="runs_confirm").click().run()
    assert [run.id for run in RunStore().list()] == [runs[1].id]
    assert "run" not in app.query_params


def test_runs_long_table_of_x_rays_says_which_have_a_picture(draw, runs, monkeypatch):
    assert "have a small picture here" not in texts(draw(PAGE, run=runs[0].id))
    monkeypatch.setattr("covidlab.ui.shared.report.MOST_IN_TABLE", 2)
    said = f"The first 2 of {len(runs[0].predictions())} have a small picture here. Tick any other to see it."
    assert said in texts(draw(PAGE, run=runs[0].id))


def test_runs_delete_can_be_taken_back(draw, runs):
    app = draw(PAGE, run=runs[0].id)
    app.menu_button(key="runs_menu").click(DELETE).run()
    assert "archive" not in "\n".join(element.value for element in app.markdown)
    app.button(key="runs_keep").click().run()
    assert len(RunStore().list()) == 2


def test_runs_active_run_cannot_be_deleted_and_the_page_says_so(draw, runs):
    waiting = RunStore().create(TrainingConfig(dataset="somewhere"))
    app = draw(PAGE, run=waiting.id)
    (only,) = app.menu_button(key="runs_menu").options
    assert "Pin as baseline" in only
    assert "Run 3 waits or is under way and cannot be deleted; stop it first." in texts(app)


def test_runs_active_run_is_left_out_of_a_deletion(draw, runs):
    waiting = RunStore().create(TrainingConfig(dataset="somewhere"))
    app = draw(PAGE, run=[waiting.id, runs[0].id])
    app.menu_button(key="runs_menu").click(DELETE).run()
    app.button(key="runs_confirm").click().run()
    assert {run.id for run in RunStore().list()} == {waiting.id, runs[1].id}


@pytest.mark.parametrize("content", ['{"config": ', '{"config": null}'])
def test_runs_damaged_run_is_shown_as_damaged_and_can_be_deleted(draw, runs, content):
    (runs[0].path / "run.json").write_text(content)
    app = draw(PAGE, run=runs[0].id)
    assert app.main.dataframe[0].value["state"].tolist() == ["finished", "damaged"]
    assert "Run 1 is damaged." in texts(app)
    app.menu_button(key="runs_menu").click(DELETE).run()
    app.button(key="runs_confirm").click().run()
    assert [run.id for run in RunStore().list()] == [runs[1].id]


def test_runs_damaged_run_is_left_out_of_a_comparison(draw, runs):
    (runs[0].path / "run.json").write_text("{")
    app = draw(PAGE, run=[run.id for run in runs])
    assert "Runs 1 and 2" not in headings(app)


def test_runs_unknown_run_in_the_address_is_said_escaped(draw, runs):
    app = draw(PAGE, run="<b>*nobody*</b>")
    assert "There is no run of this name" in texts(app)
    assert r"\<b\>\*nobody\*" in app.main.warning[0].value


def test_runs_without_films_still_shows_the_report(draw, runs, monkeypatch, tmp_path):
    monkeypatch.setenv("COVIDLAB_DATASET", str(tmp_path))
    assert "What it learned" in headings(draw(PAGE, run=runs[0].id))


def test_runs_draws_without_tensorflow(runs):
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        f"app = AppTest.from_file('app.py', default_timeout=60).switch_page({PAGE!r}); "
        f"app.query_params['run'] = {runs[0].id!r}; app.run(); assert not app.exception; "
        "print(app.main.subheader[0].value[:5], [name for name in ('tensorflow', 'keras', 'scipy', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "Run 1 []"


def test_runs_report_of_unknown_patients_says_so_beside_what_one_answer_gives(draw, runs):
    data = {**runs[0].load_facts()["data"], "patients_known": False}
    runs[0].update_facts(data=data)
    app = draw(PAGE, run=runs[0].id)
    assert app.main.dataframe[0].value["patients"].tolist() == ["8", "not known"]
    assert f"{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}" in texts(app)
    assert "split by X-ray. Each X-ray is judged by models that did not train on it." in texts(app)
    assert "its patient" not in texts(app)
    assert "Always answering" in texts(app) or "Every X-ray was called" in texts(app)


def columns(app) -> list[str]:
    return list(app.main.dataframe[0].proto.column_order)


def test_runs_table_begins_with_the_settings_that_differ_and_shows_all_if_asked(draw, runs):
    app = draw(PAGE)
    assert columns(app)[:4] == ["run", "state", "preset", "honest curve"]
    assert "seed" not in columns(app)
    app.toggle(key="runs_all_columns").set_value(True).run()
    assert columns(app)[-1] == "precision"
    assert "seed" in columns(app)


def test_runs_change_of_each_figure_stands_beside_the_figures_with_its_interval(draw, runs):
    app = draw(PAGE, run=[run.id for run in runs])
    figures = app.main.table[1].value
    assert figures.columns.tolist() == ["Run 1", "Run 2", "Change of run 2"]
    assert (
        figures["Change of run 2"].str.fullmatch(r"[+−]?\d\.\d\d( \(−?\d\.\d\d to −?\d\.\d\d\)|, same answers)").all()
    )
    assert "Both runs judged the same 16 X-rays." in texts(app)


def test_runs_note_and_tags_are_saved_and_filter_the_table(draw, runs):
    app = draw(PAGE, run=runs[0].id)
    app.text_area(key=f"runs_note_{runs[0].id}").set_value("<b>best</b> so far")
    app.button(key=f"runs_note_save_{runs[0].id}").click().run()
    assert load_notes(runs[0]) == Notes(note="<b>best</b> so far")
    save_notes(runs[0], note="", tags=["*lesson*"])
    app = draw(PAGE)
    app.button_group(key="runs_tag_filter").set_value(["*lesson*"]).run()
    assert app.main.dataframe[0].value["run"].tolist() == ["1"]


def test_runs_repeats_are_one_row_and_compared_by_median_and_range(draw, runs):
    again = RunStore().create(TrainingConfig(**{**runs[0].load_config().to_dict(), "seed": 7}))
    again.update_facts(data=runs[0].load_facts()["data"])
    again.write_report(runs[0].report())
    app = draw(PAGE, run=runs[0].id)
    app.toggle(key="runs_group_repeats").set_value(True).run()
    assert app.main.dataframe[0].value["runs"].tolist() == ["1, 3", "2"]
    assert headings(app) == ["Runs 1, 3"]
    assert app.main.table[0].value.loc["Accuracy, cross-validation"].iloc[0].endswith(", 2 runs, n = 16)")
    assert "not how much other patients would" in texts(app)


def test_runs_curves_are_smoothed_only_if_asked_and_the_page_says_so(draw, runs):
    app = draw(PAGE, run=[run.id for run in runs])
    assert "These curves are smoothed" not in texts(app)
    app.select_slider(key="runs_smoothing").set_value(0.6).run()
    assert "These curves are smoothed; the figures below are not." in texts(app)
