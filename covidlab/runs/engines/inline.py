"""Training from the command line: the same run directory as the dashboard's, a progress bar, and files where asked."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from tqdm import tqdm

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.cautions import cautions
from covidlab.data.decisions import apply_selection
from covidlab.data.selections import load_selection
from covidlab.data.splits import require_two_patients
from covidlab.errors import RunError, UsageError
from covidlab.files import require_free_space, storage_errors, write_json
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.modelcard import require_earlier_model
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.runs.engines.base import Description, Engine
from covidlab.runs.jobs import EngineName
from covidlab.runs.report_text import report_lines
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run, RunStore


class InlineEngine(Engine):
    """Executes a run in the calling process, which waits for its end."""

    name = EngineName.INLINE

    def __init__(self, *, on_status: Callable[[Status], None] = lambda status: None):
        self._on_status = on_status

    def ready(self) -> None:
        """See Engine: nothing has to be prepared."""

    def submit(self, run: Run) -> None:
        """See Engine: returns once the run has ended; raises the error that made it fail."""
        from covidlab.runs.starting import JOBS

        with run.locked():
            execution = JOBS[run.load_job()](run, on_status=self._on_status, resolve=self.resolve)
            execution.execute()
        if execution.error:
            raise execution.error

    def end(self) -> None:
        """See Engine: the process that computes is the one that calls."""

    def describe(self) -> Description:
        """See Engine."""
        from covidlab.learning.device import select_device

        return Description(device=select_device("auto").name)


def train_in_foreground(config: TrainingConfig, *, model: Path, plot: Path, report: Path | None) -> Run:
    """Train, print the report and save model, plot and report; nothing of them is written unless the run finishes.

    Raises
    ------
    DataError, UsageError, ModelError
        Before TensorFlow is loaded and a run is made, where the films, the places to save or the model to start from
        cannot be used.
    RunError
        Where the training failed or was stopped.
    """
    catalog = load_catalog(Path(config.dataset), positive_class=config.positive_class)
    used = used_films(catalog, config)
    require_two_patients(used)
    config = replace(config, positive_class=catalog.positive_class)
    _check_places(model, plot, *([report] if report else []))
    if config.start_from:
        require_earlier_model(config, catalog.classes)
    require_free_space(model.absolute().parent, find_backbone(config.backbone).whole_model_bytes)
    for sentence in (*used.problems, *cautions(used)):
        print(sentence, file=sys.stderr, flush=True)

    load_tensorflow_quietly()
    from covidlab.learning.modelfile import export_whole
    from covidlab.runs.plot import save_plot

    run = RunStore().create(config, engine=InlineEngine.name, fingerprint=catalog.fingerprint)
    with stop_on_signals(run), show_progress(config.epochs) as show:
        InlineEngine(on_status=show).submit(run)
    status = run.status()
    if status.state is not State.FINISHED:
        raise RunError(
            tr(
                "{reason} Nothing was saved to {model} or {plot}; the run is kept in {path}.",
                reason=status.reason,
                model=model,
                plot=plot,
                path=run.path,
            )
        )
    # First what was learned: the disk may have filled up meanwhile.
    print("\n".join(report_lines(run)))
    export_whole(run.model_path, model)
    save_plot(plot, run.history())
    if report:
        write_json(report, run.report())
    print(f"model: {model}\nplot: {plot}\n" + (f"report: {report}\n" if report else "") + f"run: {run.path}")
    return run


def used_films(catalog: Catalog, config: TrainingConfig) -> Catalog:
    """Return the X-rays that the run will take; raises DataError where its selection cannot be used."""
    if config.selection is None:
        return catalog
    return apply_selection(catalog, load_selection(catalog.root, config.selection))


def _check_places(*places: Path) -> None:
    """Raise UsageError or StorageError where files cannot be saved there, before anything is trained."""
    for place in places:
        if place.is_dir():
            raise UsageError(tr("A file name is needed, this is a folder. Received: {place}.", place=place))
        if not place.absolute().parent.is_dir():
            raise UsageError(tr("The folder to save in does not exist. Received: {place}.", place=place))
        with storage_errors(place), TemporaryFile(dir=place.absolute().parent):
            pass
    resolved = [place.resolve() for place in places]
    twice = [str(place) for place in places if resolved.count(place.resolve()) > 1]
    if twice:
        raise UsageError(tr("Model, plot and report need different names. Received: {twice}.", twice=", ".join(twice)))


@contextmanager
def stop_on_signals(run: Run) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run at its next batch instead of in the middle of a write."""
    previous = {
        number: signal.signal(number, lambda *_: run.request_stop()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def show_progress(total: int, *, unit: str = "epoch") -> Iterator[Callable[[Status], None]]:
    """A progress bar on standard error; yields what takes each status of the run."""
    with tqdm(
        total=total,
        unit=unit,
        file=sys.stderr,
        bar_format="{desc} {bar} {elapsed}<{remaining}",
    ) as bar:

        def show(status: Status) -> None:
            done = f"{status.epoch}/{total} {unit}s, {status.phase or status.state}"
            bar.set_description_str(done, refresh=False)
            bar.n = max(bar.n, min(status.position, total))
            bar.refresh()

        yield show
