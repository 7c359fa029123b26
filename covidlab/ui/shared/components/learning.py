"""How a run learned: every X-ray as a moving dot, below them the honest curve, drawn and played by the browser."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.runs.store import Run
from covidlab.services.learning import offer_set, xrays_of_run
from covidlab.ui.shared.components import address, page_component

_draw_learning = page_component(
    "learning", with_scripts=["learning_dots", "learning_swarm", "learning_curve", "learning_card", "learning_words"]
)


def learning(
    run: Run | None,
    catalog: Catalog | None,
    *,
    key: str,
    state: str = "",
    ghost: Run | None = None,
    large: bool = False,
    shows: str = "all",
    replays: bool = False,
    on_open: Callable[[str, int], None] | None = None,
) -> None:
    """Draw every X-ray of a run as a dot that moves with the epochs; without a run those of the data set, waiting.

    Parameters
    ----------
    catalog : the data set whose X-rays are shown as long as the run has named none; None for no X-rays then
    key : of the element; the same one for the next run lets the X-rays move on from where they are
    state : what the page shows of the run (``run_drawing.page_state``); with another one the browser asks again
    ghost : an earlier run, whose curve stays visible
    large : for a projector: text of 20 pixels, 600 pixels high and more
    shows : "all", or one thing of it: "dots" (with what plays them above) or "curve"
    replays : whether a run that ended long ago plays by itself; one under way, or begun meanwhile, always does
    on_open : called with the file of an X-ray and the epoch shown, when somebody opens it; then the page is run again
    """
    waiting = f"/sets/{offer_set(catalog)}" if catalog is not None else ""

    def open_xray() -> None:
        opened = st.session_state[key]["opened"]
        if chosen := _checked(run, opened):
            on_open(*chosen)

    told = {} if on_open is None or run is None else {"on_opened_change": open_xray}
    _draw_learning(
        key=key,
        data={
            "run": run.id if run else "",
            "place": address(f"/runs/{run.id}" if run else waiting),
            "waiting": address(waiting) if waiting else "",
            "ghost": address(f"/runs/{ghost.id}") if ghost else "",
            "state": state,
            "large": large,
            "shows": shows,
            "replays": replays,
            "opens": bool(told),
        },
        **told,
    )


def _checked(run: Run, opened: object) -> tuple[str, int] | None:
    """File and epoch as the browser named them; None where the run has no such X-ray."""
    with suppress(TypeError, KeyError, ValueError):
        file, epoch = str(opened["film"]), max(0, int(opened["epoch"]))
        return (file, epoch) if file in xrays_of_run(run).files else None
    return None
