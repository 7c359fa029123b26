"""One run from its configuration to its report; used by the worker and by the command line."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from statistics import median

import numpy as np
import pandas as pd
import tensorflow as tf

import covidlab
from covidlab import metrics
from covidlab.config import FINE_TUNE_DEPTHS, NUM_REPEATS, PRESETS, SPLIT_SEED, VALIDATION_SHARE
from covidlab.data.selections import Selection, apply_selection, load_selection
from covidlab.data.splits import Split, require_two_patients, split_films
from covidlab.errors import CovidLabError, RunError, UsageError
from covidlab.evaluation.crossvalidation import cross_validate_head
from covidlab.files import replacing, require_free_space, write_json
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import Device, select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.learners import HeadLearner, TailLearner
from covidlab.learning.modelfile import ModelCard, file_sha256, load_model, save_model
from covidlab.learning.network import build_head, build_model, tail_of
from covidlab.learning.precision import REFERENCE, choose_precision
from covidlab.learning.trainer import Diverged, EpochResult, StepResult, Watchers, fit, predict_films
from covidlab.runs.checkpoint import load_checkpoint, save_checkpoint
from covidlab.runs.datasets import Resolve, open_dataset, recorded_path
from covidlab.runs.estimate import expected_epoch_seconds, record_speed
from covidlab.runs.jobs import Job
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run

THRESHOLD = 0.5

# Pages look twice a second; writing oftener would only slow the training.
STATUS_INTERVAL_SECONDS = 0.2


def start_job(run: Run, **options) -> Status:
    """Execute a run, its lock held by the caller, whatever its job; ``options`` are those of the job's class.

    Raises RunError for a job that only a later version knows.
    """
    job = run.load_job()
    if job not in JOBS:
        raise RunError(f"This version of covidlab cannot do this job. Update covidlab. Received: {job}.")
    return JOBS[job](run, **options).execute()


class Stopped(Exception):
    """Somebody asked the run to stop; not an error."""


@dataclass
class Clock:
    """Seconds spent, on a clock that never jumps; ``before`` are those of an interrupted earlier part."""

    before: float = 0.0
    started: float = 0.0

    def elapsed(self) -> float:
        """Return the seconds since the run began, waiting excluded."""
        return self.before + monotonic_seconds() - self.started


class Execution:
    """Executes one run and keeps its directory true.

    Parameters
    ----------
    run : Run, its lock held by the caller
    on_status : called with each Status that is written, for a progress bar
    should_stop : asked at each batch, besides the run's own stop file
    resolve : finds the folder of the data set the run names; by default where it was when the run was made
    """

    def __init__(
        self,
        run: Run,
        *,
        on_status: Callable[[Status], None] = lambda status: None,
        should_stop: Callable[[], bool] = lambda: False,
        resolve: Resolve = recorded_path,
    ):
        self.run = run
        self.config = run.load_config()
        self.preset = PRESETS[self.config.preset]
        self.backbone = find_backbone(self.config.backbone)
        self._on_status = on_status
        self._should_stop = should_stop
        self._resolve = resolve
        earlier = run.recorded_status()
        self._clock = Clock(before=earlier.elapsed_seconds, started=monotonic_seconds())
        self._status = Status(
            state=State.RUNNING,
            phase="reading the X-rays",
            epochs=self.config.epochs,
            elapsed_seconds=earlier.elapsed_seconds,
        )
        self._status_written = 0.0
        self._steps_waiting: list[dict] = []
        self._training_seconds = 0.0
        self._learning_seconds: list[float] = []
        self._activation_seconds_before = 0.0
        self._num_computed_before = 0

    def execute(self) -> Status:
        """Train, evaluate and save; return the last status. Errors meant for people end in the state "failed"."""
        try:
            self._write_status()
            self._prepare()
            self._train()
            stopped = self._status.epoch < self.config.epochs
            if self._status.epoch > 0:
                if stopped:
                    # The batches after the last finished epoch are no part of what the report names.
                    self._back_to_last_epoch()
                self._evaluate(cross_validate=not stopped)
            end = (
                {"state": State.STOPPED, "reason": f"Stopped after epoch {self._status.epoch}."}
                if stopped
                else {"state": State.FINISHED}
            )
        except Stopped:
            end = {"state": State.STOPPED, "reason": f"Stopped after epoch {self._status.epoch}."}
        except CovidLabError as error:
            end = {"state": State.FAILED, "reason": str(error)}
            self.error = error
        except (tf.errors.ResourceExhaustedError, MemoryError):
            reason = f"Memory ran out. Try a batch size of {max(1, self.config.batch_size // 2)}."
            end = {"state": State.FAILED, "reason": reason}
        self._flush_steps()
        self._write_status(**end, phase="", remaining_seconds=0.0)
        self.run.log(f"{end['state']}: {end.get('reason', '')}")
        if end["state"] is State.FINISHED:
            (self.run.path / "checkpoint.npz").unlink(missing_ok=True)
        return self._status

    error: CovidLabError | None = None

    @cached_property
    def device(self) -> Device:
        """Device the configuration asks for."""
        return select_device(self.config.device)

    def _prepare(self) -> None:
        self._write_status(device=self.device.name)
        self.precision = self._chosen_precision()
        self.catalog = open_dataset(
            self.run.load_dataset(), positive_class=self.config.positive_class, resolve=self._resolve
        )
        if self.config.selection:
            self.catalog = apply_selection(self.catalog, self._selection())
        require_two_patients(self.catalog)
        self.split = split_films(
            self.catalog, by=self.preset.split_by, seed=SPLIT_SEED, validation_share=VALIDATION_SHARE
        )
        self.labels = self.catalog.labels
        self.activations = FilmActivations(
            self.catalog,
            self.backbone,
            preset=self.config.preset,
            fine_tune=self.config.fine_tune,
            device=self.device,
            precision=self.precision,
        )
        record_bytes = self.backbone.record_bytes(self.config.fine_tune)
        missing_bytes = self.activations.num_missing(self.config.used_views) * record_bytes
        checkpoint_bytes = self.backbone.cut_point(self.config.fine_tune).checkpoint_bytes
        require_free_space(self.run.path, int(missing_bytes + checkpoint_bytes + 20e6))
        self.run.update_facts(**_facts(self.catalog, self.split, self.device), precision=self.precision)
        self.run.log(f"begins on {self.device.name}")

    def _chosen_precision(self) -> str:
        """The precision the run began with, else what is measured or kept for this machine."""
        if begun_with := self.run.load_facts().get("precision"):
            return begun_with
        if (self.run.path / "checkpoint.npz").exists():
            # Begun by a version that knew float32 only.
            return REFERENCE
        return choose_precision(self.config, self.backbone, self.device)

    def _selection(self) -> Selection:
        """The selection as it was when the run began: a resumed run does not follow later changes of it."""
        recorded = self.run.load_facts().get("selection")
        if recorded:
            return Selection.from_dict(recorded)
        selection = load_selection(self.catalog.root, self.config.selection)
        self.run.update_facts(selection={**selection.to_dict(), "changes": []})
        return selection

    def _train(self) -> None:
        self.learner = self._learner()
        start = self._resume()
        with tf.device(self.device.tensorflow_name):
            watchers = Watchers(on_step=self._on_step, on_epoch=self._on_epoch, should_stop=self._stop_wanted)
            self._write_status(phase="training", epoch=start, position=float(start))
            try:
                fit(self.learner, self._inputs, self.labels, self.split, self.config, watchers, start=start)
            except Stopped:
                # While films were read for a batch or for validation; what was finished before is evaluated and kept.
                pass
            except Diverged:
                self._keep_last_finite()
                raise
        self._training_seconds = max(0.0, self._clock.elapsed() - self._clock.before - self.activations.seconds)

    def _learner(self):
        config, num_classes = self.config, len(self.catalog.classes)
        self.model = None
        if config.fine_tune == "head":
            learner = HeadLearner(
                seed=config.seed,
                num_features=self.backbone.num_features,
                num_classes=num_classes,
                batch_size=config.batch_size,
            )
            self.tail = build_head(self.preset, self.backbone, num_classes=num_classes)
            if config.start_from:
                earlier = self._earlier_model()
                learner.stack.restore_weights(
                    [array[None] for array in _stackable(tail_of(earlier, self.backbone, "head").get_weights())]
                )
            return learner
        tf.keras.utils.set_random_seed(config.seed)
        self.model = (
            self._earlier_model()
            if config.start_from
            else build_model(self.preset, self.backbone, num_classes=num_classes)
        )
        self.tail = tail_of(self.model, self.backbone, config.fine_tune)
        return TailLearner(self.tail, precision=self.precision)

    def _earlier_model(self):
        model, card = load_model(self.config.start_from)
        if card.backbone != self.backbone.name:
            raise UsageError(
                f"The model to start from must have the same backbone: it has {card.backbone}. "
                f"Received: {self.config.start_from}."
            )
        if card.preset != self.config.preset or card.classes != list(self.catalog.classes):
            raise UsageError(
                f"The model to start from must have the same preset and classes: it has preset {card.preset} and classes "
                f"{', '.join(card.classes)}. Received: {self.config.start_from}."
            )
        deeper = FINE_TUNE_DEPTHS.index(card.fine_tune) > FINE_TUNE_DEPTHS.index(self.config.fine_tune)
        if deeper:
            raise UsageError(
                f"The model to start from was fine-tuned down to {card.fine_tune}, so its layers are not the frozen ones. "
                f"Use --fine-tune {card.fine_tune}. Received: {self.config.fine_tune}."
            )
        return model

    def _inputs(self, films: np.ndarray, view: int) -> np.ndarray:
        if self._stop_wanted():
            raise Stopped
        return (
            self.activations.features(films, view)
            if self.config.fine_tune == "head"
            else self.activations.read(films, view)
        )

    def _resume(self) -> int:
        """Continue behind the last checkpoint; return its epoch, 0 where there is none."""
        checkpoint = load_checkpoint(self.run.path / "checkpoint.npz")
        epoch = 0
        if checkpoint is not None:
            epoch, arrays = checkpoint
            self.learner.restore(arrays)
            self.run.log(f"resumes after epoch {epoch}")
        self.run.forget_after(epoch)
        return epoch

    def _keep_last_finite(self) -> None:
        if self._back_to_last_epoch():
            self._save_model()

    def _back_to_last_epoch(self) -> bool:
        """Make the learner what it was after the last finished epoch; return whether there is one."""
        checkpoint = load_checkpoint(self.run.path / "checkpoint.npz")
        if checkpoint is not None:
            self.learner.restore(checkpoint[1])
        return checkpoint is not None

    def _on_step(self, result: StepResult) -> None:
        position = result.epoch - 1 + result.step / result.steps
        self._steps_waiting.append(
            {
                "step": (result.epoch - 1) * result.steps + result.step,
                "epoch": result.epoch,
                "position": position,
                "loss": result.loss,
                "accuracy": result.accuracy,
            }
        )
        if monotonic_seconds() - self._status_written >= STATUS_INTERVAL_SECONDS:
            self._flush_steps()
            new_passes = self.activations.num_computed > self._num_computed_before
            self._num_computed_before = self.activations.num_computed
            phase = f"preparing X-rays with {self.backbone.title}" if new_passes else "training"
            remaining = self._remaining(position)
            self._write_status(
                phase=phase, step=result.step, steps=result.steps, position=position, remaining_seconds=remaining
            )

    def _on_epoch(self, result: EpochResult) -> None:
        save_checkpoint(self.run.path / "checkpoint.npz", epoch=result.epoch, arrays=self.learner.arrays())
        self._flush_steps()
        self.run.append_history(**vars(result))
        # The first epoch also builds the graph and computes activations; the quickest tells what learning itself takes.
        self._learning_seconds.append(result.seconds - (self.activations.seconds - self._activation_seconds_before))
        self._activation_seconds_before = self.activations.seconds
        remaining = self._remaining(result.epoch)
        self._write_status(
            phase="training", epoch=result.epoch, step=0, position=float(result.epoch), remaining_seconds=remaining
        )

    def _remaining(self, position: float) -> float:
        """Seconds to the last epoch: what this machine took for epochs so far, and for the passes still to do."""
        epochs_left = self.config.epochs - position
        learning = epochs_left * (
            min(self._learning_seconds)
            if self._learning_seconds
            else expected_epoch_seconds(self.config, len(self.split.train), precision=self.precision)
        )
        passes = self.activations.num_missing(self.config.used_views)
        if not passes or not self.activations.num_computed:
            return learning
        return learning + passes * self.activations.seconds / self.activations.num_computed

    def _evaluate(self, *, cross_validate: bool) -> None:
        self._write_status(phase="evaluating", remaining_seconds=None)
        probabilities = predict_films(self.learner, self._inputs_unstoppable, self.split.validation)
        predictions = _predictions(self.catalog, self.split.validation, probabilities)
        with replacing(self.run.path / "predictions.csv") as temporary:
            predictions.to_csv(temporary, index=False, float_format="%.6g")
        self._save_model()
        report = {**self.run.load_facts(), "computed_in": self.precision, **self._own_figures(probabilities)}
        write_json(self.run.path / "report.json", {**report, "cross_validation": None, "seconds": self._seconds()})
        if cross_validate:
            report["cross_validation"] = self._cross_validation()
        else:
            report["cross_validation"] = {"skipped": "The run was stopped before its last epoch."}
        report["prepared"] = {
            "num_views": self.activations.num_computed,
            "num_films": self.activations.num_films_computed,
        }
        self.run.update_facts(prepared=report["prepared"])
        write_json(self.run.path / "report.json", {**report, "seconds": self._seconds()})
        record_speed(
            self.config,
            activation_seconds=self.activations.seconds,
            num_passes=self.activations.num_computed,
            epoch_seconds=median(self._learning_seconds[1:]) if len(self._learning_seconds) > 1 else None,
            num_films=len(self.split.train),
            device=self.device.name,
            precision=self.precision,
        )

    def _inputs_unstoppable(self, films: np.ndarray, view: int) -> np.ndarray:
        return (
            self.activations.features(films, view)
            if self.config.fine_tune == "head"
            else self.activations.read(films, view)
        )

    def _own_figures(self, probabilities: np.ndarray) -> dict:
        validation = self.split.validation
        labels, positive = self.labels[validation], self.catalog.positive_index
        figures = metrics.report_metrics(
            labels,
            probabilities,
            patient_ids=self.catalog.films["patient_id"].to_numpy()[validation],
            positive_index=positive,
            threshold=THRESHOLD,
        )
        predicted = metrics.predicted_classes(probabilities, positive_index=positive, threshold=THRESHOLD)
        return {
            **{name: figure.to_dict() for name, figure in figures.items()},
            "confusion": metrics.confusion_matrix(labels, predicted, num_classes=len(self.catalog.classes)).tolist(),
            "classes": list(self.catalog.classes),
            "positive_class": self.catalog.positive_class,
            "threshold": THRESHOLD,
            "history": self.run.history().to_dict(orient="list"),
            "epochs_done": self._status.epoch,
        }

    def _cross_validation(self) -> dict:
        """The same figures from heads that never saw the film's patient, or why there are none."""
        if self.config.fine_tune != "head":
            return {
                "skipped": "Cross-validation is done only where just the head learns: at this depth it would take many times as long as the run."
            }
        if self.config.start_from:
            return {"skipped": "The run started from an earlier model, which may have seen these X-rays."}
        started = monotonic_seconds()
        films = np.arange(self.catalog.num_films)
        views = self.config.used_views
        self._write_status(phase="preparing X-rays for the cross-validation", step=0, steps=0)
        for view in views:
            self.activations.compute(films, view, on_progress=self._on_cross_validation)
        features = np.stack([self.activations.features(films, view) for view in views], axis=1)
        self._write_status(phase="cross-validating")
        with tf.device(self.device.tensorflow_name):
            probabilities, num_folds = cross_validate_head(
                self.catalog, features, self.config, on_epoch=self._on_cross_validation
            )
        figures = metrics.report_metrics(
            self.labels,
            probabilities,
            patient_ids=self.catalog.films["patient_id"].to_numpy(),
            positive_index=self.catalog.positive_index,
            threshold=THRESHOLD,
        )
        return {
            **{name: figure.to_dict() for name, figure in figures.items()},
            "repeats": NUM_REPEATS,
            "folds": num_folds,
            "num_patients": self.catalog.num_patients,
            "seconds": monotonic_seconds() - started,
        }

    def _on_cross_validation(self, epoch: int = 0) -> None:
        if self._stop_wanted():
            raise Stopped
        if monotonic_seconds() - self._status_written >= STATUS_INTERVAL_SECONDS:
            self._write_status(step=epoch, steps=self.config.epochs if epoch else 0)

    def _save_model(self) -> None:
        self.tail.set_weights(self.learner.keras_weights())
        save_model(self.run.model_path, self.tail, self._card("tail"))
        self.run.update_facts(model_sha256=file_sha256(self.run.model_path))

    def _card(self, kind: str) -> ModelCard:
        return ModelCard(
            kind=kind,
            preset=self.config.preset,
            fine_tune=self.config.fine_tune,
            classes=list(self.catalog.classes),
            positive_class=self.catalog.positive_class,
            threshold=THRESHOLD,
            frozen_sha256=self.backbone.weights_sha256,
            backbone=self.backbone.name,
            run_id=self.run.id,
            data_fingerprint=self.catalog.fingerprint,
            version=covidlab.__version__,
        )

    def _seconds(self) -> dict:
        return {
            "total": self._clock.elapsed(),
            "activations": self.activations.seconds,
            "training": self._training_seconds,
        }

    def _stop_wanted(self) -> bool:
        return self._should_stop() or self.run.is_stop_requested()

    def _flush_steps(self) -> None:
        self.run.append_steps(self._steps_waiting)
        self._steps_waiting = []

    def _write_status(self, **changes) -> None:
        self._status = replace(self._status, **changes, elapsed_seconds=self._clock.elapsed())
        self.run.write_status(self._status)
        self._status_written = monotonic_seconds()
        self._on_status(self._status)


def _predictions(catalog, films: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """A row a film: file, patient_id, class, predicted, probability (of the positive class), correct, p_<class>."""
    predicted = metrics.predicted_classes(probabilities, positive_index=catalog.positive_index, threshold=THRESHOLD)
    rows = catalog.films.iloc[films]
    frame = pd.DataFrame(
        {
            "file": rows["file"].to_numpy(),
            "patient_id": rows["patient_id"].to_numpy(),
            "class": rows["class"].to_numpy(),
            "predicted": [catalog.classes[index] for index in predicted],
            "probability": probabilities[:, catalog.positive_index],
            "correct": predicted == catalog.labels[films],
        }
    )
    return frame.assign(**{f"p_{name}": probabilities[:, index] for index, name in enumerate(catalog.classes)})


def _facts(catalog, split: Split, device: Device) -> dict:
    """What run.json says of data, machine and versions."""
    patients = catalog.films["patient_id"].to_numpy()
    shared = np.isin(patients[split.validation], patients[split.train])
    return {
        "data": {
            "name": catalog.name,
            "fingerprint": catalog.fingerprint,
            "num_films": catalog.num_films,
            "num_patients": catalog.num_patients,
            "patients_known": catalog.patients_known,
            "classes": list(catalog.classes),
            "num_training": len(split.train),
            "num_validation": len(split.validation),
            "num_validation_patients": len(set(patients[split.validation])),
            "num_validation_with_patient_in_training": int(shared.sum()),
        },
        "device": device.name,
        "versions": {
            "covidlab": covidlab.__version__,
            "python": platform.python_version(),
            **{package: version(package) for package in ("tensorflow", "keras", "numpy", "scikit-learn")},
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _stackable(weights: list[np.ndarray]) -> list[np.ndarray]:
    kernel, bias, output_kernel, output_bias = weights
    return [kernel, bias[None], output_kernel, output_bias[None]]


JOBS = {Job.TRAIN: Execution}
