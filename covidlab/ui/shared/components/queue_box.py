"""The trainer's queue, kept fresh by what the browser hears of the server's status; no script of the page runs meanwhile."""

from collections.abc import Callable, Sequence

import streamlit as st

from covidlab.ui.shared.components import page_component

_KEY = "queue_box"
_draw_box = page_component("queue_box")


def queue_box(rows: list[dict], *, own: Sequence[str], watch: dict[str, str], on_cancel: Callable[[str], None]) -> None:
    """Draw the rows of ``services.queue``; the button of a row that waits calls ``on_cancel(id)``.

    ``own`` are the ids of runs that have a button for this visitor, besides those that anybody may cancel. The page is run again
    when the server's status differs from the values in ``watch``.
    """

    def cancel() -> None:
        on_cancel(str(st.session_state[_KEY]["cancel"]))

    data = {"rows": rows, "own": list(own), "watch": watch}
    _draw_box(key=_KEY, data=data, on_cancel_change=cancel, on_changed_change=_page_is_drawn_anew)


def _page_is_drawn_anew() -> None:
    """The run of the page that follows is all that is wanted."""
