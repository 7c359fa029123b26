"""What the server writes is sent at once.

Streamlit binds the socket of the server itself, as one of no protocol in particular, and asyncio turns Nagle's algorithm off for TCP
by name only. A short answer, whose head and body are written one after the other, then waits for the browser to confirm the
head, which it does 40 ms later. Connections take over the setting of the socket they come in by.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")


def send_at_once() -> int:
    """Turn Nagle's algorithm off for the sockets at which this process listens; return how many there are, 0 without /proc."""
    if not _OPEN_FILES.is_dir():
        return 0
    return sum(_is_set(int(name)) for name in os.listdir(_OPEN_FILES))


def _is_set(number: int) -> bool:
    """Whether an open file is a TCP socket that listens; then the setting is made."""
    # The one by which the list was read is closed already.
    with suppress(OSError):
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with socket.socket(fileno=os.dup(number)) as found:
            is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
            if is_tcp and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return True
    return False
