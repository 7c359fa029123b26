"""A process for the tests of ``covidlab.child``: what it does is said in the message."""

import os
import sys
import time

import numpy as np

from covidlab.child import Message, serve

ODD_HEADERS = {
    "parts of another shape": b"[{}, [1, 2]]",
    "part without a length": b'[{}, [["picture"]]]',
    "too few arguments": b'[{}, [["picture", 0]]]',
    "nested without end": b"[" * 100_000,
}


def handle(message: Message) -> Message:
    """Do what is asked, or answer with what came."""
    do = message.values.get("do")
    if do == "sleep":
        time.sleep(60)
    if do == "die":
        os.kill(os.getpid(), 9)
    if do == "garbage":
        os.write(int(sys.argv[-1]), b"\0\0\0\4oops")
        time.sleep(60)
    if do in ODD_HEADERS:
        header = ODD_HEADERS[do]
        os.write(int(sys.argv[-1]), len(header).to_bytes(4) + header)
        time.sleep(60)
    if do == "other dtype":
        return Message({}, {"array": np.zeros(3, np.complex64)})
    return Message({"pid": os.getpid(), **message.values}, message.parts)


if __name__ == "__main__":
    serve(handle, idle_seconds=float(os.environ.get("CHILD_IDLE_SECONDS", "60")))
