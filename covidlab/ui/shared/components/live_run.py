"""A run as it trains, drawn by the browser from the server's events; no script of the page runs meanwhile."""

from pathlib import Path

from covidlab.runs.store import Run
from covidlab.services.assets import plotly_name
from covidlab.ui.shared.components import address, page_component

_draw_run = page_component("live_run", with_charts=True)


def live_run(
    run: Run | None,
    state: str,
    *,
    watch: dict[str, str],
    key: str,
    charts: bool = True,
    progress: bool = True,
    prefix: str = "",
) -> None:
    """Draw progress and curves of a run as they come; the page is run again once it must look different.

    Parameters
    ----------
    run : None where there is nothing to draw, only to wait for a run that begins
    state : what the rest of the page shows of the run (``run_drawing.page_state``); it is drawn anew when that is no longer true
    watch : values of the server's status (services.overview) on which the rest of the page depends
    progress : whether it is drawn here how far the run is; it is told to the other parts of the page either way
    prefix : what stands before the progress, as where it is of a run that is not opened
    """
    _draw_run(
        key=key,
        data={
            "id": run.id if run else "",
            "events": address(f"/runs/{run.id}/events") if run else "",
            "plotly": address(f"/plotly/{plotly_name()}", has_words=False),
            "state": state,
            "watch": watch,
            "charts": charts,
            "progress": progress,
            "prefix": prefix,
        },
        on_changed_change=_page_is_drawn_anew,
    )


def has_curves(run: Run) -> bool:
    """Return True where an epoch or a step of a run has been written."""
    return any(_has_content(run.path / name) for name in ("history.csv", "steps.csv"))


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _page_is_drawn_anew() -> None:
    """The run of the page that follows is all that is wanted."""
