"""A small set with masks that takes the place of the curated fifty, and an archive to fetch from."""

import csv
import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covidlab.data import checking as checking_module
from covidlab.data import curated as curated_module
from covidlab.data.fetch import fetch_curated
from tests.data.archive import NAMES, Archive, content, write_list


@pytest.fixture
def source(make_dataset, tmp_path, monkeypatch):
    """A small set with masks that takes the place of the fifty, its list kept where the code looks for it."""
    root = make_dataset({"covid": 4, "normal": 3}, name="source")
    films = []
    for file in sorted(path.relative_to(root).as_posix() for path in root.glob("*/*.png")):
        mask = np.zeros((80, 96), np.uint8)
        mask[20:60, 20:70] = 255
        path = root / "masks" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).convert("1").save(path)
        sha256 = hashlib.sha256((root / file).read_bytes()).hexdigest()
        films.append({"file": file, "class": file.split("/")[0], "patient_id": file, "sha256": sha256, "width": 96})
        films[-1] |= {"height": 80, "mask": f"masks/{file}", "view_metadata": "PA", "view_printed_on_image": ""}
    films[1]["view_printed_on_image"] = "AP"
    (tmp_path / "list").mkdir()
    for folder in (tmp_path / "list", root):
        with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(films[0]))
            writer.writeheader()
            writer.writerows(films)
    for module in (curated_module, checking_module):
        monkeypatch.setattr(module, "CURATED_LIST", tmp_path / "list")
    return root


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Return a function that serves made-up films (or a folder) from this machine until the test ends."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(names=NAMES, *, folder: Path | None = None) -> Archive:
        if folder is None:
            folder = tmp_path / "archive"
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content(name))
            write_list(tmp_path / "list", {name: content(name) for name in names})
        servers.append(Archive(folder))
        # The poll is what closing waits for.
        threading.Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def archive(serve):
    return serve()


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """The waits between retries, which are not waited."""
    waits = []
    monkeypatch.setattr("pooch.core.time.sleep", waits.append)
    return waits


@pytest.fixture
def fetch(tmp_path):
    """Fetch from a server into ``tmp_path / "target"``, licences accepted."""

    def run(server: Archive, **options):
        options = {"accept_licences": True, "list_folder": tmp_path / "list"} | options
        return fetch_curated(tmp_path / "target", base_url=server.url, **options)

    return run
