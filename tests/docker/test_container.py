"""The Dockerfile, compose.yaml, .dockerignore and the health check, as far as they can be held without Docker."""

import http.server
import importlib.util
import json
import re
import threading

import pytest
import yaml

from covidlab.paths import PROJECT_ROOT


def script(name):
    """A script of docker/."""
    spec = importlib.util.spec_from_file_location(name, PROJECT_ROOT / "docker" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rehearse():
    return script("rehearse")


@pytest.fixture
def health():
    return script("health")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((PROJECT_ROOT / "compose.yaml").read_text())["services"]


def test_both_targets_run_as_a_user_of_their_own_with_locked_packages(rehearse):
    steps = rehearse.instructions()
    stages = {rest.split()[-1] for name, rest in steps if name == "FROM"}
    assert {"cpu", "gpu"} <= stages
    assert [rest for name, rest in steps if name == "USER"] == ["10001:10001"] * 2
    installs = [rest for name, rest in steps if name == "RUN" and re.search(r"-m pip .*\binstall\b", rest)]
    assert len(installs) == 2
    assert all("--require-hashes" in install for install in installs)


def test_base_image_is_pinned_to_a_version(rehearse):
    image = next(rest for name, rest in rehearse.instructions() if name == "ARG" and "PYTHON_IMAGE" in rest)
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+\.\d+-slim-\w+", image)


def test_commands_of_the_image_name_files_that_are_in_it(rehearse):
    assert rehearse.command_of("CMD") == ["python", "-m", "streamlit", "run", "app.py"]
    kept = (PROJECT_ROOT / ".dockerignore").read_text()
    assert rehearse.command_of("HEALTHCHECK")[-1] == "docker/health.py"
    assert "!docker/health.py" in kept
    assert "!app.py" in kept


def test_image_gets_the_code_and_neither_xrays_nor_runs_nor_history(rehearse, tmp_path, monkeypatch):
    tree = tmp_path / "tree"
    inside = ("app.py", "covidlab/cli/x.py", "pages/1_Browse.py", ".streamlit/config.toml", "dataset/metadata.csv")
    outside = (
        "dataset/covid/a.png",
        ".git/config",
        "covid19.model",
        "runs/1/run.json",
        ".streamlit/secrets.toml",
        "tests/x.py",
    )
    for file in (*inside, *outside, "covidlab/__pycache__/x.pyc"):
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).touch()
    (tree / ".dockerignore").write_bytes((PROJECT_ROOT / ".dockerignore").read_bytes())
    monkeypatch.setattr(rehearse, "ROOT", tree)
    monkeypatch.setattr(rehearse, "finish", lambda app: None)
    rehearse.copy_files(tmp_path / "app")
    copied = {str(path.relative_to(tmp_path / "app")) for path in (tmp_path / "app").rglob("*") if path.is_file()}
    assert copied == set(inside)


def test_image_can_be_read_by_its_user_where_the_checkout_could_not(rehearse, tmp_path):
    for file in ("covidlab/x.py", "pages/1_Browse.py", "app.py"):
        (tmp_path / file).parent.mkdir(mode=0o700, exist_ok=True)
        (tmp_path / file).touch(mode=0o600)
    rehearse.finish(tmp_path)
    modes = {path.name: oct(path.stat().st_mode)[-3:] for path in tmp_path.rglob("*")}
    assert {name: modes[name] for name in ("covidlab", "x.py", "app.py")} == {
        "covidlab": "755",
        "x.py": "644",
        "app.py": "644",
    }
    assert any(name.startswith("x.cpython") and mode == "644" for name, mode in modes.items())


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_compose_drops_every_right_that_is_not_needed(services, profile):
    service = services[profile]
    assert service["profiles"] == [profile]
    assert service["read_only"] is service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["build"]["target"] == profile
    assert any(place.startswith("/tmp:") for place in service["tmpfs"])
    assert "covidlab-home:/data" in service["volumes"]


def test_compose_hands_on_each_variable_of_the_readme_that_the_image_leaves_open(services):
    named = set(re.findall(r"^\| (COVIDLAB_[A-Z_]+) \|", (PROJECT_ROOT / "README.md").read_text(), re.MULTILINE))
    for service in services.values():
        # The home is the volume, and the image does not hold Ray.
        assert named - set(service["environment"]) == {"COVIDLAB_HOME", "COVIDLAB_ENGINE"}


def test_compose_publishes_on_this_machine_only(services):
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service["ports"])


def test_only_the_gpu_service_takes_a_gpu(services):
    (device,) = services["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert "deploy" not in services["cpu"]


def test_health_check_asks_below_the_path_and_under_a_name_the_server_answers_to(health, monkeypatch):
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *parts):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(server.server_port))
        monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "/xrays/")
        monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "*.example.org xrays.example.org")
        assert health.main() == 0
    assert asked == [("/xrays/_stcore/health", "xrays.example.org")]


def test_health_check_fails_where_nothing_answers(health, monkeypatch, capsys):
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1")
    assert health.main() == 1
    assert "127.0.0.1:1" in capsys.readouterr().err


def test_rehearsal_takes_user_and_variables_from_the_dockerfile(rehearse):
    values = rehearse.environment()
    assert values["COVIDLAB_HOME"] == "/data"
    assert values["TMPDIR"] == "/tmp"
    assert json.dumps(rehearse.instructions()).count(f'"{rehearse.USER}:{rehearse.USER}"') == 2


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_proxies_keep_a_visitor_with_one_replica_and_hold_no_event_back(file):
    text = (PROJECT_ROOT / "docker" / file).read_text()
    assert "covidlab_replica" in text
    assert "proxy_buffering off" in text or "flush_interval -1" in text
    assert all(port in text for port in ("8501", "8502"))
