"""Lines on what the server is doing that keep themselves fresh, without a run of the page."""

from covidlab.ui.shared.components import address, page_component

_draw_status = page_component("server_status")


def server_status(lines: dict[str, str]) -> None:
    """Draw name and text of each line; those that the server's status names as well follow it."""
    _draw_status(key="server_status", data={"address": address("/status"), "lines": lines})
