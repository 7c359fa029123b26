"""Do what the image does, without Docker: the files, user, environment and commands of the Dockerfile's target cpu.

Root file system read-only, /tmp in memory and without programs, /data the only folder that can be written, no capabilities, no new
privileges, a process number space of its own. The packages are those of an environment made from requirements.lock. Then
doctor, health check, a prediction, the pages and a training, as a visitor would. Needs Linux and root (unshare, setpriv, mount).
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / ".ci")]

USER = "10001"
SYSTEM = ("bin", "lib", "lib64", "usr", "etc", "sbin")
# compose.yaml: stop_grace_period.
STOP_SECONDS = 20


def main() -> int:
    """Rehearse; the exit status tells the result."""
    parser = argparse.ArgumentParser(description="Rehearse the Dockerfile without Docker.")
    parser.add_argument("--packages", type=Path, required=True, help="virtual environment made from requirements.lock")
    parser.add_argument("--port", type=int, default=8599)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="covidlab-image-") as folder:
        image = Path(folder)
        copied = copy_files(image / "app")
        print(f"{copied} files were copied, as .dockerignore lets through.", flush=True)
        (image / "data").mkdir()
        os.chown(image / "data", int(USER), int(USER))
        lay_out(image, options.packages)
        server = subprocess.Popen(inside(image, options, command_of("CMD")), start_new_session=True)
        try:
            look(image, options, server)
        finally:
            stop(server)
    return 0


def look(image: Path, options: argparse.Namespace, server: subprocess.Popen) -> None:
    """All that is looked at while the server runs."""
    from first_start import look_at_it, wait_until_up

    started = time.monotonic()
    wait_until_up(server, options.port)
    print(f"The server answers after {time.monotonic() - started:.1f} s.", flush=True)
    run(image, options, command_of("HEALTHCHECK"))
    print("The health check is content.", flush=True)
    run(image, options, ["python", "-m", "covidlab", "doctor"])
    look_at_it(options.port)
    print("Home, Browse and a training on Train work in the browser.", flush=True)
    xray = next((image / "data" / "phantoms").rglob("*.png"), None) or next(
        (image / "data" / "phantoms").rglob("*.jp*g")
    )
    inner = f"/data/{xray.relative_to(image / 'data')}"
    answer = run(image, options, ["python", "-m", "covidlab", "predict", "--json", "--anyway", inner], keep=True)
    print(f"A prediction: {json.loads(answer)['probability']}.", flush=True)
    owners = {path.stat().st_uid for path in (image / "data").rglob("*")}
    print(f"All in /data belongs to {owners}.", flush=True)
    ask = ["sh", "-c", "touch /app/x 2>&1 || true; id; grep -E 'CapEff|NoNewPrivs' /proc/self/status"]
    run(image, options, ask)


def stop(server: subprocess.Popen) -> None:
    """End the first process as `docker stop` does, which ends the others."""
    started = time.monotonic()
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
        print(f"It ends {time.monotonic() - started:.1f} s after it was asked to.", flush=True)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        sys.exit(f"The server did not end within {STOP_SECONDS} s.")


def copy_files(app: Path) -> int:
    """Copy what `COPY . .` would: what .dockerignore names and does not take out again."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "*.tmp-*")
    for pattern in kept:
        for path in ROOT.glob(pattern):
            target = app / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, target, ignore=ignore, dirs_exist_ok=True)
            else:
                shutil.copy2(path, target)
    finish(app)
    return sum(path.is_file() for path in app.rglob("*"))


def finish(app: Path) -> None:
    """The step of the Dockerfile after the files lie there: rights, and compiled modules."""
    step = [rest for name, rest in instructions() if name == "RUN"][-1]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(["sh", "-c", step], cwd=app, env={**os.environ, "PATH": path}, check=True)


def lay_out(image: Path, packages: Path) -> None:
    """Make the folders that the rest is mounted on."""
    for name in (*SYSTEM, "proc", "dev", "tmp", "opt/venv", str(base_python(packages)).lstrip("/")):
        if not (image / name).exists():
            (image / name).mkdir(parents=True)
    image.chmod(0o755)


def base_python(packages: Path) -> Path:
    """The installation of Python that an environment was made from."""
    home = re.search(r"^home = (.+)$", (packages / "pyvenv.cfg").read_text(), re.MULTILINE)[1]
    return Path(home).parent


def inside(image: Path, options: argparse.Namespace, command: list[str]) -> list[str]:
    """The command that runs ``command`` as the container would."""
    python = base_python(options.packages)
    mounts = ["mount --make-rprivate /", f"mount --bind {image} {image}"]
    mounts += [f"mount --rbind /{name} {image}/{name}" for name in SYSTEM if Path("/", name).exists()]
    mounts += [f"mount --bind {python} {image}{python}", f"mount --bind {options.packages} {image}/opt/venv"]
    mounts += [f"mount --rbind /dev {image}/dev", f"mount -t proc proc {image}/proc"]
    mounts += [f"mount --bind {image}/data {image}/data"]
    mounts += [f"mount -t tmpfs -o noexec,nosuid,nodev,size=1g,mode=1777 tmpfs {image}/tmp"]
    read_only = ("", *(f"/{name}" for name in SYSTEM if Path("/", name).exists()), str(python), "/opt/venv")
    mounts += [f"mount -o remount,bind,ro {image}{place}" for place in read_only]
    values = {**environment(), "STREAMLIT_SERVER_PORT": str(options.port)}
    drop = f"setpriv --reuid {USER} --regid {USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items())
    enter = f"cd /app && exec {drop} env -i {variables} {shlex.join(command)}"
    script = " && ".join([*mounts, f"exec chroot {image} /bin/sh -c {shlex.quote(enter)}"])
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]


def run(image: Path, options: argparse.Namespace, command: list[str], *, keep: bool = False) -> str:
    """Run a command beside the server, as `docker exec` does; ends the rehearsal where it fails."""
    done = subprocess.run(inside(image, options, command), stdout=subprocess.PIPE, text=True, check=False)
    if not keep:
        print(done.stdout, end="", flush=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with status {done.returncode}. {done.stdout}")
    return done.stdout


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def environment() -> dict[str, str]:
    """The variables of the stage "base"."""
    words = [word for name, rest in instructions() if name == "ENV" for word in shlex.split(rest)]
    return {name: value for name, _, value in (word.partition("=") for word in words) if not name.startswith("NVIDIA")}


def command_of(instruction: str) -> list[str]:
    """The command of CMD or HEALTHCHECK."""
    rest = next(rest for name, rest in instructions() if name == instruction)
    return json.loads(rest[rest.index("[") :])


if __name__ == "__main__":
    sys.exit(main())
