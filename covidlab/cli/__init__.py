"""The command line: one module a command.

Exit status 0, 1 (failed) or 2 (wrong use); errors are one plain sentence on standard error.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from covidlab.cli import audit, dataset, doctor, export, predict, runs, sweep, train, worker
from covidlab.errors import CovidLabError

_COMMANDS = (train, sweep, audit, predict, export, dataset, runs, doctor, worker)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    return run_command(lambda: options.command(options))


def run_command(command: Callable[[], int | None]) -> int:
    """Return the exit status of ``command()``, its errors turned into one sentence on standard error."""
    try:
        return command() or 0
    except CovidLabError as error:
        print(f"covidlab: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("covidlab: Interrupted.", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m covidlab",
        description="See what VGG16 can and cannot learn from fifty chest X-rays. Not for diagnosis.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
