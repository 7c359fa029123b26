"""What was opened further down is brought into view: Streamlit draws it, and the browser stays where it was."""

from covidlab.ui.shared.components import page_component

_draw_place = page_component("into_view")


def into_view(turn: str, *, name: str, key: str) -> None:
    """Mark this place; the browser goes there, with the keyboard, once for each ``turn`` that is not "".

    ``name`` is what a screen reader says of the place.
    """
    _draw_place(key=key, data={"turn": turn, "name": name})
