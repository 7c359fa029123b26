"""Pages under test have the films the test gives them: no phantoms are made behind its back."""

import pytest


@pytest.fixture(autouse=True)
def without_phantoms(monkeypatch):
    """Keep the empty state; tests/test_first_start.py looks at the first start itself."""
    monkeypatch.setattr("covidlab.ui.shared.layout.make_first_phantoms", lambda: None)


@pytest.fixture(autouse=True)
def without_a_look_for_components(monkeypatch):
    """Spare each page under test the look through all installed packages, 0.1 s, for components that covidlab does not use."""
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda *_, **__: [])
