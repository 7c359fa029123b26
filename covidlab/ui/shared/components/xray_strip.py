"""The X-rays of a set at a glance: small pictures by class, below each what a model says of it; one element of the page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from covidlab.ui.shared.components import page_component

_draw_strip = page_component("xray_strip")


def xray_strip(
    groups: Sequence[Mapping[str, Any]],
    *,
    sprite: str,
    num_in_sprite: int,
    key: str,
    on_open: Callable[[str], None],
    chosen: str = "",
) -> None:
    """Draw the groups side by side; a click on an X-ray, or Enter, calls ``on_open(file)``.

    Parameters
    ----------
    groups : a dict each with name, about and cells; a cell has file, name, picture (address, or "" where it is in the
        sprite), place (in the sprite), side ("right", "wrong", "" where not known) and share (probability of the positive class,
        None where not known)
    sprite, num_in_sprite : address of the sheet of small pictures (services.xray_pictures), and how many are in it
    chosen : file of the X-ray that is marked as the one in view, "" for none
    """
    files = {cell["file"] for group in groups for cell in group["cells"]}

    def open_xray() -> None:
        # The browser says which; a name that the page has not drawn opens nothing.
        if st.session_state[key]["open"] in files:
            on_open(st.session_state[key]["open"])

    _draw_strip(
        key=key,
        data={"groups": list(groups), "sprite": sprite, "inSprite": num_in_sprite, "chosen": chosen},
        on_open_change=open_xray,
    )
