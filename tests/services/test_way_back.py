"""Back to the page from which somebody went to sign in, and to no other site."""

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from covidlab.services.way_back import CALLBACK, COOKIE, LOGIN, WayBack

HOST = "http://lab.example"


def make_client(base=""):
    async def to_provider(request):
        return RedirectResponse("http://provider.example/")

    async def to_home(request):
        return RedirectResponse(f"{base}/")

    app = Starlette(routes=[Route(f"{base}{LOGIN}", to_provider), Route(f"{base}{CALLBACK}", to_home)])
    return TestClient(WayBack(app, base=base), base_url=HOST, follow_redirects=False)


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        (f"{HOST}/Train?train_rate=0.01&note=%C3%A4%26b", "/Train?train_rate=0.01&note=%C3%A4%26b"),
        (f"{HOST}/?lang=de", "/?lang=de"),
        ("http://evil.example/Train", "/"),
        (f"{HOST}//evil.example/", "/"),
        (f"{HOST}/\\evil.example/", "/"),
        (f"{HOST}/Train?{'x' * 5000}", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_back_to_the_page_it_began_on(referer, place):
    client = make_client()
    assert client.get(LOGIN, headers={"Referer": referer}).headers["location"] == "http://provider.example/"
    assert client.get(CALLBACK).headers["location"] == place
    # Once: signing out comes this way too.
    assert client.get(CALLBACK).headers["location"] == "/"


def test_dashboard_below_a_path_leads_back_below_it():
    client = make_client("/xrays")
    client.get(f"/xrays{LOGIN}", headers={"Referer": f"{HOST}/xrays/Runs?run=1"})
    assert client.get(f"/xrays{CALLBACK}").headers["location"] == "/xrays/Runs?run=1"
    client.get(f"/xrays{LOGIN}", headers={"Referer": f"{HOST}/elsewhere"})
    assert client.get(f"/xrays{CALLBACK}").headers["location"] == "/xrays/"


@pytest.mark.parametrize("kept", ["//evil.example", "/%5Cevil.example", "http://evil.example", "%2F%2Fevil.example"])
def test_cookie_that_somebody_else_has_set_leads_to_no_other_site(kept):
    client = make_client()
    assert client.get(CALLBACK, headers={"Cookie": f"{COOKIE}={kept}"}).headers["location"] == "/"


def test_kept_place_is_one_line_in_the_answer():
    client = make_client()
    found = client.get(CALLBACK, headers={"Cookie": f"{COOKIE}=/a%0D%0ASet-Cookie:%20b"}).headers
    assert found["location"] == "/a%0D%0ASet-Cookie:%20b"
