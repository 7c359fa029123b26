"""The browser is given plain texts and pictures as data addresses, the same at every run of the page."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from covidlab.prediction.overlay import overlay_png
from covidlab.ui.shared.components import HERE
from covidlab.ui.shared.components.xray_viewer import Layer, Pane, Viewer, pane_data

JPEG = b"\xff\xd8\xff"


def script() -> None:
    """A page with a viewer and a number that changes."""
    import streamlit as st

    from covidlab.ui.shared.components.xray_viewer import Pane, Viewer

    Viewer(key="pair", height=300).draw([Pane(b"\xff\xd8\xff", "First", "one\ntwo"), Pane(b"\xff\xd8", "Second")])
    st.number_input("number", key="number")


def drawn(app: AppTest) -> list:
    return [element.proto for element in app.get("bidi_component")]


def test_viewer_gives_the_browser_every_pane_in_one_message():
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    (viewer,) = drawn(app)
    assert viewer.component_name == "covidlab_xray_viewer"
    data = json.loads(viewer.json)
    assert (data["key"], data["height"], [pane["title"] for pane in data["panes"]]) == (
        "pair",
        300,
        ["First", "Second"],
    )


def test_viewer_message_stays_the_same_when_the_rest_of_the_page_changes():
    app = AppTest.from_function(script, default_timeout=30).run()
    before = drawn(app)[0].SerializeToString(deterministic=True)
    app.number_input(key="number").set_value(3).run()
    # Streamlit sends a message that the browser has already as a reference.
    assert drawn(app)[0].SerializeToString(deterministic=True) == before


def test_pane_data_without_a_heat_map_names_none():
    data = pane_data(Pane(JPEG, "Your X-ray", "Class\x00 not   stated\nView PA"))
    assert data == {
        "title": "Your X-ray",
        "caption": "Class not stated\nView PA",
        "alt": "Your X-ray",
        "picture": "data:image/jpeg;base64,/9j/",
        "overlay": "",
        "overlay_title": "",
    }


def test_pane_data_with_a_heat_map_has_its_address():
    overlay = overlay_png(np.eye(7), (14, 14))
    data = pane_data(Pane(JPEG, "Your X-ray", overlay=overlay, overlay_title="Grad-CAM", alt="Chest X-ray"))
    assert data["overlay"].startswith("data:image/png;base64,iVBOR")
    assert (data["overlay_title"], data["alt"]) == ("Grad-CAM", "Chest X-ray")


def test_viewer_data_of_a_layer_without_a_scale_has_its_name_and_no_colours():
    data = Viewer(key="one", layer=Layer("Lung mask", has_scale=False, is_shown=False), on_switch=print).data([])
    assert data["layer"] == {"name": "Lung mask", "opacity": 50, "shown": False, "tells": True}
    assert data["colours"] == []
    assert Viewer(key="one").data([])["colours"]


def test_viewer_data_names_the_state_that_is_shared_or_else_its_own():
    assert Viewer(key="one").data([])["state"] == "one"
    assert Viewer(key="one", state="of this X-ray").data([])["state"] == "of this X-ray"


@pytest.mark.parametrize("name", ["xray_viewer.js", "xray_pane.js", "xray_viewer.css", "xray_viewer.html"])
def test_xray_viewer_files_name_no_address_and_take_no_html(name):
    text = (HERE / name).read_text(encoding="utf-8")
    assert not any(word in text for word in ("http", "import ", "innerHTML", "eval("))
