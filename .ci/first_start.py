"""The README's first two commands on a machine that has Python, the package registry and nothing else.

`make app` must end in a working app on synthetic X-rays, the training command in a model. Clones this repository into a
temporary folder (so that nothing untracked helps), runs both there with an empty home and no X-rays, and looks at the page
in a real browser.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
INSTALL_SECONDS = 900
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """Run the check; the exit status tells the result."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "covidlab"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVIDLAB_", "VIRTUAL_ENV"))}
        environment = {**kept, "HOME": folder, "STREAMLIT_SERVER_PORT": str(port)}
        app = subprocess.Popen(["make", "app"], cwd=clone, env=environment, start_new_session=True)
        try:
            wait_until_up(app, port)
            look_at_it(port)
            train_as_the_readme_says(clone, environment)
        finally:
            os.killpg(app.pid, signal.SIGTERM)
            app.wait(30)
            subprocess.run(["pkill", "-f", f"{clone}/.venv"], check=False)
    print("The README's first two commands on a fresh clone: a working app and a trained model, on synthetic X-rays.")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(app: subprocess.Popen, port: int) -> None:
    """Wait for the server's health page; fail where ``make app`` ends before."""
    deadline = time.monotonic() + INSTALL_SECONDS
    while time.monotonic() < deadline:
        if app.poll() is not None:
            sys.exit(f"make app ended with status {app.returncode}.")
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    sys.exit(f"make app did not serve within {INSTALL_SECONDS} s.")


def look_at_it(port: int) -> None:
    """Home and Browse say that the films are synthetic, Browse shows them, and a run on them ends with its report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER_FLAGS)
        page = browser.new_page()
        for address in ("", "Browse"):
            page.goto(f"http://localhost:{port}/{address}")
            expect(page.get_by_text("These X-rays are synthetic")).to_be_visible(timeout=120_000)
            expect(page.get_by_text("Not for diagnosis").first).to_be_visible()
        expect(page.get_by_text("24 of 24 X-rays")).to_be_visible(timeout=60_000)
        page.goto(f"http://localhost:{port}/Train?train_views=1")
        # A button is drawn twice by Streamlit, for narrow and for wide pages; one of them is seen.
        page.locator(".st-key-train_start button").filter(visible=True).click(timeout=60_000)
        expect(page.get_by_text("Finished: 25 epochs")).to_be_visible(timeout=240_000)
        browser.close()


def train_as_the_readme_says(clone: Path, environment: dict[str, str]) -> None:
    """The second command, with the system's Python: it trains on the synthetic X-rays, says so, and leaves model and plot."""
    command = ["python3", "train_covid19_main.py", "--dataset", "dataset"]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=300, check=False)
    print(done.stdout, done.stderr)
    if done.returncode or "trains on the synthetic X-rays" not in done.stderr:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}.")
    if not all((clone / name).stat().st_size for name in ("covid19.model", "plot.png")):
        sys.exit("covid19.model or plot.png is empty.")


if __name__ == "__main__":
    main()
