"""A chart of a finished run: the script names it, the browser fetches it, and the server has built it once."""

from covidlab.runs.store import Run
from covidlab.services.assets import plotly_name
from covidlab.ui.shared.components import address, page_component
from covidlab.ui.shared.report_view import ReportView

_draw_chart = page_component("page_chart", with_charts=True)


def page_chart(run: Run, view: ReportView, name: str, *, key: str) -> None:
    """Draw one of the charts of a run's report."""
    chart = view.charts[name]
    _draw_chart(
        key=key,
        data={
            "address": f"{address(f'/runs/{run.id}/figures')}?v={view.stamp}",
            "name": name,
            "alt": chart.alt,
            "height": chart.height,
            "plotly": address(f"/plotly/{plotly_name()}", has_words=False),
        },
    )
