"""Who is answered: with and without a token, here and elsewhere, programs, pages, and pages of other sites."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.store import RunStore
from covidlab.services.learning import offer_set
from covidlab.services.roles import Identity
from covidlab.services.v1.callers import Callers
from tests.services.v1.conftest import ELSEWHERE, HERE

RUNS, PREDICTIONS, STATUS = "/api/v1/runs", "/api/v1/predictions", "/api/v1/status"
FILES = {"files": [("files", ("a", b"x"))]}
PAGE, OTHER_SITE = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
LAN = "192.0.2.1:8501"
# A browser says nothing better to a page that came by http:// from another machine.
PAGE_ON_THE_LAN = {"Referer": f"http://{LAN}/Train"}


def test_without_a_token_programs_of_this_machine_are_answered(client):
    assert client.get(RUNS).status_code == 200
    assert client.post(PREDICTIONS, **FILES).status_code == 200


@pytest.mark.parametrize(
    ("client_address", "host", "headers"),
    [
        (ELSEWHERE, LAN, {}),
        # A name elsewhere that was turned to this machine.
        (HERE, "rebound.example", {}),
        # What a proxy on this machine passes on.
        (HERE, "localhost", {"X-Forwarded-For": "192.0.2.7"}),
        (HERE, "localhost", {"Forwarded": "for=192.0.2.7"}),
        (("testclient", 1), "localhost", {}),
        (None, "localhost", {}),
    ],
)
def test_without_a_token_nobody_elsewhere_is_answered(make_client, client_address, host, headers):
    client = make_client(client=client_address, host=host)
    for answer in (client.get(RUNS, headers=headers), client.post(PREDICTIONS, headers=headers, **FILES)):
        assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
        assert "until COVIDLAB_API_TOKEN is set" in answer.json()["detail"]


@pytest.mark.parametrize("address", [("::1", 1), ("::ffff:127.0.0.1", 1), ("127.0.0.9", 1)])
def test_each_address_of_this_machine_counts(make_client, address):
    assert make_client(client=address, host="[::1]:8501").get(RUNS).status_code == 200


def test_with_a_token_it_is_needed_for_x_rays_and_for_whatever_writes(make_client, token):
    client = make_client()
    assert client.get(RUNS).status_code == 200
    for method, address, sent in (("POST", PREDICTIONS, FILES), ("POST", RUNS, {"json": {}})):
        refused = client.request(method, address, **sent)
        assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert client.post(PREDICTIONS, headers=token, **FILES).status_code == 200


def test_with_a_token_programs_elsewhere_need_it_for_all(make_client, token):
    client = make_client(client=ELSEWHERE, host=LAN)
    assert client.get(RUNS).status_code == 401
    assert client.get(RUNS, headers=token).status_code == 200


@pytest.mark.parametrize("sent", ["Bearer wrong", "Bearer ä", "Bearer a token of this tes", "Basic YTpi", "Bearer"])
def test_other_token_is_refused_also_here(make_client, token, sent):
    answer = make_client().post(PREDICTIONS, headers={"Authorization": sent.encode()}, **FILES)
    assert answer.status_code == 401


def test_wrong_tokens_are_counted_and_the_right_one_still_lets_in(make_client, token, monkeypatch):
    monkeypatch.setattr("covidlab.services.v1.callers.WRONG_TOKENS_A_MINUTE", 2)
    client = make_client(callers=Callers())
    wrong = {"Authorization": "Bearer wrong"}
    assert [client.get(RUNS, headers=wrong).status_code for _ in range(3)] == [401, 401, 429]
    assert client.get(RUNS, headers=token).status_code == 200


def test_pages_of_visitors_go_on_without_a_token(make_client, token):
    lan = make_client(client=ELSEWHERE, host=LAN)
    assert lan.get(STATUS, headers=PAGE).status_code == 200
    assert lan.get(STATUS, headers=PAGE_ON_THE_LAN).status_code == 200
    assert lan.get(STATUS).status_code == 401
    assert lan.get(STATUS, headers={"Referer": "http://elsewhere.example/"}).status_code == 401


def test_x_rays_of_a_set_are_for_pages_and_for_who_has_the_token(make_client, token, small_catalog):
    address = f"/api/v1/sets/{offer_set(small_catalog)}/xrays/0"
    client = make_client()
    assert [client.get(address, headers=headers).status_code for headers in ({}, PAGE, token)] == [401, 200, 200]
    assert client.get(address, headers=PAGE).headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers", [OTHER_SITE, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_pages_of_other_sites_are_refused_everywhere(client, headers):
    for answer in (
        client.get(RUNS, headers=headers),
        client.get(STATUS, headers=headers),
        client.post(PREDICTIONS, headers=headers, **FILES),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (403, "Only pages of this dashboard may ask.")


def test_with_a_sign_in_nobody_is_answered_without_one(make_client, token):
    people = {"anna": Identity(name="Anna", subject="anna", names=("anna@example.org",))}
    callers = Callers(signed_in=lambda request: people.get(request.cookies.get("who")), needs_sign_in=lambda: True)
    client = make_client(callers=callers)
    assert [client.get(address, headers=PAGE).status_code for address in (RUNS, STATUS)] == [401, 401]
    assert client.get(STATUS, headers={**PAGE, "Cookie": "who=anna"}).status_code == 200
    assert client.get(RUNS, headers=token).status_code == 200


@pytest.mark.parametrize(("role", "read", "start"), [("viewer", 200, 403), ("student", 200, 415), ("owner", 200, 415)])
def test_requests_with_the_token_have_a_role(make_client, token, covidlab_home, role, read, start):
    (covidlab_home / "roles.toml").write_text(f'api = "{role}"\n')
    client = make_client()
    assert client.post(PREDICTIONS, headers=token, **FILES).status_code == read
    answer = client.post(RUNS, headers=token, content=b"{}")
    assert answer.status_code == start
    assert start != 403 or "Your role is viewer" in answer.json()["detail"]


def test_each_caller_may_ask_so_often_a_minute(make_client, token):
    client = make_client(rates={"looks_a_minute": 2})
    assert [client.get(RUNS).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(RUNS)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json()["detail"].startswith("Up to 2 requests a minute")


def test_what_is_not_there_is_said_in_one_form(client):
    RunStore().create(TrainingConfig(dataset="set"))
    for method, address, status in (
        ("GET", "/api/v1/elsewhere", 404),
        ("DELETE", RUNS, 405),
        ("POST", STATUS, 405),
        ("GET", f"{RUNS}/9999-beef", 404),
        ("GET", "/api/v1/models/none/card", 404),
        ("PROPFIND", "/api/v1/elsewhere", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api", 404),
        ("GET", "/api/v2/runs", 404),
        ("GET", "/api/v1/in/xx/status", 404),
        ("GET", f"/api/v1/sets/a/xrays/{'9' * 5000}", 404),
    ):
        answer = client.request(method, address)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status
        assert (status == 405) is ("allow" in answer.headers)
