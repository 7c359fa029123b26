"""The settings of runs in words, which of them differ, and which runs repeat each other."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import RunError
from covidlab.runs.run_settings import SETTINGS, differing, repeats_of, settings_of
from covidlab.runs.store import RunStore


def new_run(**settings):
    run = RunStore().create(TrainingConfig(dataset="films", **settings))
    run.update_facts(data={"name": "films", "fingerprint": "abcdefgh", "num_patients": 8}, device="CPU")
    return run


def test_settings_of_a_run_have_every_name_and_no_folder():
    settings = settings_of(new_run(start_from="/srv/somebody/model.keras"))
    assert tuple(settings) == SETTINGS
    assert settings["X-rays"] == "films abcdef"
    assert settings["started from"] == "model.keras"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"optimizer": "sgd"}, {"optimizer": "SGD with momentum"}),
        ({"weight_decay": 0.0001}, {"weight decay": "0.0001"}),
        ({"class_weights": "balanced"}, {"class weights": "every class counts the same"}),
        ({"patience": 5}, {"patience": "5 epochs"}),
        ({"rotation": 0.0, "flip": True}, {"rotation": "0°", "mirrored copies": "yes"}),
        ({"shift": 0.1, "brightness": 0.2}, {"shift": "10 %", "brightness": "20 %"}),
    ],
)
def test_differing_names_every_setting_that_was_changed_and_no_other(changed, said):
    pair = [settings_of(new_run()), settings_of(new_run(**changed))]
    assert {name: pair[1][name] for name in differing(pair)} == said


def test_repeats_differ_in_the_seed_only():
    first, other, again = new_run(), new_run(learning_rate=0.01), new_run(seed=7)
    assert repeats_of([again, other, first]) == [[again, first], [other]]


def test_settings_of_a_damaged_run_raise_run_error():
    run = new_run()
    (run.path / "run.json").write_text("{")
    with pytest.raises(RunError, match="cannot be opened"):
        settings_of(run)
