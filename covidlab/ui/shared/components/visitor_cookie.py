"""A cookie that the browser keeps until it is closed; it tells the server that a visitor is the same one."""

from covidlab.ui.shared.components import page_component

_draw_cookie = page_component("visitor_cookie")


def visitor_cookie(name: str, value: str) -> None:
    """Let the browser keep ``value`` under ``name``; no other site can read it, and nothing else is kept in it."""
    _draw_cookie(key="visitor_cookie", data={"name": name, "value": value})
