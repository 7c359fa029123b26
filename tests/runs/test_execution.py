"""One run from configuration to report, on real layers and small films."""

import errno
import json
import pkgutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.data.decisions import Decision
from covidlab.data.selections import change_decision, create_selection
from covidlab.learning import trainer
from covidlab.learning.modelcard import file_sha256
from covidlab.runs.execution import Execution
from covidlab.runs.jobs import EngineName
from covidlab.runs.learning_record import load_record
from covidlab.runs.store import RunStore

FIGURES = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")

pytestmark = pytest.mark.usefixtures("warm_home")


def execute(config, **options):
    run = RunStore().create(config, engine=EngineName.INLINE)
    with run.locked():
        execution = Execution(run, **options)
        return run, execution.execute()


@pytest.fixture
def config(make_dataset):
    return TrainingConfig(dataset=str(make_dataset()), epochs=3, views=1)


def test_execute_head_run_leaves_a_whole_directory(config):
    run, status = execute(config)
    assert (status.state, status.epoch) == ("finished", 3)
    assert run.history()["epoch"].tolist() == [1, 2, 3]
    assert run.model_path.stat().st_size < 1_000_000
    assert run.load_facts()["model_sha256"] == file_sha256(run.model_path)
    assert not (run.path / "checkpoint.npz").exists()
    assert {"config", "data", "device", "versions"} <= run.load_facts().keys()


def test_execute_report_holds_every_figure_with_interval_and_n(config):
    run, _ = execute(config)
    report = run.report()
    for figures in (report, report["cross_validation"]):
        assert all({"value", "low", "high", "n"} <= figures[name].keys() for name in FIGURES)
    assert report["accuracy"]["n"] == len(run.predictions()) == np.sum(report["confusion"])
    assert report["cross_validation"]["accuracy"]["n"] == 12
    assert set(report["seconds"]) == {"total", "activations", "training"}
    json.dumps(report, allow_nan=False)


def test_execute_twice_gives_the_same_figures_and_computes_nothing_anew(config):
    first, _ = execute(config)
    second, _ = execute(config)
    assert second.report()["seconds"]["activations"] == 0
    assert first.predictions().equals(second.predictions())
    assert first.report()["cross_validation"]["auc"] == second.report()["cross_validation"]["auc"]


def test_execute_other_seed_gives_other_weights(config):
    first, _ = execute(config)
    second, _ = execute(TrainingConfig(**{**config.to_dict(), "seed": 7}))
    assert not np.allclose(first.predictions()["probability"], second.predictions()["probability"])


def test_execute_stopped_after_an_epoch_keeps_what_it_learned(config):
    run = RunStore().create(config, engine=EngineName.INLINE)
    with run.locked():
        status = Execution(run, should_stop=lambda: len(run.history()) >= 2).execute()
    assert (status.state, status.epoch) == ("stopped", 2)
    assert run.model_path.exists()
    assert run.report()["epochs_done"] == 2
    assert "stopped" in run.report()["cross_validation"]["skipped"]


def test_execute_stopped_within_an_epoch_reports_the_last_finished_one(config):
    run = RunStore().create(replace(config, batch_size=2, learning_rate=0.01), engine=EngineName.INLINE)
    asked = []

    def in_the_third_step_of_the_second_epoch():
        asked.append(len(run.history()))
        return asked.count(1) > 4

    with run.locked():
        status = Execution(run, should_stop=in_the_third_step_of_the_second_epoch).execute()
    assert (status.state, status.epoch) == ("stopped", 1)
    assert len(run.steps()["epoch"].unique()) == 2
    predicted, last = run.predictions(), run.history().iloc[-1]
    of_truth = predicted["probability"].where(predicted["class"] == "covid", 1 - predicted["probability"])
    assert -np.log(of_truth).mean() == pytest.approx(last["val_loss"], rel=1e-3)


def test_execute_stopped_while_validation_films_are_read_keeps_what_was_finished(config, monkeypatch):
    run = RunStore().create(config, engine=EngineName.INLINE)
    execution = Execution(run, should_stop=lambda: stopping)
    stopping, predict_films = False, trainer.predict_films

    def pressed(*arguments):
        nonlocal stopping
        stopping = len(run.history()) >= 1
        return predict_films(*arguments)

    monkeypatch.setattr(trainer, "predict_films", pressed)
    with run.locked():
        status = execution.execute()
    assert (status.state, status.epoch) == ("stopped", 1)
    assert run.report()["epochs_done"] == 1
    assert run.model_path.exists()


def test_execute_interrupted_run_resumes_and_equals_an_undisturbed_one(config, monkeypatch):
    undisturbed, _ = execute(config)
    run = RunStore().create(config, engine=EngineName.INLINE)

    def killed(self, result):
        original(self, result)
        if result.epoch == 2:
            raise SystemExit

    original = Execution._on_epoch
    monkeypatch.setattr(Execution, "_on_epoch", killed)
    with run.locked(), pytest.raises(SystemExit):
        Execution(run).execute()
    monkeypatch.setattr(Execution, "_on_epoch", original)
    assert run.status().state == "interrupted"
    with run.locked():
        assert Execution(run).execute().state == "finished"
    assert run.history()["epoch"].tolist() == [1, 2, 3]
    assert "resumes after epoch 2" in (run.path / "log.txt").read_text()
    np.testing.assert_allclose(run.predictions()["probability"], undisturbed.predictions()["probability"], atol=1e-6)


@pytest.mark.parametrize("step", ["covidlab.runs.execution.save_checkpoint", "covidlab.runs.store.Run.append_history"])
def test_execute_killed_between_an_epoch_and_its_checkpoint_resumes_with_every_line(config, monkeypatch, step):
    """Whichever of the two is not written any more, no line is missing and none stands twice."""
    run = RunStore().create(config, engine=EngineName.INLINE)
    original = pkgutil.resolve_name(step)

    def killed(*arguments, epoch, **options):
        if epoch == 2:
            raise SystemExit
        original(*arguments, epoch=epoch, **options)

    monkeypatch.setattr(step, killed)
    with run.locked(), pytest.raises(SystemExit):
        Execution(run).execute()
    monkeypatch.setattr(step, original)
    with run.locked():
        assert Execution(run).execute().state == "finished"
    assert run.history()["epoch"].tolist() == [1, 2, 3]


def test_execute_diverging_rate_fails_in_a_plain_sentence(config, monkeypatch):
    monkeypatch.setattr("covidlab.learning.learners.HeadLearner.train_batch", lambda *arguments: (float("nan"), 0.0))
    run, status = execute(config)
    assert status.state == "failed"
    assert "learning rate 0.001 is too high" in run.status().reason


def test_execute_full_disk_is_named_and_leaves_no_half_file(config, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("covidlab.runs.checkpoint.np.savez", full)
    run, status = execute(config)
    assert status.state == "failed"
    assert "disk is full" in status.reason
    assert not list(run.path.glob("*tmp*"))
    assert not (run.path / "model.keras").exists()


def test_execute_too_little_space_is_refused_before_the_start(config, monkeypatch):
    monkeypatch.setattr("covidlab.files.shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    run, status = execute(config)
    assert "too full" in status.reason
    assert len(run.history()) == 0


def test_execute_unreadable_film_is_named(config, tmp_path):
    damaged = tmp_path / "films" / "covid" / "film-001.png"
    damaged.write_bytes(damaged.read_bytes()[:600])
    _, status = execute(config)
    assert status.state == "failed"
    assert "film-001.png" in status.reason


def test_execute_data_changed_since_the_run_was_queued_fails_in_one_sentence(config):
    folder = Path(config.dataset)
    run = RunStore().create(config, fingerprint=load_catalog(folder).fingerprint)
    (folder / "covid" / "film-001.png").unlink()
    with run.locked():
        status = Execution(run).execute()
    assert status.state == "failed"
    assert status.reason.startswith("The data set films has changed since this run was queued")


def test_execute_three_classes_reports_the_positive_one_against_the_rest(make_dataset):
    folder = make_dataset({"covid": 6, "normal": 6, "other": 6})
    run, status = execute(TrainingConfig(dataset=str(folder), epochs=2, views=1))
    assert status.state == "finished"
    assert np.array(run.report()["confusion"]).shape == (3, 3)
    assert {"p_covid", "p_normal", "p_other"} <= set(run.predictions().columns)


@pytest.mark.parametrize("depth", ["block5", "all"])
def test_execute_deeper_run_changes_the_blocks_it_may_and_no_others(make_dataset, depth):
    from covidlab.config import PRESETS
    from covidlab.learning.backbones.vgg16 import BACKBONE
    from covidlab.learning.modelfile import load_model
    from covidlab.learning.network import build_model

    folder = make_dataset({"covid": 2, "normal": 2})
    config = TrainingConfig(dataset=str(folder), epochs=1, views=1, batch_size=4, fine_tune=depth, learning_rate=1e-3)
    run, status = execute(config)
    assert status.state == "finished", status.reason
    trained, _ = load_model(run.model_path)
    untouched = build_model(PRESETS["default"], BACKBONE, num_classes=2)
    changed = {
        layer.name.split("_")[0]
        for layer in trained.layers
        if layer.name.startswith("block")
        and any(
            (a != b).any()
            for a, b in zip(layer.get_weights(), untouched.get_layer(layer.name).get_weights(), strict=True)
        )
    }
    assert changed == ({"block5"} if depth == "block5" else {f"block{i}" for i in range(1, 6)})
    means = trained.get_layer("imagenet_preprocessing").get_weights()[1]
    np.testing.assert_allclose(means, [-103.939, -116.779, -123.68], rtol=1e-6)


def test_execute_start_from_continues_and_is_not_cross_validated(config):
    first, _ = execute(config)
    options = {**config.to_dict(), "start_from": str(first.model_path), "epochs": 1}
    second, status = execute(TrainingConfig(**options))
    assert status.state == "finished"
    assert "earlier model" in second.report()["cross_validation"]["skipped"]


def test_execute_start_from_another_preset_is_refused(config):
    first, _ = execute(config)
    options = {**config.to_dict(), "start_from": str(first.model_path), "preset": "original"}
    _, status = execute(TrainingConfig(**options))
    assert "same preset and classes" in status.reason


@pytest.mark.curated
def test_execute_curated_default_run_separates_the_two_folders(curated):
    # Two views, which other tests need as well.
    run, status = execute(TrainingConfig(dataset=str(curated), views=2))
    assert status.state == "finished"
    crossed = run.report()["cross_validation"]
    # FACTS.md: VGG16 features, ImageNet preprocessing, patient-grouped: .88 to .96.
    assert 0.86 <= crossed["accuracy"]["value"] <= 0.97
    assert crossed["num_patients"] == 37
    assert run.load_facts()["data"]["num_validation_with_patient_in_training"] == 0


def test_execute_selection_leaves_out_films_and_is_recorded(config):
    folder, file = Path(config.dataset), "covid/film-000.png"
    create_selection(folder, "without one")
    decision = Decision(action="exclude", sha256=file_sha256(folder / file), reason="blurred")
    change_decision(folder, "without one", file, decision)
    run, status = execute(TrainingConfig(**{**config.to_dict(), "selection": "without one"}))
    assert status.state == "finished", status.reason
    assert run.load_facts()["data"]["num_films"] == 11
    assert run.load_facts()["selection"]["decisions"]["covid/film-000.png"]["reason"] == "blurred"


def test_execute_says_how_many_views_it_prepared(make_dataset):
    # A size no other test has: the activations of these films are not in the cache that tests share.
    folder = make_dataset({"covid": 2, "normal": 2}, size=(93, 71))
    config = TrainingConfig(dataset=str(folder), epochs=2, views=2)
    first, _ = execute(config)
    again, _ = execute(config)
    assert first.report()["prepared"] == first.load_facts()["prepared"] == {"num_views": 8, "num_films": 4}
    assert again.report()["prepared"] == {"num_views": 0, "num_films": 0}


def test_execute_computes_in_the_precision_asked_for_and_says_so(config, warm_home):
    run, status = execute(replace(config, precision="bfloat16"))
    assert status.state == "finished", status.reason
    assert run.load_facts()["precision"] == run.report()["computed_in"] == "bfloat16"
    assert isinstance(run.report()["precision"], dict)
    assert any(pack.name.endswith("-bfloat16") for pack in (warm_home / "activations").iterdir())
    assert execute(config)[0].load_facts()["precision"] == "float32"


def test_execute_resumed_run_keeps_the_precision_it_began_with(config, monkeypatch):
    run = RunStore().create(config, engine=EngineName.INLINE)
    run.update_facts(precision="bfloat16")
    monkeypatch.setattr("covidlab.runs.execution.choose_precision", lambda *arguments: "float32")
    with run.locked():
        Execution(run).execute()
    assert run.report()["computed_in"] == "bfloat16"


def test_execute_run_that_an_earlier_version_began_resumes_in_float32(config, monkeypatch):
    run = RunStore().create(config, engine=EngineName.INLINE)
    (run.path / "checkpoint.npz").write_bytes(b"")
    monkeypatch.setattr("covidlab.runs.execution.choose_precision", lambda *arguments: "bfloat16")
    with run.locked():
        Execution(run).execute()
    assert run.report()["computed_in"] == "float32"


def test_execute_keeps_how_it_learned_from_before_the_first_epoch(config):
    run, _ = execute(config)
    record = load_record(run)
    assert record.epochs.tolist() == record.crossed["epoch"].tolist() == [0, 1, 2, 3]
    # Not one and the same at every epoch, and the last one is what the report speaks of.
    assert np.abs(np.diff(record.probabilities, axis=0)).max() > 1e-4
    predictions = run.predictions().set_index("file")["probability"]
    followed = record.films["file"].tolist()
    ends = [record.probabilities[-1][followed.index(file)] for file in predictions.index]
    np.testing.assert_allclose(ends, predictions, atol=1e-5)
    crossed = run.report()["cross_validation"]["accuracy"]
    last = record.crossed.iloc[-1]
    assert [last["accuracy"], last["low"], last["high"]] == pytest.approx(
        [crossed["value"], crossed["low"], crossed["high"]], abs=1e-6
    )
    split, written = run.report()["accuracy"], run.history().iloc[-1]
    assert [written[f"val_accuracy{end}"] for end in ("", "_low", "_high")] == pytest.approx(
        [split["value"], split["low"], split["high"]], abs=1e-6
    )


def test_execute_out_of_patience_ends_early_and_says_so(config):
    # So large a rate that the validation loss soon rises.
    run, status = execute(replace(config, epochs=40, patience=2, learning_rate=0.1, optimizer="sgd"))
    assert status.state == "finished"
    assert status.epoch < 40
    assert status.reason.startswith(f"Ended after epoch {status.epoch}: the validation loss")
    losses = run.history()["val_loss"].tolist()
    assert len(losses) - 1 - int(np.argmin(losses)) == 2
    assert run.report()["cross_validation"]["accuracy"]["n"] == 12
    assert load_record(run).crossed["epoch"].iloc[-1] == status.epoch
