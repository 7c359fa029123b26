"""A sandbox process whose reader of BMP files does harm: what, is said at the end of the file."""

import os
import time

import numpy as np

from covidlab.child import Message
from covidlab.imaging import decode, sandbox_process


class HostileReader:
    """Reads nothing; takes memory, time or the process itself."""

    def read(self, data: bytes, *, at_least: int | None):
        harm = data.rpartition(b":")[2].decode()
        if harm == "memory":
            return [np.zeros(2**28, np.uint8) for _ in range(8)]
        if harm == "sleep":
            time.sleep(60)
        if harm == "loop":
            while True:
                pass
        if harm == "crash":
            os.abort()
        if harm == "write":
            # Above the limit of a file's size the kernel sends a signal; Python ignores it and raises OSError.
            with open(os.environ["HARM_FILE"], "wb") as file:
                file.write(b"stolen")
        raise KeyError(harm)


def answer(message: Message) -> Message:
    """Answer as always, or with something else than was asked for, where the file says so."""
    if message.parts["data"].endswith(b":other"):
        return Message({"sha256": 3, "width": "wide"})
    return usual(message)


decode.READERS["BMP"] = HostileReader()
usual, sandbox_process.answer = sandbox_process.answer, answer
if __name__ == "__main__":
    sandbox_process.main()
