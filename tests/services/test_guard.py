"""What holds for every request: names of the server, headers, the proxy that may name people, the metrics."""

from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from covidlab.errors import SetupError
from covidlab.services import guard
from covidlab.services.guard import HERE_HEADER, METRICS, Guard
from tests.services.v1.conftest import ELSEWHERE, HERE, TOKEN


async def headers_seen(request):
    return JSONResponse({name: value for name, value in request.headers.items()})


async def open_socket(socket):
    await socket.accept()
    await socket.close()


def make_client(*, client=HERE, host="localhost", **parts) -> TestClient:
    routes = [
        Route("/", headers_seen),
        Route(METRICS, headers_seen),
        Route("/media/{name}", headers_seen),
        Route("/_stcore/upload_file/{name}", headers_seen, methods=["PUT", "OPTIONS"]),
        WebSocketRoute("/socket", open_socket),
    ]
    return TestClient(Guard(Starlette(routes=routes), **parts), base_url=f"http://{host}", client=client)


def test_every_answer_has_the_headers_that_browsers_obey():
    answer = make_client().get("/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"
    assert make_client(hosts=["example.org"]).get("/").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8501", 200),
        ("LOCALHOST.", 200),
        ("[::1]:8501", 200),
        ("lab.example.org", 200),
        ("example.org", 421),
        ("localhost.example", 421),
        ("localhost@evil.example", 421),
        ("evil.example@localhost", 421),
        ("localhost/evil", 421),
        ("localhost:port", 421),
        ("localhost:0", 421),
        ("", 421),
    ],
)
def test_server_answers_to_its_names_only(host, status):
    client = make_client(hosts=["localhost", "::1", "*.example.org"])
    assert client.get("/", headers={"Host": host}).status_code == status


def test_server_without_names_answers_to_all():
    assert make_client(hosts=[]).get("/", headers={"Host": "anything"}).status_code == 200


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_page_elsewhere_opens_no_connection(headers):
    client = make_client(hosts=["localhost"])
    with (
        pytest.raises(WebSocketDisconnect, match=r"^$") as refused,
        client.websocket_connect("ws://localhost/socket", headers=headers),
    ):
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Origin": "https://lab.example"}])
def test_own_page_and_an_allowed_one_open_a_connection(headers):
    client = make_client(hosts=["localhost"], origins=["https://lab.example"])
    with client.websocket_connect("ws://localhost/socket", headers=headers) as socket:
        assert socket.receive()["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("proxies", "address", "is_trusted"),
    [
        ("10.0.0.0/24, 10.1.0.1", ("10.0.0.9", 1), True),
        ("10.1.0.1", ("10.1.0.1", 1), True),
        ("10.1.0.1", ("::ffff:10.1.0.1", 1), True),
        ("10.1.0.1", ("10.1.0.2", 1), False),
        ("", ("10.1.0.1", 1), False),
        ("10.1.0.1", None, False),
    ],
)
def test_proxy_names_people_only_from_its_addresses(monkeypatch, proxies, address, is_trusted):
    monkeypatch.setenv("COVIDLAB_USER_HEADER", "X-User")
    monkeypatch.setenv("COVIDLAB_PROXIES", proxies)
    seen = make_client(client=address).get("/", headers={"X-User": "anna"}).json()
    assert ("x-user" in seen) is is_trusted


def test_address_of_a_proxy_that_is_none_is_said(monkeypatch):
    monkeypatch.setenv("COVIDLAB_PROXIES", "proxy.example")
    with pytest.raises(SetupError, match=r"COVIDLAB_PROXIES must hold addresses.* Received: proxy\.example"):
        guard.proxy_networks()


@pytest.mark.parametrize(("address", "here"), [(HERE, True), (ELSEWHERE, False)])
def test_pages_learn_who_is_at_this_machine_from_the_server_alone(address, here):
    seen = make_client(client=address).get("/", headers={HERE_HEADER: "1"}).json()
    assert (HERE_HEADER in seen) is here


def test_metrics_are_for_this_machine_and_for_who_has_the_token(monkeypatch):
    stranger = make_client(client=ELSEWHERE)
    assert make_client().get(METRICS).status_code == 200
    assert (stranger.get(METRICS).status_code, stranger.get(f"{METRICS}/").status_code) == (403, 403)
    monkeypatch.setenv("COVIDLAB_API_TOKEN", TOKEN)
    assert stranger.get(METRICS).status_code == 401
    assert stranger.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_mistake_in_the_addresses_of_proxies_lets_nobody_in_and_does_not_tell_them_why(monkeypatch):
    monkeypatch.setenv("COVIDLAB_USER_HEADER", "X-User")
    monkeypatch.setenv("COVIDLAB_PROXIES", "proxy.example")
    client = make_client(client=ELSEWHERE)
    answer = client.get("/", headers={"X-User": "anna"})
    assert (answer.status_code, "proxy.example" in answer.text) == (500, False)
    with pytest.raises(WebSocketDisconnect, match=r"^$"), client.websocket_connect("ws://localhost/socket"):
        pass


def test_session_is_open_where_nobody_signs_in():
    assert make_client(client=ELSEWHERE).get("/media/a.png").status_code == 200


@pytest.mark.parametrize("role", ["viewer", "none"])
def test_session_is_for_who_has_signed_in_and_has_a_role(monkeypatch, covidlab_home, role):
    monkeypatch.setenv("COVIDLAB_USER_HEADER", "X-User")
    monkeypatch.setenv("COVIDLAB_PROXIES", ELSEWHERE[0])
    (covidlab_home / "roles.toml").write_text(f'default = "{role}"\n')
    client = make_client(client=ELSEWHERE)
    for method, address in (("GET", "/media/a.png"), ("PUT", "/_stcore/upload_file/a")):
        assert client.request(method, address).status_code == 401
        signed_in = client.request(method, address, headers={"X-User": "anna"})
        assert signed_in.status_code == (200 if role == "viewer" else 403)
    assert client.options("/_stcore/upload_file/a").status_code == 200


def test_beginning_and_end_of_the_server_reach_what_is_guarded():
    done = []

    @asynccontextmanager
    async def lifespan(app):
        done.append("begun")
        yield
        done.append("ended")

    with TestClient(Guard(Starlette(lifespan=lifespan))):
        assert done == ["begun"]
    assert done == ["begun", "ended"]
