"""``audit``: find out what a model learned of a data set, and report it."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from covidlab.audit.settings import LABS, PARTS, AuditConfig
from covidlab.config import DEVICES, TrainingConfig
from covidlab.errors import RunError
from covidlab.files import write_json
from covidlab.learning.quiet import load_tensorflow_quietly
from covidlab.runs.jobs import Job
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("audit", help="find out what a model really learned")
    parser.add_argument("-d", "--dataset", required=True, help="folder with one folder of X-rays for each class")
    parser.add_argument("--report", metavar="FILE", help="write the whole report there, as JSON")
    parser.add_argument(
        "--run",
        metavar="ID",
        help="run whose model is audited (its folder's name); by default the settings of the default model",
    )
    parser.add_argument("--repeats", type=int, metavar="N", default=AuditConfig.repeats, help="of the cross-validation")
    parser.add_argument("--parts", nargs="+", choices=(*PARTS, *LABS), default=list(PARTS), help="what is computed")
    parser.add_argument(
        "--other",
        metavar="DIR",
        help="folder, or ZIP file, with labelled X-rays of another hospital: how the model does there",
    )
    parser.add_argument(
        "--documents", metavar="DIR", help="write model card, checklists and datasheet into this folder"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="where to compute")
    parser.add_argument("--positive-class", help="folder of the class that the metrics refer to (default: covid)")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(command=audit)


def audit(options: argparse.Namespace) -> int:
    """Audit in this process, show progress, print the verdict and the sentences of each part."""
    from covidlab.runs.audit_text import audit_lines
    from covidlab.runs.audits import load_audit
    from covidlab.runs.documents.making import require_folder
    from covidlab.runs.engines.inline import InlineEngine, show_progress, stop_on_signals

    if options.documents:
        # Said before an audit of minutes.
        require_folder(Path(options.documents))
    run = _new(options)
    load_tensorflow_quietly()
    with stop_on_signals(run), show_progress(len(load_audit(run).parts), unit="part") as show:
        InlineEngine(on_status=show).submit(run)
    status = run.status()
    if status.state is not State.FINISHED:
        raise RunError(status.reason)
    report = run.report() or {}
    if options.report:
        write_json(Path(options.report), report)
    if options.documents:
        _write_documents(options)
    print(json.dumps(report) if options.json else "\n".join([*audit_lines(report), f"run: {run.path}"]))
    return 0


def _new(options: argparse.Namespace) -> Run:
    """A run that is made once the data set and the settings are known to do."""
    from covidlab.data.catalog import load_catalog
    from covidlab.data.splits import require_two_patients
    from covidlab.runs.audit_making import audited_config
    from covidlab.runs.engines.inline import InlineEngine

    catalog = load_catalog(Path(options.dataset), positive_class=options.positive_class)
    require_two_patients(catalog)
    asked = AuditConfig(
        parts=tuple(dict.fromkeys(options.parts)),
        repeats=options.repeats,
        run=options.run,
        other=str(Path(options.other).absolute()) if options.other else None,
    ).validate()
    config: TrainingConfig = replace(audited_config(catalog, options.run), device=options.device)
    return RunStore().create(
        config,
        job=Job.AUDIT,
        engine=InlineEngine.name,
        fingerprint=catalog.fingerprint,
        asked={"audit": asked.to_dict()},
    )


def _write_documents(options: argparse.Namespace) -> None:
    """Write what the run, the set and the newest audits say; the set is read again, since it may have changed meanwhile."""
    from covidlab.data.catalog import load_catalog
    from covidlab.runs.documents.facts import gather
    from covidlab.runs.documents.making import write_documents

    catalog = load_catalog(Path(options.dataset), positive_class=options.positive_class)
    write_documents(gather(catalog, options.run), Path(options.documents))
