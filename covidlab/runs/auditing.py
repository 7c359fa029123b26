"""An audit: one run directory in which the parts are computed one after another; executed as any other run.

parts/<part>.json   what one part found (runs.audits)
report.json         all of it, and the verdict

An audit that goes on after a stop or a kill passes over the parts that are done.
"""

from collections.abc import Callable, Mapping
from types import ModuleType

from covidlab.audit import (
    attention,
    attributes,
    calibrated,
    curves,
    elsewhere,
    exam,
    flips,
    folds,
    ladder,
    leaks,
    planted,
    transplant,
)
from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.titles import TITLES
from covidlab.audit.verdict import verdict_of
from covidlab.data.splits import require_two_patients, split_of_run
from covidlab.errors import CovidLabError, RunError
from covidlab.evaluation.report import classes_part, data_part
from covidlab.language import said_by, tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import OUT_OF_MEMORY, select_device
from covidlab.learning.film_activations import FilmActivations
from covidlab.learning.precision import choose_precision
from covidlab.prediction.loading import ModelFile
from covidlab.runs.active_model import model_in_use
from covidlab.runs.audits import load_audit, load_part, write_part
from covidlab.runs.damaged import prepared_films
from covidlab.runs.datasets import Resolve, recorded_path
from covidlab.runs.execution import Stopped
from covidlab.runs.machine import machine_facts
from covidlab.runs.memory import audit_memory_bytes, require_memory
from covidlab.runs.models import model_file
from covidlab.runs.owner import monotonic_seconds
from covidlab.runs.progress import Progress
from covidlab.runs.queue import without_asker
from covidlab.runs.run_films import open_run_films
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run

# Each has VERSION and ``compute`` (audit.context.Part).
MODULES: Mapping[str, ModuleType] = {
    "ladder": ladder,
    "folds": folds,
    "elsewhere": elsewhere,
    "calibration": calibrated,
    "transplant": transplant,
    "attributes": attributes,
    "leaks": leaks,
    "attention": attention,
    "curves": curves,
    "exam": exam,
    "planted": planted,
    "flips": flips,
}


class Auditing:
    """Executes one audit and keeps its directory true; parameters as ``runs.execution.Execution``."""

    def __init__(
        self,
        run: Run,
        *,
        on_status: Callable[[Status], None] = lambda status: None,
        should_stop: Callable[[], bool] = lambda: False,
        resolve: Resolve = recorded_path,
    ):
        audit = load_audit(run)
        if audit is None:
            raise RunError(tr("The settings of this audit cannot be read. Start a new one. Received: {id}.", id=run.id))
        self.run, self.audit = run, audit.validate()
        self.config = run.load_config()
        self.backbone = find_backbone(self.config.backbone)
        self.progress = Progress(run, epochs=len(self.audit.parts), on_status=on_status)
        self.error: CovidLabError | None = None
        self._should_stop, self._resolve = should_stop, resolve
        self._part, self._num_done, self._position = "", 0, 0.0

    def execute(self) -> Status:
        """Compute all parts and report; return the last status. Errors meant for people end in the state "failed"."""
        try:
            self._write(phase=tr("reading the X-rays"))
            self._prepare()
            for name in self.audit.parts:
                self._do(name)
            self._report()
            end = {"state": State.FINISHED, "reason": ""}
        except Stopped:
            end = {
                "state": State.STOPPED,
                "reason": tr(
                    "Stopped after {num_done} of {num_parts} parts.",
                    num_done=self._num_done,
                    num_parts=len(self.audit.parts),
                ),
            }
        except CovidLabError as error:
            end = {"state": State.FAILED, "reason": said_by(error)}
            self.error = error
        except OUT_OF_MEMORY:
            end = {"state": State.FAILED, "reason": tr("Memory ran out.")}
        self._write(**end, phase="", remaining_seconds=0.0)
        self.run.log(f"{end['state']}: {end['reason']}")
        return self.progress.status

    def _prepare(self) -> None:
        device = select_device(self.config.device)
        self._write(device=device.name)
        catalog = open_run_films(self.run, resolve=self._resolve)
        needed, num_films = audit_memory_bytes(self.config, catalog.num_films), catalog.num_films
        require_memory(needed, num_films=num_films, what=tr("An audit"))
        precision = choose_precision(self.config, self.backbone, device)
        catalog = prepared_films(
            self.run,
            catalog,
            open_activations=lambda films: FilmActivations(
                films, self.backbone, preset=self.config.preset, fine_tune="head", device=device, precision=precision
            ),
            on_progress=self._leave_if_stopped,
        )
        require_two_patients(catalog)
        self.data = AuditData(
            catalog,
            self.config,
            self.backbone,
            device,
            precision=precision,
            num_repeats=self.audit.repeats,
            on_step=self._leave_if_stopped,
        )
        self.run.update_facts(
            data=data_part(catalog, split_of_run(catalog, self.config), is_given=False),
            precision=precision,
            **machine_facts(device),
        )
        self.run.log(tr("begins on {name}", name=device.name))

    def _do(self, name: str) -> None:
        """Compute a part that is not done."""
        self._part, self._position = TITLES[name], float(self._num_done)
        self._write(phase=self._part, position=self._position)
        module, known = MODULES[name], load_part(self.run, name)
        if known is None:
            started = monotonic_seconds()
            context = PartContext(
                config=self.audit,
                options=self.audit.options.get(name, {}),
                model=self._model(),
                found=self._found(),
                on_share=self._at_share,
            )
            try:
                found, error = module.compute(self.data, context), ""
            except CovidLabError as reason:
                found, error = None, said_by(reason)
                self.run.log(f"{name}: {reason}")
            seconds = monotonic_seconds() - started
            write_part(self.run, name, version=module.VERSION, seconds=seconds, found=found, error=error)
        self._num_done += 1
        self._write(epoch=self._num_done, position=float(self._num_done))

    def _model(self) -> ModelFile | None:
        run = model_in_use(self.audit.run)
        return model_file(run) if run is not None else None

    def _found(self) -> dict[str, Mapping]:
        parts = {name: load_part(self.run, name) for name in self.audit.parts}
        return {name: part.found for name, part in parts.items() if part is not None and not part.error}

    def _report(self) -> None:
        # "precision" is a metric in the reports of other runs.
        facts = {name: value for name, value in without_asker(self.run.load_facts()).items() if name != "precision"}
        parts = {name: load_part(self.run, name) for name in self.audit.parts}
        self.run.write_report(
            {
                **facts,
                "computed_in": self.data.maker.precision,
                **classes_part(self.data.catalog),
                "num_patients": self.data.catalog.num_patients,
                "verdict": verdict_of(self._found()),
                "parts": {
                    name: {"error": str(part.error)} if part.error else dict(part.found)
                    for name, part in parts.items()
                    if part is not None
                },
                "seconds": {
                    "total": self.progress.clock.elapsed(),
                    **{name: part.seconds for name, part in parts.items() if part is not None},
                },
            }
        )

    def _at_share(self, share: float) -> None:
        # It reaches the disk with the next heartbeat, which long work makes more often.
        self._position = self._num_done + min(max(share, 0.0), 1.0)
        if self.progress.is_due():
            self._write(position=self._position)

    def _write(self, **changes) -> None:
        self.progress.write(unit="part", **changes)

    def _leave_if_stopped(self) -> None:
        if self._should_stop() or self.run.is_stop_requested():
            raise Stopped
        if self.progress.is_due():
            # A heartbeat.
            self._write(position=self._position)
