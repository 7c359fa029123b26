"""The command ``doctor``: it needs no package, since it says which are missing. Status 0 where the app can run, else 1."""

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Sequence

from covidlab.doctor.computing import Computing
from covidlab.doctor.examination import Report, all_checks, examine
from covidlab.doctor.findings import Check, Finding

_STATE_WIDTH, _TITLE_WIDTH = 15, 17
_MOST_COLUMNS = 120


def main(arguments: Sequence[str]) -> int:
    """Run the command without the rest of the command line."""
    parser = argparse.ArgumentParser(prog="python -m covidlab doctor", description="Say what works on this machine.")
    add_options(parser)
    return doctor(parser.parse_args(arguments))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--json", action="store_true", help="print what was found as one JSON object")


def doctor(options: argparse.Namespace) -> int:
    """Look at everything, print a line for each check as soon as it is done, return the exit status."""
    computing = Computing()
    try:
        after = _say_progress if options.json else _say
        report = examine(all_checks(computing), before=_say_what_takes_long, after=after)
    finally:
        computing.close()
    print(json.dumps(report.to_dict(), indent=1) if options.json else verdict(report))
    return 0 if report.can_run else 1


def verdict(report: Report) -> str:
    """Return the last line."""
    if report.can_run:
        return f"The app can run here ({report.seconds:.0f} s)."
    return f"The app cannot run here. See: {', '.join(report.hindrances)} ({report.seconds:.0f} s)."


def lines(check: Check, found: Finding, *, columns: int) -> str:
    """Return what is printed of a check: state, title, sentence, and below it what to do."""
    margin = " " * (_STATE_WIDTH + _TITLE_WIDTH)
    head = f"{found.state:<{_STATE_WIDTH}}{check.title:<{_TITLE_WIDTH}}"
    parts = [
        textwrap.wrap(part, columns - len(margin), break_on_hyphens=False) for part in (found.sentence, found.advice)
    ]
    return head + f"\n{margin}".join(line for part in parts for line in part)


def _say(check: Check, found: Finding) -> None:
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    print(lines(check, found, columns=max(columns, 60)), flush=True)


def _say_progress(check: Check, found: Finding) -> None:
    print(f"{check.title}: {found.state}", file=sys.stderr, flush=True)


def _say_what_takes_long(check: Check) -> None:
    if check.name == "tensorflow":
        print("TensorFlow is loaded and measured, about ten seconds ...", file=sys.stderr, flush=True)
