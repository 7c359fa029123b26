"""An archive of X-rays on this machine that cuts, stalls and lies as it is told, and what came from it."""

import csv
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

NAMES = ("covid/a.jpg", "covid/b.jpg", "normal/c.jpg", "normal/d.jpg")
FAULTY = NAMES[2]


class Answer(BaseHTTPRequestHandler):
    """Serves ``server.folder``; ``server.faults`` says how the next requests of a file go wrong."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        file = unquote(self.path).removeprefix("/dataset/")
        self.server.requests.append(file)
        faults = self.server.faults.get(file, [])
        fault = faults.pop(0) if faults else None
        data = (self.server.folder / file).read_bytes()
        if isinstance(fault, int):
            self.send(b"", status=fault)
        elif isinstance(fault, bytes):
            self.send(fault)
        elif fault is None:
            self.send(data)
        else:
            getattr(self, fault)(data)

    def send(self, data: bytes, *, status: int = 200, length: int | None = None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def cut(self, data: bytes):
        self.send(data[: len(data) // 2], length=len(data))
        self.close_connection = True

    def hang_up(self, data: bytes):
        self.close_connection = True

    def stall(self, data: bytes):
        self.cut(data)
        self.server.stalled.set()
        self.server.closing.wait()

    def trickle(self, data: bytes):
        self.send(b"", length=len(data))
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.closing.wait(0.02):
                return
        self.close_connection = True

    def without_length(self, data: bytes):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data + b"more" * 100_000)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Archive(ThreadingHTTPServer):
    """An archive on this machine; what was asked for is in ``requests``."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.faults, self.requests = folder, {}, []
        self.stalled, self.closing = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/dataset/"

    def handle_error(self, *_):
        """A client that gives up is what many of these tests are about."""


def write_list(folder: Path, contents: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "class", "patient_id", "source", "licence", "bytes", "sha256", "mask"])
        for name, data in contents.items():
            sha256, kind = hashlib.sha256(data).hexdigest(), name.split("/")[0]
            licence = "" if kind == "covid" else "CC BY 4.0"
            writer.writerow([name, kind, name, "a journal", licence, len(data), sha256, f"masks/{name}"])
    return folder


def content(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest() * 700


def films_in(folder: Path) -> list[str]:
    """Every file but the list, hidden ones too."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(file for file in files if file != "metadata.csv")


def assert_only_verified(folder: Path) -> None:
    for file in films_in(folder):
        assert (folder / file).read_bytes() == content(file)
