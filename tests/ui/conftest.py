"""Pages under test have the films the test gives them: no phantoms are made behind its back."""

import pytest


@pytest.fixture(autouse=True)
def without_phantoms(monkeypatch):
    """Keep the empty state; tests/test_first_start.py looks at the first start itself."""
    monkeypatch.setattr("covidlab.ui.shared.layout.make_first_phantoms", lambda: None)
