"""What people and programs do with runs: whether they may is decided here, and each act is noted. Pages and the HTTP API call these."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from covidlab.audit.settings import AuditConfig
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import AccessError
from covidlab.intake.adding import list_datasets
from covidlab.intake.visit_files import visits_folder
from covidlab.runs.audit_making import submit_audit
from covidlab.runs.continuing import continue_run
from covidlab.runs.engines import chosen_engine
from covidlab.runs.jobs import Job
from covidlab.runs.notes import save_notes
from covidlab.runs.queue import asked_facts
from covidlab.runs.store import Run, RunStore
from covidlab.services.access import Act, Visitor, require, why_not
from covidlab.services.acts import note_act

Made = TypeVar("Made")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def start_run(
    visitor: Visitor,
    config: TrainingConfig,
    *,
    fingerprint: str,
    job: Job = Job.TRAIN,
    expected_seconds: float | None = None,
    name: str = "",
    more: Mapping[str, Any] = _NOTHING,
) -> Run:
    """Return a new run, given to the trainer.

    Parameters
    ----------
    visitor : who starts it
    config, job, fingerprint : as ``RunStore.create`` takes them
    expected_seconds : what it is expected to take, None where nobody knows
    name : what the visitor has typed; a visitor who is signed in is called as the sign-in calls them
    more : further facts of its run.json

    Raises
    ------
    AccessError
        The visitor's role does not allow it.
    CovidLabError
        It cannot be started.
    """
    require(visitor, Act.TRAIN)
    engine = chosen_engine()
    asked = {**_asked(visitor, name, expected_seconds), **more}
    run = RunStore().create(config, job=job, engine=engine.name, fingerprint=fingerprint, asked=asked)
    engine.submit(run)
    note_act(visitor, Act.TRAIN, run)
    return run


def start_audit(
    visitor: Visitor, catalog: Catalog, audit: AuditConfig, *, expected_seconds: float | None = None, name: str = ""
) -> Run:
    """Return a new audit, given to the trainer; raises as ``start_run`` does."""
    require(visitor, Act.TRAIN)
    if audit.other and not _is_known_place(Path(audit.other)):
        # Whoever may add X-rays may name any folder of the machine.
        require(visitor, Act.ADD)
    run = submit_audit(catalog, audit, chosen_engine(), asked=_asked(visitor, name, expected_seconds))
    note_act(visitor, Act.TRAIN, run)
    return run


def why_not_go_on(visitor: Visitor, run: Run) -> str:
    """Return why a visitor may not let a run go on, "" where they may: an own one, and where nobody signs in any audit."""
    is_open = run.load_job() == Job.AUDIT and not visitor.is_signed_in
    return why_not(visitor, Act.TRAIN) or ("" if is_open else why_not(visitor, Act.STOP, run))


def go_on(visitor: Visitor, run: Run) -> None:
    """Let a run that has ended before its time go on; raises AccessError where ``why_not_go_on`` has a reason."""
    if why := why_not_go_on(visitor, run):
        raise AccessError(why)
    continue_run(run, chosen_engine())
    note_act(visitor, Act.TRAIN, run)


def stop_run(visitor: Visitor, run: Run) -> None:
    """End a run at its next batch."""
    require(visitor, Act.STOP, run)
    chosen_engine().cancel(run)
    note_act(visitor, Act.STOP, run)


def delete_run(visitor: Visitor, run: Run) -> None:
    """Remove a run for good; raises RunError while it is active."""
    require(visitor, Act.DELETE, run)
    RunStore().delete(run.id)
    note_act(visitor, Act.DELETE, run)


def write_notes(visitor: Visitor, run: Run, *, note: str, tags: Sequence[str]) -> None:
    """Replace the note and the tags of a run."""
    require(visitor, Act.NOTE, run)
    save_notes(run, note=note, tags=tags)
    note_act(visitor, Act.NOTE, run)


def perform(visitor: Visitor, act: Act, change: Callable[[], Made]) -> Made:
    """Return what a change of something else than a run returns, as of a data set; it is made and noted where the act is allowed."""
    require(visitor, act)
    made = change()
    note_act(visitor, act)
    return made


def end_trainer(visitor: Visitor) -> None:
    """End whatever computes, by force if need be."""
    require(visitor, Act.OPERATE)
    chosen_engine().end()
    note_act(visitor, Act.OPERATE)


def _is_known_place(path: Path) -> bool:
    """Whether X-rays of another hospital are a data set that is here, or were uploaded for this once."""
    return path.parent.absolute() == visits_folder().absolute() or path.absolute() in dict(list_datasets()).values()


def _asked(visitor: Visitor, name: str, expected_seconds: float | None) -> dict[str, Any]:
    """What run.json keeps of who asked."""
    called = visitor.name or name
    asked = asked_facts(name=called, token=visitor.token, expected_seconds=expected_seconds or 0.0)
    if expected_seconds is None:
        del asked["expected_seconds"]
    return asked
