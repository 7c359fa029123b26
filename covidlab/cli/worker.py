"""``worker``: execute the dashboard's runs; the dashboard starts it by itself."""

import argparse


def add_parser(commands) -> None:
    """Add the command."""
    parser = commands.add_parser("worker", help="execute the dashboard's runs (the dashboard starts this by itself)")
    parser.set_defaults(command=worker)


def worker(options: argparse.Namespace) -> int:
    """Serve until nobody needs the worker any more."""
    from covidlab.runs.engines.worker import main as serve

    return serve()
