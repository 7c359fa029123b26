"""Signing in with an OpenID provider that runs here: the routes of Streamlit, its cookie, and what it lets in."""

import json
import warnings
from urllib.parse import urljoin

import pytest
import requests
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.testclient import TestClient
from streamlit.auth_util import encode_provider_token
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from covidlab.errors import SetupError
from covidlab.services.api import Api
from covidlab.services.v1.callers import Callers
from covidlab.ui.shared.sign_in import has_provider, identity_from, providers, signed_in_request
from tests import openid
from tests.openid import provider_for

ORIGIN = "http://localhost"
PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def write_secrets(tmp_path, monkeypatch):
    """Return a function that writes secrets.toml and lets Streamlit read it anew."""
    path = tmp_path / "secrets.toml"
    earlier = st.get_option("secrets.files")
    st.config.set_option("secrets.files", [str(path)])

    def write(text):
        path.write_text(text)
        st.secrets._reset()

    yield write
    st.config.set_option("secrets.files", earlier)
    st.secrets._reset()


@pytest.fixture
def provider(write_secrets, tmp_path):
    """A provider on this machine, and the section of secrets.toml that names it."""
    with provider_for("anna") as address:
        openid.write_secrets(tmp_path / "auth.toml", provider=address, dashboard=ORIGIN)
        write_secrets((tmp_path / "auth.toml").read_text())
        yield address


@pytest.fixture
def browser():
    """A browser at the pages' routes: those that sign in, and the API."""
    callers = Callers(signed_in=signed_in_request, needs_sign_in=has_provider)
    routes = [*create_auth_routes(""), *Api(callers=callers).routes()]
    app = Starlette(routes=routes, middleware=[Middleware(SessionMiddleware, secret_key="s")])
    with TestClient(app, base_url=ORIGIN, client=("192.0.2.7", 1), follow_redirects=False, headers=PAGE) as client:
        yield client


def sign_in(browser, who):
    """What a browser does after a click on Sign in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        to_provider = browser.get("/auth/login", params={"provider": encode_provider_token("default")})
        form = requests.post(to_provider.headers["location"], data={"sub": who}, allow_redirects=False, timeout=10)
        return browser.get(urljoin(ORIGIN, form.headers["location"]))


def test_who_signs_in_with_a_provider_is_let_in_with_the_role_of_the_file(provider, browser, covidlab_home):
    (covidlab_home / "roles.toml").write_text('default = "none"\n[people]\n"anna@example.org" = "viewer"\n')
    assert browser.get("/api/v1/runs").status_code == 401
    assert sign_in(browser, "anna").status_code == 302
    assert browser.get("/api/v1/runs").status_code == 200
    refused = browser.post("/api/v1/runs", json={})
    assert (refused.status_code, "Your role is viewer" in refused.json()["detail"]) == (403, True)
    assert browser.get("/api/v1/runs", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_who_is_not_named_is_turned_away_and_who_signs_out_too(provider, browser, covidlab_home):
    (covidlab_home / "roles.toml").write_text('default = "none"\n[people]\n"anna@example.org" = "owner"\n')
    sign_in(browser, "ben")
    assert browser.get("/api/v1/status").status_code == 403
    sign_in(browser, "anna")
    assert browser.get("/api/v1/status").status_code == 200
    browser.cookies.clear()
    assert browser.get("/api/v1/status").status_code == 401


def test_cookie_that_nobody_signed_or_of_another_address_is_none(provider, browser):
    sign_in(browser, "anna")
    assert browser.get("/api/v1/status", headers={"Host": "elsewhere.example"}).status_code == 401
    (name,) = [name for name in browser.cookies if name == "_streamlit_user"]
    made_up = json.dumps({"sub": "anna", "is_logged_in": True, "origin": ORIGIN})
    # Not its last letter alone, some bits of which base64 does not use.
    signed = browser.cookies[name]
    for value in (made_up, signed[:-8] + ("AAAAAAAA" if signed[-8:] != "AAAAAAAA" else "BBBBBBBB")):
        browser.cookies.clear()
        assert browser.get("/api/v1/status", headers={"Cookie": f"{name}={value}"}).status_code == 401


@pytest.mark.parametrize(
    ("verified", "counts"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({}, False),
    ],
)
def test_address_of_mail_names_somebody_where_the_provider_has_verified_it(verified, counts):
    found = identity_from({"sub": "7", "email": "anna@example.org", "iss": "https://provider.example", **verified})
    assert found.names == (("anna@example.org",) if counts else ()) + ("7", "https://provider.example|7")
    assert found.name == ("anna@example.org" if counts else "7")
    assert identity_from({"email": "anna@example.org", **verified}) is None


def test_name_that_somebody_has_chosen_does_not_pass_for_anothers():
    claims = {"sub": "7", "name": "anna@example.org", "iss": "https://provider.example"}
    assert identity_from(claims).name == "anna@example.org (7)"


def test_of_several_providers_each_has_subjects_of_its_own(write_secrets):
    write_secrets('[auth]\ncookie_secret = "c"\n[auth.campus]\nclient_id = "a"\n[auth.clinic]\nclient_id = "b"\n')
    assert identity_from({"sub": "1", "iss": "https://campus.example"}).names == ("https://campus.example|1",)


def test_secrets_with_a_mistake_let_nobody_in(write_secrets, browser):
    assert not has_provider()
    write_secrets("[auth")
    with pytest.raises(SetupError, match="so nobody can sign in"):
        has_provider()
    refused = browser.get("/api/v1/status")
    # Where the file is, is nobody's business.
    assert (refused.status_code, "secrets.toml" in refused.text) == (500, False)


def test_several_providers_are_offered_by_their_names(write_secrets):
    write_secrets('[auth]\ncookie_secret = "c"\n[auth.campus]\nclient_id = "a"\n[auth.clinic]\nclient_id = "b"\n')
    assert providers() == ["campus", "clinic"]
