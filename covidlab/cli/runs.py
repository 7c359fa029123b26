"""``runs``: keep runs that have ended in an object store, and bring them back."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from covidlab.errors import CovidLabError, StorageError
from covidlab.runs.store import RunStore
from covidlab.text import pluralize

if TYPE_CHECKING:
    from covidlab.runs.archive import Manifest


def add_parser(commands) -> None:
    """Add the command, its actions and their options."""
    parser = commands.add_parser("runs", help="copy runs to an object store (COVIDLAB_ARCHIVE), and bring them back")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("archive", help="copy each run that has ended and is not in the archive yet")
    _add_json(action)
    action.set_defaults(command=archive_runs)
    action = actions.add_parser("restore", help="bring runs back from the archive, compared with their checksums")
    action.add_argument("runs", nargs="*", metavar="ID", help="run (its folder's name); default: all that are not here")
    _add_json(action)
    action.set_defaults(command=restore_runs)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def archive_runs(options: argparse.Namespace) -> int:
    """Copy the runs that are not in the archive yet; exit status 1 where one could not be copied."""
    from covidlab.runs.archive import belongs_there, is_copied, open_archive

    archive, store = open_archive(), RunStore()
    there = set(archive.run_ids())
    ended = [run for run in reversed(store.list()) if belongs_there(run)]
    todo = [run for run in ended if run.id not in there or not is_copied(run, archive.shown)]
    done, failed = _each(
        [run.id for run in todo], lambda run_id: archive.copy(store.get(run_id)), said="copied", options=options
    )
    num_present = len(ended) - len(done) - len(failed)
    if options.json:
        print(json.dumps(_values(archive.shown, copied=done, present=num_present, failed=failed)))
    else:
        print(f"{pluralize(len(done), 'run')} copied, {num_present} there already: {archive.shown}")
    return 1 if failed else 0


def restore_runs(options: argparse.Namespace) -> int:
    """Bring runs back that are not here; exit status 1 where one could not be restored."""
    from covidlab.runs.archive import open_archive
    from covidlab.runs.restoring import restore

    archive, store = open_archive(), RunStore()
    here = {run.id for run in store.list()}
    asked = list(dict.fromkeys(options.runs)) or archive.run_ids()
    todo = asked if options.runs else [run_id for run_id in asked if run_id not in here]
    done, failed = _each(todo, lambda run_id: restore(archive, run_id, store), said="restored", options=options)
    num_present = len(asked) - len(todo)
    if options.json:
        print(json.dumps(_values(archive.shown, restored=done, present=num_present, failed=failed)))
    else:
        print(
            f"{pluralize(len(done), 'run')} restored from {archive.shown}, {num_present} here already: {store.folder}"
        )
        for sentence in _same_numbers(store, done):
            print(sentence)
    return 1 if failed else 0


def _each(
    run_ids: Iterable[str],
    do: "Callable[[str], Manifest | None]",
    *,
    said: str,
    options: argparse.Namespace,
) -> "tuple[dict[str, Manifest], dict[str, str]]":
    """Do something with one run after another; return what was done, and why it could not be done with others.

    A store or a disk that fails ends it, since it would fail for the others too.
    """
    done, failed = {}, {}
    for run_id in run_ids:
        try:
            if (manifest := do(run_id)) is None:
                continue
            done[run_id] = manifest
            if not options.json:
                print(f"{run_id}: {said}, {manifest.size_text}.", flush=True)
        except CovidLabError as error:
            failed[run_id] = str(error)
            print(f"covidlab: {error}", file=sys.stderr)
            if isinstance(error, StorageError):
                break
    return done, failed


def _values(shown: str, *, present: int, failed: dict[str, str], **done: "dict[str, Manifest]") -> dict:
    ((what, manifests),) = done.items()
    runs = [
        {"run": run_id, "files": len(manifest.files), "bytes": manifest.num_bytes}
        for run_id, manifest in manifests.items()
    ]
    why = [{"run": run_id, "reason": reason} for run_id, reason in failed.items()]
    return {"archive": shown, what: runs, "present": present, "failed": why}


def _same_numbers(store: RunStore, restored: Iterable[str]) -> list[str]:
    """What to say of restored runs whose number another run has as well."""
    runs = store.list()
    by_id = {run.id: run for run in runs}
    numbers = [run.number for run in runs]
    return [
        f"Another run has the number {by_id[run_id].number} as well: they are told apart by their folders, here {run_id}."
        for run_id in restored
        if numbers.count(by_id[run_id].number) > 1
    ]
