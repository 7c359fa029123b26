"""Components made of three files, and the addresses that they ask."""

import re

import pytest
import streamlit as st

from covidlab.ui.shared import components


@pytest.mark.parametrize(
    ("base", "expected"),
    [("", "/api/v1/status"), ("lungs", "/lungs/api/v1/status"), ("/a/b/", "/a/b/api/v1/status")],
)
def test_address_lies_below_the_path_at_which_the_dashboard_is_served(monkeypatch, base, expected):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.get)
    assert components.address("/status") == expected


def test_component_with_charts_brings_what_draws_them(monkeypatch):
    made = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, **parts: made.update(parts, name=name))
    components.page_component("page_chart", with_charts=True)
    assert made["name"] == "covidlab_page_chart"
    assert made["js"].index("function drawPart(") < made["js"].index("function loadPlotly")
    assert made["js"].count("export default") == 1
    assert ".page-chart-full" in made["css"]


def test_component_with_scripts_brings_them_after_its_own(monkeypatch):
    made = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, **parts: made.update(parts))
    components.page_component("xray_viewer", with_scripts=["xray_pane"])
    assert made["js"].index("function drawPart(") < made["js"].index("class Pane")


def test_component_has_the_html_that_it_names(monkeypatch):
    made = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, **parts: made.update(parts))
    components.page_component("alter", with_scripts=["alter_library"], with_styles=["alter_bar"])
    assert "<!--" not in made["html"]
    assert made["html"].index("alter-size") < made["html"].index("alter-needle") < made["html"].rindex("</div>")


@pytest.mark.parametrize("path", sorted(components.HERE.glob("*.html")), ids=lambda path: path.stem)
def test_output_that_follows_each_epoch_or_drag_is_no_live_region(path):
    outputs = re.findall("<output[^>]*>", path.read_text(encoding="utf-8"))
    assert all('aria-live="off"' in output for output in outputs)
