"""Home: what this is, what is here, and three doors. Imported instead of run, the server: the pages and the HTTP routes."""

import os

import streamlit as st
from starlette.middleware import Middleware

from covidlab.runs.store import Run
from covidlab.services.api import Api
from covidlab.services.guard import Guard
from covidlab.services.live import Moment
from covidlab.services.memory import limit_malloc
from covidlab.services.v1.callers import Callers


def draw_moment(moment: Moment) -> dict:
    """What the live view draws of a run; here, so that the server starts before Plotly is loaded."""
    from covidlab.ui.shared import run_drawing

    return run_drawing.draw_moment(moment)


def report_figures(run: Run) -> bytes | None:
    """The charts of a run's report."""
    from covidlab.ui.shared import report_view

    return report_view.report_figures(run)


def describe_server() -> dict[str, str]:
    """Lines of the sidebar that follow the server."""
    from covidlab.ui.shared.layout import server_lines

    return server_lines()


def server_parts() -> dict:
    """The HTTP routes, and what holds for all requests, as arguments of ``st.App``."""
    from covidlab.ui.shared.sign_in import has_provider, signed_in_request

    base = st.get_option("server.baseUrlPath")
    callers = Callers(signed_in=signed_in_request, needs_sign_in=has_provider)
    api = Api(draw=draw_moment, figures=report_figures, describe=describe_server, base=base, callers=callers)
    guard = Middleware(
        Guard,
        hosts=st.get_option("server.allowedHosts"),
        origins=st.get_option("server.corsAllowedOrigins"),
        callers=callers,
        base=base,
    )
    return {"routes": api.routes(), "lifespan": api.lifespan, "middleware": [guard]}


# `streamlit run app.py` finds `app` and imports this file to serve it; a visitor's page runs it as `__main__`.
if __name__ == "__main__":
    # Here, since the server itself draws no page.
    from covidlab.ui.home.page import draw_home

    draw_home()
else:
    limit_malloc()
    # The other end of the connection decides who is here and which proxy may name people, never a header that anybody can send.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    app = st.App(__file__, **server_parts())
