"""Python, memory, the port, Chromium for the tests."""

import os
import platform
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from covidlab.doctor.findings import Finding, fails, limited, works

CHROMIUM = Path("/usr/bin/chromium")
# The server, the process that predicts and the trainer together, then with room for decoding and for pages of many visitors.
LEAST_MEMORY_BYTES, COMFORTABLE_MEMORY_BYTES = 2 * 2**30, 4 * 2**30

_ANSWER_SECONDS = 2.0
_CHROMIUM_SECONDS = 10.0


def look_at_python() -> Finding:
    """Version and width; an older Python than 3.11 has ended before (``covidlab.environment``)."""
    version, is_wide = platform.python_version(), sys.maxsize > 2**32
    facts = {"version": version, "executable": sys.executable}
    if not is_wide:
        return fails(f"Python {version} is a program of 32 bits.", "Install a Python of 64 bits.", **facts)
    return works(f"Python {version} of {sys.prefix}.", **facts)


def look_at_memory() -> Finding:
    """What is free, within the limit of a container."""
    from covidlab.free_memory import machine_memory

    total, free = machine_memory()
    sentence = f"{_gigabytes(free)} of {_gigabytes(total)} of memory are free."
    facts = {"total_bytes": total, "free_bytes": free}
    if free < LEAST_MEMORY_BYTES:
        advice = f"Close other programs, or give it more: {_gigabytes(COMFORTABLE_MEMORY_BYTES)} are comfortable."
        # Another covidlab that runs here already may be what takes the memory, so it may still do.
        return limited(
            f"{sentence} Server, prediction and training need {_gigabytes(LEAST_MEMORY_BYTES)}.", advice, **facts
        )
    if free < COMFORTABLE_MEMORY_BYTES:
        return limited(sentence, "For many visitors at once, or deeper training, close other programs.", **facts)
    return works(sentence, **facts)


def look_at_port() -> Finding:
    """Whether the port that the dashboard takes is free."""
    port = int(os.environ.get("STREAMLIT_SERVER_PORT") or 8501)
    with suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return works(f"Port {port} is free.", port=port, is_free=True)
    if _answers(port):
        advice = "If that is not this app, choose another port: STREAMLIT_SERVER_PORT=8502 make app."
        return limited(f"A Streamlit app answers at port {port} already.", advice, port=port, is_free=False)
    advice = "Choose another one: STREAMLIT_SERVER_PORT=8502 make app."
    return limited(f"Another program uses port {port}.", advice, port=port, is_free=False)


def look_at_chromium() -> Finding:
    """What the browser tests need; the app does not."""
    advice = "Only tests in the browser need it: install chromium, then run `make test`, which installs Playwright."
    if not CHROMIUM.exists():
        return limited(f"There is no {CHROMIUM}, so tests in the browser are skipped.", advice)
    try:
        command = [str(CHROMIUM), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHROMIUM_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return limited(f"{CHROMIUM} does not start. Received: {type(error).__name__}.", advice)
    version = done.stdout.strip()
    if find_spec("playwright") is None:
        return limited(
            f"{version} is here, Playwright is not, so tests in the browser are skipped.", advice, version=version
        )
    return works(f"{version} is here for the tests.", version=version)


def _answers(port: int) -> bool:
    """Whether a Streamlit server says that it is well."""
    with suppress(OSError, ValueError):
        base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
        address = f"http://127.0.0.1:{port}/{base + '/' if base else ''}_stcore/health"
        with urllib.request.urlopen(address, timeout=_ANSWER_SECONDS) as answer:
            return answer.status == 200
    return False


def _gigabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**30:.1f} GB"
