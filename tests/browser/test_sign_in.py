"""People come, sign in with a provider, do what their role allows, read why not else, and sign out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from covidlab.config import TrainingConfig
from covidlab.runs.queue import asked_facts
from covidlab.runs.status import State, Status
from tests.browser.conftest import START, TIMEOUT_SECONDS, Dashboard, visitor
from tests.openid import provider_for, write_secrets

pytestmark = pytest.mark.browser


@pytest.fixture
def dashboard(chromium, make_dataset, tmp_path, monkeypatch) -> Iterator[Dashboard]:
    """A dashboard for whoever signs in: Anna is a student, all others are viewers."""
    dashboard = Dashboard(tmp_path, make_dataset({"covid": 2, "normal": 2}), trains=False, reads=False)
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
    (tmp_path / "roles.toml").write_text('default = "viewer"\n[people]\n"anna@example.org" = "student"\n')
    with provider_for("anna", "vera") as provider:
        write_secrets(secrets, provider=provider, dashboard=dashboard.address().rstrip("/"))
        try:
            yield dashboard.start()
        finally:
            dashboard.close()


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    """A window of a browser that knows nobody yet; what the provider's page wants from the internet is empty."""
    context = chromium.new_context()
    context.set_default_timeout(TIMEOUT_SECONDS * 1000)
    context.route(re.compile("^https:"), lambda route: route.fulfill(body="", content_type="text/css"))
    page = visitor(context)
    yield page
    expect(page.get_by_test_id("stException")).to_have_count(0)
    context.close()


def test_somebody_signs_in_comes_back_does_what_the_role_allows_and_signs_out(dashboard, page):
    settings = TrainingConfig(dataset="set")
    others = dashboard.store.create(settings, asked=asked_facts(name="Ben", token="user:ben", expected_seconds=1.0))
    others.write_status(Status(state=State.STOPPED))
    dashboard.visit(page, "Train", train_epochs=3)
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)

    sign_in(page, "anna")
    dashboard.settle(page)
    expect(page).to_have_url(dashboard.address("Train", train_epochs=3))
    expect(page.locator(".st-key-visitor")).to_contain_text("anna@example.org, student")
    dashboard.press_start(page)
    dashboard.wait_until(lambda: len(dashboard.store.list()) == 2, "a student starts a run")
    assert dashboard.store.list()[0].load_facts()["asked_by"] == "anna@example.org"

    dashboard.visit(page, "Runs", run=others.id)
    expect(page.get_by_text("you may delete a run that you started yourself")).to_be_visible()
    sign_out(page)

    # Whoever has signed out gets no page any more, and the next one signs in at the same machine.
    expect(page.get_by_text("Sign in to see the X-rays")).to_be_visible()
    dashboard.visit(page, "Train")
    sign_in(page, "vera")
    dashboard.settle(page)
    expect(page.locator(".st-key-visitor")).to_contain_text("vera@example.org, viewer")
    expect(page.locator(START).filter(visible=True)).to_be_disabled()
    expect(page.get_by_text("Students and owners may start a training")).to_be_visible()


def sign_in(page: Page, name: str) -> None:
    """Sign in on the provider's page."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(re.compile("/Train"))


def sign_out(page: Page) -> None:
    """Sign out here and at the provider, which asks."""
    page.get_by_role("button", name="Sign out").filter(visible=True).click()
    page.get_by_role("button", name="End session").click()
