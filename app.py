"""Home: what this is, what is here, and three doors. Imported instead of run, the server: the pages and the HTTP routes."""

import streamlit as st

from covidlab.runs.store import Run
from covidlab.services.api import Api
from covidlab.services.live import Moment
from covidlab.services.memory import limit_arenas


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


# `streamlit run app.py` finds `app` and imports this file to serve it; a visitor's page runs it as `__main__`.
if __name__ == "__main__":
    # Here, since the server itself draws no page.
    from covidlab.ui.home.page import draw_home

    draw_home()
else:
    limit_arenas()
    api = Api(
        draw=draw_moment, figures=report_figures, describe=describe_server, base=st.get_option("server.baseUrlPath")
    )
    app = st.App(__file__, routes=api.routes(), lifespan=api.lifespan)
