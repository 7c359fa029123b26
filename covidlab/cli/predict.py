"""``predict``: read X-rays with a model, one line a file; a folder of thousands as well as one X-ray."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlab.errors import ModelError, UsageError
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.learning.modelcard import file_sha256, read_card
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.prediction.batch import find_xrays
from covidlab.prediction.file_reading import FileRead, Known, ReadFiles, read_files
from covidlab.prediction.result_file import ResultFile
from covidlab.prediction.serialize import REFUSED
from covidlab.runs.jobs import EngineName
from covidlab.text import pluralize

if TYPE_CHECKING:
    from covidlab.prediction.loading import ModelFile

INTERRUPTED = 130


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("predict", help="read X-rays with a trained model")
    parser.add_argument("files", nargs="+", metavar="FILE", help="an X-ray, or a folder with X-rays at any depth")
    parser.add_argument(
        "--model", help="model file (default: that of the run in COVIDLAB_MODEL, else the one that ships with covidlab)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--resume",
        metavar="OUT",
        help="add each result to this file of JSON lines, and pass over the X-rays that stand there already",
    )
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="give the number also where a check speaks against it; the line says which",
    )
    parser.set_defaults(command=predict)


def predict(options: argparse.Namespace) -> int:
    """Print a line for each file as soon as it is read; exit status 1 where one was refused."""
    model = _model(options.model)
    files, num_passed_over = find_xrays(options.files)
    if not files:
        raise UsageError(
            f"At least one X-ray is expected; {pluralize(num_passed_over, 'file')} that are no X-rays were found. "
            f"Received: {', '.join(options.files)}."
        )
    audit = _audit_of(model)
    read = _reading(model, anyway=options.anyway, audit=audit)
    results = None
    if options.resume:
        results = ResultFile(Path(options.resume), model_sha256=model.sha256 or file_sha256(model.path))
    batch = Batch(read, results, as_json=options.json, anyway=options.anyway, audit=audit)
    status = batch.run(files)
    if status != INTERRUPTED and not options.json:
        _say(batch.remarks(num_passed_over))
    return status


def _reading(model: "ModelFile", *, anyway: bool, audit: Sequence[str]) -> ReadFiles:
    """What reads files with a model: this process, or the nodes of a cluster."""
    if os.environ.get("COVIDLAB_ENGINE") == EngineName.RAY:
        from covidlab.runs.engines.ray_cluster import RayCluster
        from covidlab.runs.engines.ray_reading import ClusterReading

        return ClusterReading(RayCluster(), model, anyway=anyway, audit=audit)
    sandbox = shared_sandbox()
    # Its processes start while TensorFlow is loaded.
    sandbox.warm_up()
    load_tensorflow_quietly()
    from covidlab.prediction.loading import load_predictor

    predictor = load_predictor(model)
    return partial(read_files, predictor=predictor, prepare=sandbox.prepare, anyway=anyway, audit=audit)


class Batch:
    """Files that one model reads, and what became of them.

    Parameters
    ----------
    read : yields what the model says of files, in order
    results : file to which each result is added, None where none is wanted
    as_json : whether JSON is printed, else sentences
    anyway : whether a number is given also where a check refuses it
    audit : the verdict on the model and what that does not establish; empty where there is no audit
    """

    def __init__(
        self,
        read: ReadFiles,
        results: ResultFile | None,
        *,
        as_json: bool,
        anyway: bool = False,
        audit: Sequence[str] = (),
    ) -> None:
        self._read_files = read
        self._results = results
        self._as_json = as_json
        self._anyway = anyway
        self._audit = list(audit)
        self._num_done = self._num_refused = self._num_known = 0

    def run(self, files: Sequence[str]) -> int:
        """Read all files; return the exit status. Ctrl-C ends it with one sentence; what is done stays done."""
        try:
            known = Known(statuses=self._results.statuses if self._results else {}, anyway=self._anyway)
            with _bar(len(files)) as step, closing(self._read_files(files, known)) as read:
                for each in read:
                    self._take(each)
                    step()
        except KeyboardInterrupt:
            _say([self._interrupted(len(files))])
            return INTERRUPTED
        except BrokenPipeError:
            # Whoever read the lines has seen enough; Python would complain again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        return 1 if self._num_refused else 0

    def remarks(self, num_passed_over: int) -> list[str]:
        """Return what is said at the end."""
        said = []
        if num_passed_over:
            said.append(
                f"covidlab: {pluralize(num_passed_over, 'file')} of the folders passed over, which are no X-rays."
            )
        if self._num_known:
            said.append(f"covidlab: {pluralize(self._num_known, 'X-ray')} passed over, which had been read before.")
        return [*said, *self._audit, "Not for diagnosis."]

    def _take(self, each: FileRead) -> None:
        """Print what the model says of a file, and keep it."""
        self._num_done += 1
        if each.answer is None:
            self._num_known += 1
            self._num_refused += self._results.status_of(each.file, each.sha256) == REFUSED
            return
        self._num_refused += each.answer.is_refused
        if self._results:
            self._results.append(each.answer.values)
        _print(json.dumps(each.answer.values) if self._as_json else each.answer.text)

    def _interrupted(self, num_files: int) -> str:
        if self._results:
            further = "The same command goes on from there."
        else:
            further = "With --resume OUT.jsonl, the same command can go on later where it ended."
        return f"covidlab: Interrupted after {self._num_done:,} of {pluralize(num_files, 'X-ray')}. {further}"


def _model(named: str | None) -> "ModelFile":
    """The model named, else the one in use; what is no model of ours is said before TensorFlow is loaded."""
    from covidlab.prediction.loading import ModelFile

    if named is None:
        return _model_in_use()
    read_card(Path(named))
    return _model_of_run(Path(named)) or ModelFile(path=Path(named))


def _model_of_run(path: Path) -> "ModelFile | None":
    """The model of a run where the file is one, unchanged: with it comes what the run kept for judging X-rays."""
    from covidlab.runs.models import model_file
    from covidlab.runs.store import Run

    run = Run(path.parent)
    is_of_run = path.name == run.model_path.name and run.load_facts().get("model_sha256") == file_sha256(path)
    return model_file(run) if is_of_run else None


def _audit_of(model: "ModelFile") -> list[str]:
    """What an audit says of the model of a run; nothing of a file that somebody named, or where there is no audit."""
    from covidlab.runs.store import Run
    from covidlab.runs.verdicts import verdict_lines

    # A model that a run has written has a checksum, and lies in the directory of its run.
    return verdict_lines(Run(model.path.parent)) if model.sha256 else []


def _model_in_use() -> "ModelFile":
    from covidlab.runs.active_model import check_model_setting, model_in_use
    from covidlab.runs.models import model_file

    check_model_setting()
    run = model_in_use()
    if run is None:
        raise ModelError("The model that ships with covidlab is missing here. Train one, or name one with --model.")
    return model_file(run)


@contextmanager
def _bar(num_files: int) -> Iterator[Any]:
    """A progress bar with the remaining time where standard error is a terminal, for what takes over a second."""
    from tqdm import tqdm

    with tqdm(total=num_files, unit=" X-ray", file=sys.stderr, disable=None, delay=1) as bar:
        yield bar.update


def _print(line: str) -> None:
    from tqdm import tqdm

    # On a terminal the bar makes room for the line.
    with tqdm.external_write_mode(file=sys.stdout):
        print(line, flush=True)


def _say(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)
