"""``worker``: execute the dashboard's runs, or hand them to a cluster; the dashboard starts it by itself."""

import argparse
import os


def add_parser(commands) -> None:
    """Add the command."""
    parser = commands.add_parser("worker", help="execute the dashboard's runs (the dashboard starts this by itself)")
    parser.set_defaults(command=worker)


def worker(options: argparse.Namespace) -> int:
    """Serve until nobody needs the worker any more."""
    from covidlab.runs.jobs import EngineName

    if os.environ.get("COVIDLAB_ENGINE") == EngineName.RAY:
        from covidlab.runs.engines.ray_cluster import require_ray
        from covidlab.runs.engines.ray_dispatcher import main as dispatch

        require_ray()
        return dispatch()
    from covidlab.runs.engines.worker import main as serve

    return serve()
