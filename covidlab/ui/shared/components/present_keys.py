"""Keys that press buttons of a page, as those of a clicker do in front of a room."""

from collections.abc import Mapping

from covidlab.ui.shared.components import page_component

_listen = page_component("present_keys")


def press_by_keys(keys: Mapping[str, str], *, said: str) -> None:
    """Let keys press buttons, wherever the focus is, except where an element needs the key itself.

    Parameters
    ----------
    keys : name of a key (KeyboardEvent.key) -> key of the button
    said : read out to who listens to the page, whenever it changes
    """
    _listen(key="present_keys", data={"keys": dict(keys), "said": said})
