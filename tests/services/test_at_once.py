"""Nagle's algorithm is off for connections of the server."""

import os
import socket
import sys

import pytest

from covidlab.services.at_once import send_at_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sockets of a process are found in /proc")


def test_connections_of_a_listening_socket_send_at_once():
    # As Streamlit makes its socket: no protocol is named.
    with socket.socket(socket.AF_INET) as server, socket.socket(socket.AF_INET) as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert send_at_once() >= 1
        client.connect(server.getsockname())
        connection, _ = server.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_files_and_other_sockets_stay_as_they_were_and_nothing_more_is_open(tmp_path):
    reading, writing = socket.socketpair()
    with reading, writing, open(tmp_path / "file", "w") as file:
        before = len(os.listdir("/proc/self/fd"))
        send_at_once()
        assert len(os.listdir("/proc/self/fd")) == before
        file.write("still open")
        writing.sendall(b"there")
        writing.close()
        # The end comes, since nobody else holds the other side.
        assert (reading.recv(9), reading.recv(9)) == (b"there", b"")
