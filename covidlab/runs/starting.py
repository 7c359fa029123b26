"""Which class executes which job of a run."""

from covidlab.errors import RunError
from covidlab.language import keeping_messages, tr
from covidlab.runs.auditing import Auditing
from covidlab.runs.execution import Execution
from covidlab.runs.jobs import Job
from covidlab.runs.status import Status
from covidlab.runs.store import Run
from covidlab.runs.sweeping import Sweeping

JOBS = {Job.TRAIN: Execution, Job.SWEEP: Sweeping, Job.AUDIT: Auditing}


def start_job(run: Run, **options) -> Status:
    """Execute a run, its lock held by the caller, whatever its job; ``options`` are those of the job's class.

    Raises RunError for a job that only a later version knows.
    """
    job = run.load_job()
    # Who looks at the run reads its sentences in their language.
    with keeping_messages():
        if job not in JOBS:
            raise RunError(
                tr("This version of covidlab cannot do this job. Update covidlab. Received: {job}.", job=job)
            )
        return JOBS[job](run, **options).execute()
