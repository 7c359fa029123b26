"""What people call a run."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.intake.adding import PHANTOMS_FOLDER
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.names import curated_fingerprint, data_name, readable_name
from covidlab.runs.store import Run, RunStore


def new_run(dataset="somewhere/ward", *, data=None, fingerprint="", **settings):
    run = RunStore().create(TrainingConfig(dataset=dataset, **settings), fingerprint=fingerprint)
    if data:
        run.update_facts(data=data)
    return run


def test_readable_name_of_usual_settings_has_number_rate_and_set():
    assert readable_name(new_run(learning_rate=0.003)) == "Run 1, rate 0.003, ward"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"preset": "original", "fine_tune": "block5"}, "preset original, depth block5"),
        ({"optimizer": "sgd", "batch_size": 4}, "batch 4, SGD with momentum"),
        (
            {"epochs": 40, "batch_size": 4, "seed": 1, "flip": True, "views": 5},
            "40 epochs, batch 4, 5 views and 2 more",
        ),
    ],
)
def test_readable_name_says_what_differs_from_the_defaults(settings, words):
    assert readable_name(new_run(**settings)) == f"Run 1, rate 0.001, {words}, ward"


def test_data_name_of_the_curated_fifty_is_the_same_before_and_after_the_run_begins():
    waiting = new_run("a/b", fingerprint=curated_fingerprint())
    begun = new_run("a/b", data={"name": "b", "fingerprint": curated_fingerprint(), "num_films": 50})
    assert data_name(waiting) == data_name(begun) == "real fifty"


def test_data_name_of_synthetic_x_rays_is_synthetic():
    assert data_name(new_run(f"home/{PHANTOMS_FOLDER}")) == "synthetic"
    mine = {"name": "mine", "num_training": 19, "num_training_synthetic": 19}
    assert data_name(new_run(data=mine)) == "synthetic"
    assert data_name(new_run(data={**mine, "num_training_synthetic": 3})) == "mine"


def test_readable_name_of_a_damaged_run_is_its_number():
    run = new_run()
    (run.path / "run.json").write_text('{"config": null}')
    assert readable_name(run) == "Run 1"


def test_readable_name_of_a_folder_with_control_characters_is_one_line():
    assert readable_name(new_run("x/a\n\u202eb" + "c" * 60)).startswith("Run 1, rate 0.001, a bcc")
    assert len(data_name(Run(RunStore().list()[0].path))) == 32


def test_readable_name_of_the_shipped_model_names_the_fifty():
    assert readable_name(Run(DEFAULT_MODEL)) == "The default model, rate 0.001, real fifty"
