"""A sweep: one run directory in which many settings are tried on the same folds; executed as any other run.

trials.csv       a line a trial (runs.trials)
landscape.json   how much each setting matters, and contours of the accuracy between the trials
report.json      the best trial with its interval, what was tried, the luck meter

A sweep that goes on after a stop or a kill proposes the trials it would have proposed, and passes over those that are done.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.splits import require_two_patients, split_of_run
from covidlab.errors import CovidLabError, RunError
from covidlab.evaluation.luck import Luck
from covidlab.evaluation.luck_heads import measure_luck
from covidlab.evaluation.report import THRESHOLD, classes_part, data_part
from covidlab.evaluation.sweep_chunks import Batch, Tried, try_deep, try_heads
from covidlab.evaluation.sweep_heads import SweepData, sweep_data
from covidlab.evaluation.sweep_landscape import contours, importance
from covidlab.evaluation.sweep_proposals import BATCH, count_trials, drawn_at_random
from covidlab.evaluation.sweep_space import DIVERGED, FINISHED, PRUNED, Trial, best_trial
from covidlab.files import write_json
from covidlab.language import said_by, tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import OUT_OF_MEMORY, Device, select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.precision import choose_precision
from covidlab.metrics import Metric, accuracy_metric, predicted_classes
from covidlab.runs.damaged import prepared_films
from covidlab.runs.datasets import Resolve, recorded_path
from covidlab.runs.execution import Stopped
from covidlab.runs.machine import machine_facts
from covidlab.runs.memory import require_memory, run_memory_bytes
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.progress import Progress
from covidlab.runs.queue import without_asker
from covidlab.runs.run_films import open_run_films
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.runs.trials import LANDSCAPE, append_trial, load_sweep, load_trials


@dataclass(frozen=True, kw_only=True, eq=False)
class Films:
    """What another machine needs to read the activations of a sweep's X-rays, in which precision at which depth."""

    catalog: Catalog
    config: TrainingConfig
    precisions: Mapping[str, str]


# Does the chunks of a batch, here (by the function it is given) and elsewhere; yields what was tried elsewhere.
Spread = Callable[
    [Batch, Films, Sequence[Sequence[int]], Callable[[Sequence[int]], None], Callable[[], None]], Iterable[Tried]
]


class Sweeping:
    """Executes one sweep and keeps its directory true; parameters as ``runs.execution.Execution``.

    spread : shares the chunks of a batch with other machines; None where there are none
    """

    def __init__(
        self,
        run: Run,
        *,
        on_status: Callable[[Status], None] = lambda status: None,
        should_stop: Callable[[], bool] = lambda: False,
        resolve: Resolve = recorded_path,
        spread: Spread | None = None,
    ):
        sweep = load_sweep(run)
        if sweep is None:
            raise RunError(tr("The ranges of this sweep cannot be read. Start a new one. Received: {id}.", id=run.id))
        self.run, self.sweep = run, sweep.validate()
        self.num_trials = count_trials(sweep)
        self.config = run.load_config()
        self.backbone = find_backbone(self.config.backbone)
        self.progress = Progress(run, epochs=self.num_trials, on_status=on_status)
        self.trials = load_trials(run)
        self.error: CovidLabError | None = None
        self._should_stop, self._resolve, self._spread = should_stop, resolve, spread
        self._activations: dict[str, FilmActivations] = {}
        self._importance: dict[str, dict[str, float]] = {}
        self._trial_seconds, self._luck_seconds = 0.0, 0.0

    def execute(self) -> Status:
        """Try all settings and report; return the last status. Errors meant for people end in the state "failed"."""
        try:
            self._write(phase=tr("reading the X-rays"))
            self._prepare()
            self._try_all()
            self._report()
            luck = self._luck()
            self._report(luck)
            end = {"state": State.FINISHED, "reason": ""}
        except Stopped:
            end = {
                "state": State.STOPPED,
                "reason": tr(
                    "Stopped after {num_trials} of {num_trials_2} trials.",
                    num_trials=len(self.trials),
                    num_trials_2=self.num_trials,
                ),
            }
            if self.trials and self._activations:
                self._report()
        except CovidLabError as error:
            end = {"state": State.FAILED, "reason": said_by(error)}
            self.error = error
        except OUT_OF_MEMORY:
            end = {"state": State.FAILED, "reason": tr("Memory ran out. Try smaller batch sizes.")}
        self._write(**end, phase="", remaining_seconds=0.0)
        self.run.log(f"{end['state']}: {end['reason']}")
        return self.progress.status

    @cached_property
    def device(self) -> Device:
        """Device the configuration asks for."""
        return select_device(self.config.device)

    def _prepare(self) -> None:
        self._write(device=self.device.name)
        catalog = open_run_films(self.run, resolve=self._resolve)
        needed = run_memory_bytes(replace(self.config, fine_tune="head"), catalog.num_films)
        require_memory(needed, num_films=catalog.num_films, what=tr("A sweep with so many views"))
        self.catalog = prepared_films(
            self.run,
            catalog,
            open_activations=lambda films: self._opened(films, "head"),
            on_progress=self._leave_if_stopped,
        )
        require_two_patients(self.catalog)
        catalog = self.catalog
        self.patient_ids = catalog.films["patient_id"].to_numpy()
        self.run.update_facts(
            data=data_part(catalog, split_of_run(catalog, self.config), is_given=False),
            precision=self._open("head").precision,
            **machine_facts(self.device),
        )
        self.run.log(
            tr("begins on {name}, {num_trials} trials done", name=self.device.name, num_trials=len(self.trials))
        )

    def _open(self, depth: str) -> FilmActivations:
        if depth not in self._activations:
            self._activations[depth] = self._opened(self.catalog, depth)
        return self._activations[depth]

    def _opened(self, catalog: Catalog, depth: str) -> FilmActivations:
        config = replace(self.config, fine_tune=depth)
        return FilmActivations(
            catalog,
            self.backbone,
            preset=config.preset,
            fine_tune=depth,
            device=self.device,
            precision=choose_precision(config, self.backbone, self.device),
            augmentation=config.augmentation,
        )

    @cached_property
    def data(self) -> SweepData:
        """What all trials share; the X-rays are prepared where they are not yet."""
        activations, films = self._open("head"), np.arange(self.catalog.num_films)
        views = range(min(self.config.views, self.sweep.epochs[1]))
        self._write(phase=tr("preparing the X-rays"))
        for view in views:
            activations.compute(films, view, on_progress=self._leave_if_stopped)
        features = np.stack([activations.features(films, view) for view in views], axis=1)
        return sweep_data(self.catalog, features, self.config)

    def _try_all(self) -> None:
        # The X-rays are prepared first.
        _, started = self.data, monotonic_seconds()
        while len(earlier := self._whole_batches()) < self.num_trials:
            self._write(phase="learning")
            self._try_batch(earlier)
            self._draw_landscape(is_last=len(self.trials) >= self.num_trials)
            self._trial_seconds = monotonic_seconds() - started
        self._draw_landscape(is_last=True)

    def _whole_batches(self) -> list[Trial]:
        """The trials of the batches that are done; what comes next was proposed from these."""
        numbers = {trial.number for trial in self.trials}
        done = 0
        while done < self.num_trials and set(range(done + 1, min(done + BATCH, self.num_trials) + 1)) <= numbers:
            done = min(done + BATCH, self.num_trials)
        return [trial for trial in self.trials if trial.number <= done]

    def _try_batch(self, earlier: Sequence[Trial]) -> None:
        right = partial(share_right, self.catalog.labels, positive_index=self.catalog.positive_index)
        batch = Batch(self.sweep, earlier, self.data, right)
        done = {trial.number - len(earlier) - 1 for trial in self.trials}
        chunks = batch.chunks([place for place in range(len(batch.proposals.settings)) if place not in done])
        if self._spread is None:
            for places in chunks:
                self._try_here(batch, places)
            return
        here = partial(self._try_here, batch)
        for tried in self._spread(batch, self._films(batch, chunks), chunks, here, self._leave_if_stopped):
            self._end(batch, tried)

    def _try_here(self, batch: Batch, places: Sequence[int]) -> None:
        """Train what learns together in this process."""
        end = partial(self._end, batch)
        with self.device.scope():
            if not batch.is_deep(places[0]):
                try_heads(batch, places, end, on_step=self._leave_if_stopped)
                return
            depth = batch.proposals.settings[places[0]].fine_tune
            self._write(phase=tr("learning, depth {depth}", depth=depth))
            activations = self._open(depth)
            how = {"classes": self.catalog.classes, "precision": activations.precision}
            end(try_deep(batch, places[0], self.config, activations.read, **how, on_step=self._leave_if_stopped))

    def _films(self, batch: Batch, chunks: Sequence[Sequence[int]]) -> Films:
        """What other machines need to read the activations of deeper trials, all of which are on the disk by then."""
        settings = [batch.proposals.settings[places[0]] for places in chunks if batch.is_deep(places[0])]
        for depth in {each.fine_tune for each in settings}:
            epochs = max(each.epochs for each in settings if each.fine_tune == depth)
            for view in range(min(self.config.views, epochs)):
                self._open(depth).compute(range(self.catalog.num_films), view, on_progress=self._leave_if_stopped)
        precisions = {depth: activations.precision for depth, activations in self._activations.items()}
        return Films(catalog=self.catalog, config=self.config, precisions=precisions)

    def _end(self, batch: Batch, tried: Tried) -> None:
        """Write the line of a trial that has ended."""
        held_out = tried.held_out
        figure = self._figure(held_out.probabilities)
        of_truth = held_out.probabilities[np.arange(len(self.catalog.labels)), self.catalog.labels]
        state = PRUNED if held_out.is_given_up else FINISHED if math.isfinite(figure.value) else DIVERGED
        trial = Trial(
            number=len(batch.earlier) + 1 + held_out.place,
            settings=batch.proposals.settings[held_out.place],
            state=state,
            epochs_done=held_out.epoch,
            accuracy=figure.value,
            low=figure.low,
            high=figure.high,
            loss=float(-np.log(np.clip(of_truth, 1e-7, 1.0)).mean()),
            at_rungs=tried.at_rungs,
        )
        append_trial(self.run, trial)
        self.trials = sorted([*self.trials, trial], key=lambda each: each.number)
        self._write(epoch=len(self.trials), position=float(len(self.trials)), remaining_seconds=self._remaining())

    def _remaining(self) -> float | None:
        """Seconds for the trials that are left, by those of the batches that this process has done."""
        here = len(self._whole_batches())
        if not self._trial_seconds or not here:
            return None
        return (self.num_trials - len(self.trials)) * self._trial_seconds / here

    def _figure(self, probabilities: np.ndarray) -> Metric:
        return accuracy_metric(
            self.catalog.labels,
            probabilities,
            patient_ids=self.patient_ids,
            positive_index=self.catalog.positive_index,
            threshold=THRESHOLD,
        )

    def _draw_landscape(self, *, is_last: bool) -> None:
        """Keep contours, and now and then how much each setting matters, for the pages to draw."""
        if is_last or len(self.trials) % (2 * BATCH) == 0:
            self._importance = importance(self.sweep, self.trials)
        drawn = {"importance": self._importance, "contours": contours(self.sweep, self.trials)}
        write_json(self.run.path / LANDSCAPE, {**drawn, "num_trials": len(self.trials)}, durable=False)

    def _luck(self) -> Luck | None:
        """The luck meter for the trials of the head; as many drawn at random where each trial followed from the ones before."""
        every = (
            drawn_at_random(self.sweep) if self.sweep.sampler == "tpe" else [trial.settings for trial in self.trials]
        )
        settings = [each for each in every if each.fine_tune == "head"]
        if not settings:
            return None
        self._write(phase=tr("measuring luck"), remaining_seconds=None)
        started = monotonic_seconds()
        with self.device.scope():
            luck = measure_luck(
                self.data,
                settings,
                self.patient_ids,
                patients_known=self.catalog.patients_known,
                seed=self.sweep.seed,
                on_step=self._leave_if_stopped,
            )
        self._luck_seconds = monotonic_seconds() - started
        return luck

    def _report(self, luck: Luck | None = None) -> None:
        # "precision" is a metric in the reports of other runs.
        facts = {name: value for name, value in without_asker(self.run.load_facts()).items() if name != "precision"}
        self.run.write_report(
            {
                **facts,
                "computed_in": self._open("head").precision,
                **classes_part(self.catalog),
                "trials": count_states(self.trials, asked=self.num_trials),
                "best": self._best_part(),
                "folds": len(self.data.folds),
                "repeats": 1,
                "split_by": "patient" if self.catalog.patients_known else "image",
                "num_patients": self.catalog.num_patients,
                "importance": self._importance,
                "luck": luck.to_dict() if luck else None,
                "seconds": {
                    "total": self.progress.clock.elapsed(),
                    "activations": sum(each.seconds for each in self._activations.values()),
                    "trials": self._trial_seconds,
                    "luck": self._luck_seconds,
                },
            }
        )

    def _best_part(self) -> dict | None:
        best = best_trial(self.trials)
        if best is None:
            return None
        accuracy = {"value": best.accuracy, "low": best.low, "high": best.high, "n": self.catalog.num_films}
        return {"number": best.number, **vars(best.settings), "accuracy": accuracy, "loss": best.loss}

    def _write(self, **changes) -> None:
        self.progress.write(unit="trial", **changes)

    def _leave_if_stopped(self) -> None:
        if self._should_stop() or self.run.is_stop_requested():
            raise Stopped
        if self.progress.is_due():
            # A heartbeat.
            self._write()


def share_right(labels: np.ndarray, probabilities: np.ndarray, *, positive_index: int) -> float:
    """Return the share of X-rays that are told right; nan where a head gave no numbers."""
    if np.isnan(probabilities).any():
        return math.nan
    predicted = predicted_classes(probabilities, positive_index=positive_index, threshold=THRESHOLD)
    return float((predicted == labels).mean())


def count_states(trials: Sequence[Trial], *, asked: int) -> dict[str, int]:
    """Return how many trials were asked for, are done, and ended how."""
    states = [trial.state for trial in trials]
    counts = {"finished": FINISHED, "given_up": PRUNED, "diverged": DIVERGED}
    return {"asked": asked, "done": len(states), **{name: states.count(state) for name, state in counts.items()}}
