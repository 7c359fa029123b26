"""One run from its configuration to its report, in order; used by the worker and by the command line."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from covidlab.config import REFERENCE
from covidlab.data.splits import require_two_patients, split_of_run
from covidlab.errors import CovidLabError
from covidlab.evaluation.calibration import Calibration, calibrate
from covidlab.evaluation.crossvalidation import CrossValidation, ReadHeldOut, cross_validate_head
from covidlab.evaluation.report import (
    THRESHOLD,
    cross_validation_part,
    data_part,
    predictions_table,
    validation_part,
    why_not_cross_validated,
)
from covidlab.language import said_by, tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.building import build_learner
from covidlab.learning.device import OUT_OF_MEMORY, Device, memory_advice, select_device
from covidlab.learning.film_activations import DamagedXrays, FilmActivations
from covidlab.learning.precision import choose_precision
from covidlab.learning.trainer import (
    Diverged,
    EpochResult,
    Watchers,
    fit,
    has_run_out_of_patience,
    predict_films,
)
from covidlab.learning.updates import update_rule
from covidlab.runs.checkpoint import load_checkpoint, save_checkpoint
from covidlab.runs.damaged import record_damaged
from covidlab.runs.datasets import Resolve, recorded_path
from covidlab.runs.jobs import EngineName
from covidlab.runs.machine import machine_facts
from covidlab.runs.memory import require_memory, run_memory_bytes
from covidlab.runs.models import save_run_model
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.progress import Progress
from covidlab.runs.queue import without_asker
from covidlab.runs.recording import Recorder
from covidlab.runs.reference import model_features, reference_films, save_run_reference
from covidlab.runs.run_films import open_run_films
from covidlab.runs.space import plan_space
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.runs.tables import as_lists
from covidlab.runs.timing import Timing
from covidlab.text import pluralize


class Stopped(Exception):
    """Somebody asked the run to stop; not an error."""


class Execution:
    """Executes one run and keeps its directory true.

    Parameters
    ----------
    run : Run, its lock held by the caller
    on_status : called with each Status that is written, for a progress bar
    should_stop : asked at each batch, besides the run's own stop file
    resolve : finds the folder of the data set the run names; by default where it was when the run was made

    ``error`` is what made the run fail, where that is an error meant for people.
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
        self.backbone = find_backbone(self.config.backbone)
        self.progress = Progress(run, epochs=self.config.epochs, on_status=on_status)
        self.error: CovidLabError | None = None
        self._checkpoint = run.path / "checkpoint.npz"
        self._should_stop = should_stop
        self._resolve = resolve
        self._training_seconds = 0.0

    def execute(self) -> Status:
        """Train, evaluate and save; return the last status. Errors meant for people end in the state "failed"."""
        try:
            self.progress.write()
            self._prepare()
            try:
                self._train()
            except DamagedXrays:
                self._leave_out_damaged()
                self._train()
            stopped = self.progress.status.epoch < self.config.epochs and not self._ended_early()
            if self.progress.status.epoch > 0:
                if stopped:
                    # The batches after the last finished epoch are no part of what the report names.
                    self._back_to_last_epoch()
                self._evaluate(cross_validate=not stopped)
            end = self._as_stopped() if stopped else {"state": State.FINISHED, "reason": self._why_early()}
        except Stopped:
            end = self._as_stopped()
        except CovidLabError as error:
            end = {"state": State.FAILED, "reason": said_by(error)}
            self.error = error
        except OUT_OF_MEMORY:
            end = {
                "state": State.FAILED,
                "reason": memory_advice(self.device.name, batch_size=self.config.batch_size, is_gpu=self.device.is_gpu),
            }
        self.progress.end(**end)
        if end["state"] is State.FINISHED:
            self._checkpoint.unlink(missing_ok=True)
        return self.progress.status

    @cached_property
    def device(self) -> Device:
        """Device the configuration asks for."""
        return select_device(self.config.device)

    def _ended_early(self) -> bool:
        return has_run_out_of_patience(self.run.history()["val_loss"].to_list(), self.config.patience)

    def _why_early(self) -> str:
        epoch = self.progress.status.epoch
        if epoch == self.config.epochs:
            return ""
        return tr(
            "Ended after epoch {epoch}: the validation loss had not become smaller for {epochs}.",
            epoch=epoch,
            epochs=pluralize(self.config.patience, "epoch"),
        )

    def _as_stopped(self) -> dict:
        return {"state": State.STOPPED, "reason": tr("Stopped after epoch {epoch}.", epoch=self.progress.status.epoch)}

    def _prepare(self) -> None:
        self.progress.write(device=self.device.name)
        self.precision = self._chosen_precision()
        self.catalog = open_run_films(self.run, resolve=self._resolve)
        require_two_patients(self.catalog)
        num_films = self.catalog.num_films
        require_memory(
            run_memory_bytes(self.config, num_films), num_films=num_films, what=tr("A run of these settings")
        )
        self.split = split_of_run(self.catalog, self.config)
        self.activations = self._open_activations()
        self.recorder = Recorder(self.run, self.catalog, self.split, self.config)
        self.activations.kept = plan_space(self.run, self.catalog, precision=self.precision)
        self.timing = Timing(
            self.config,
            device=self.device.name,
            precision=self.precision,
            num_training=len(self.split.train),
            num_validation=len(self.split.validation),
        )
        self.progress.expect(
            self.activations,
            views=self.config.used_views,
            expected=self.timing.expected(),
            preparing=tr("preparing X-rays with {title}", title=self.backbone.title),
            validation_patients=self.catalog.films["patient_id"].to_numpy()[self.split.validation],
        )
        self.run.update_facts(
            data=data_part(self.catalog, self.split, is_given=self.config.keep_split or self.catalog.keeps_split),
            precision=self.precision,
            **machine_facts(self.device),
        )
        self.run.log(tr("begins on {name}", name=self.device.name))

    def _open_activations(self) -> FilmActivations:
        """What the frozen layers give for the X-rays of the run: all that is trained or evaluated comes from here."""
        return FilmActivations(
            self.catalog,
            self.backbone,
            preset=self.config.preset,
            fine_tune=self.config.fine_tune,
            device=self.device,
            precision=self.precision,
            augmentation=self.config.augmentation,
        )

    def _chosen_precision(self) -> str:
        """The precision the run began with, else what is measured or kept for this machine."""
        if begun_with := self.run.load_facts().get("precision"):
            return begun_with
        if self._checkpoint.exists():
            # Begun by a version that knew float32 only.
            return REFERENCE
        return choose_precision(self.config, self.backbone, self.device)

    def _leave_out_damaged(self) -> None:
        """Look at all X-rays that are not prepared yet, and begin again without those that are damaged, if they are few."""
        self.progress.flush_steps()
        self.progress.write(phase=tr("looking for damaged X-rays"))
        record_damaged(self.run, self.activations.find_damaged(on_progress=self._leave_if_stopped))
        # What was learned so far was learned from another set.
        self._checkpoint.unlink(missing_ok=True)
        self._prepare()

    def _train(self) -> None:
        classes, labels = self.catalog.classes, self.catalog.labels
        rule = update_rule(self.config, labels[self.split.train], num_classes=len(classes))
        with self.device.scope():
            self.learner, self.tail = build_learner(self.config, classes, rule=rule, precision=self.precision)
        self._untrained = self.learner.arrays()
        start = self._resume()
        with self.device.scope():
            watchers = Watchers(
                on_step=self.progress.add_step, on_epoch=self._on_epoch, should_stop=self._is_stop_wanted
            )
            self.progress.write(phase="training", epoch=start, position=float(start))
            try:
                losses = self.run.history()["val_loss"].to_list()
                learning = (self.learner, self._inputs, labels, self.split, self.config, watchers)
                fit(*learning, start=start, earlier_losses=losses, reads_ahead=self.device.is_gpu)
            except Stopped:
                # While films were read for a batch or for validation; what was finished before is evaluated and kept.
                pass
            except Diverged:
                if self._back_to_last_epoch():
                    self._save_model()
                raise
        self._training_seconds = max(0.0, self.progress.clock.elapsed_here() - self.activations.seconds)

    def _inputs(self, films: np.ndarray, view: int) -> np.ndarray:
        """What the learner takes; raises Stopped where somebody asked to stop."""
        self._leave_if_stopped()
        return self._inputs_unstoppable(films, view)

    def _inputs_unstoppable(self, films: np.ndarray, view: int) -> np.ndarray:
        read = self.activations.features if self.config.fine_tune == "head" else self.activations.read
        return read(films, view)

    def _resume(self) -> int:
        """Continue behind the last checkpoint; return its epoch, 0 where there is none."""
        epoch = self._back_to_last_epoch()
        if epoch:
            self.run.log(tr("resumes after epoch {epoch}", epoch=epoch))
        self.run.forget_after(epoch)
        self.recorder.forget_after(epoch)
        return epoch

    def _back_to_last_epoch(self) -> int:
        """Make the learner what it was after the last finished epoch; return that epoch, 0 where there is none."""
        checkpoint = load_checkpoint(self._checkpoint)
        if checkpoint is None:
            return 0
        epoch, arrays = checkpoint
        self.learner.restore(arrays)
        return epoch

    def _on_epoch(self, result: EpochResult) -> None:
        # The line of history.csv first: a kill between the two costs an epoch, which is done again, and never a line.
        self.progress.add_epoch(result)
        with self.timing.end_of_epoch():
            if result.epoch == 1:
                # Only now are the X-rays prepared: the first step does not wait for all of them.
                learned = self.learner.arrays()
                self.learner.restore(self._untrained)
                self._record(0)
                self.learner.restore(learned)
            self._record(result.epoch)
            self.run.require_lease()
            save_checkpoint(self._checkpoint, epoch=result.epoch, arrays=self.learner.arrays())

    def _record(self, epoch: int, *, is_last: bool = False) -> None:
        """Keep what the model says of every X-ray after an epoch, and the weights of a head."""
        self.run.require_lease()
        if self.recorder.wants(epoch, is_last=is_last):
            with self.timing.look(len(self.recorder.followed)):
                probabilities = predict_films(self.learner, self._inputs_unstoppable, self.recorder.followed)
            self.recorder.add(epoch, probabilities[:, self.catalog.positive_index])
        if self.recorder.wants_head(epoch, is_last=is_last):
            self.recorder.add_head(epoch, self.learner.keras_weights())

    def _evaluate(self, *, cross_validate: bool) -> None:
        self.progress.write(phase="evaluating", remaining_seconds=self.timing.after_seconds if cross_validate else None)
        if not self.recorder.wants(self.progress.status.epoch):
            self._record(self.progress.status.epoch, is_last=True)
        films = self.split.validation
        with self.timing.look(len(films)):
            probabilities = predict_films(self.learner, self._inputs_unstoppable, films)
        self.run.write_predictions(predictions_table(self.catalog, films, probabilities))
        self._save_model()
        report = {
            **without_asker(self.run.load_facts()),
            # "precision" is one of the figures.
            "computed_in": self.precision,
            **validation_part(self.catalog, films, probabilities),
            "history": as_lists(self.run.history()),
            "epochs_done": self.progress.status.epoch,
        }
        if self.config.fine_tune == "head" or cross_validate:
            # A deeper run that somebody has stopped ends at once, without another pass of its X-rays.
            self._save_reference()
        # What is known so far: the cross-validation may be stopped.
        self.run.write_report({**report, "cross_validation": None, "seconds": self._seconds()})
        report["cross_validation"] = (
            self._cross_validation()
            if cross_validate
            else {"skipped": tr("The run was stopped before its last epoch.")}
        )
        report["prepared"] = {
            "num_views": self.activations.num_computed,
            "num_films": self.activations.num_films_computed,
        }
        self.run.update_facts(prepared=report["prepared"])
        self.run.write_report({**report, "seconds": self._seconds()})
        self._record_speed()

    def _cross_validation(self) -> dict:
        """The figures of heads that never saw an X-ray's patient, or why there are none."""
        if reason := why_not_cross_validated(self.config):
            return {"skipped": reason}
        started = monotonic_seconds()
        films, views = np.arange(self.catalog.num_films), self.config.used_views
        self.progress.write(phase=tr("preparing X-rays for the cross-validation"), step=0, steps=0)
        for view in views:
            self.activations.compute(films, view, on_progress=self._on_cross_validation)
        features = self.activations.features_table(views)
        self.progress.write(phase="cross-validating")
        with self.device.scope(), self.timing.crossing(self.progress.status.epoch):
            self.recorder.begin_crossed()
            crossed = cross_validate_head(
                self.catalog,
                features,
                self.config,
                last_epoch=self.progress.status.epoch,
                on_epoch=self._on_crossed_epoch,
            )
        calibration = calibrate(crossed, self.catalog.labels, positive_index=self.catalog.positive_index)
        self._save_reference(crossed, calibration)
        part = cross_validation_part(self.catalog, crossed, calibration)
        return {**part, "seconds": monotonic_seconds() - started}

    def _save_reference(self, crossed: CrossValidation | None = None, calibration: Calibration | None = None) -> None:
        """Keep what judges X-rays that nobody has seen yet, from the X-rays whose activations are at hand."""
        films = reference_films(self.activations)
        if not len(films):
            return
        with self.device.scope(), self.timing.look(len(films)):
            features = model_features(self.activations, self.tail, films)
        save_run_reference(
            self.run,
            self.catalog,
            films,
            features,
            trained=self.split.train,
            crossed=crossed,
            calibration=calibration,
        )

    def _on_crossed_epoch(self, epoch: int, read: ReadHeldOut) -> None:
        self._on_cross_validation(epoch)
        if self.recorder.wants_crossed(epoch, is_last=epoch == self.progress.status.epoch):
            self.recorder.add_crossed(epoch, read())

    def _on_cross_validation(self, epoch: int = 0) -> None:
        self._leave_if_stopped()
        if self.progress.is_due():
            remaining = self.timing.remaining_crossed(epoch, epochs=self.progress.status.epoch)
            self.progress.write(step=epoch, steps=self.config.epochs if epoch else 0, remaining_seconds=remaining)

    def _save_model(self) -> None:
        self.run.require_lease()
        self.tail.set_weights(self.learner.keras_weights())
        save_run_model(self.run, self.tail, self.catalog, threshold=THRESHOLD)

    def _record_speed(self) -> None:
        self.timing.keep(
            steps=self.progress.step_seconds,
            preparation=self.activations,
            elapsed_seconds=self.progress.clock.elapsed_here(),
            is_inline=self.run.load_engine() == EngineName.INLINE,
        )

    def _seconds(self) -> dict:
        return {
            "total": self.progress.clock.elapsed(),
            "activations": self.activations.seconds,
            "training": self._training_seconds,
        }

    def _is_stop_wanted(self) -> bool:
        return self._should_stop() or self.run.is_stop_requested()

    def _leave_if_stopped(self) -> None:
        if self._is_stop_wanted():
            raise Stopped
