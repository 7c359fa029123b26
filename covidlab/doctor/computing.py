"""TensorFlow, the GPU, the precision: all asked of a process of its own, which may crash or hang without harm."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from covidlab.doctor.findings import Finding, fails, limited, works
from covidlab.paths import PROJECT_ROOT

PROGRAM = ("-m", "covidlab.learning.self_test")
WAIT_SECONDS = 90.0
# From here on a first run of fifty X-rays takes a minute.
SLOW_PASS_SECONDS = 1.0

_INSTALL = "Run `make install` in the project's folder."
_GPU_PACKAGES = "It needs the packages of requirements-gpu.txt (Linux): `.venv/bin/pip install --require-hashes -r requirements-gpu.lock`."


class Computing:
    """The process, started at once, and what its answer says of each part. Its answer is waited for once."""

    def __init__(self, *, program: Sequence[str] = PROGRAM, seconds: float = WAIT_SECONDS) -> None:
        self._seconds = seconds
        self._process = subprocess.Popen(
            [sys.executable, *program],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def close(self) -> None:
        """End the process where it still runs."""
        self._process.kill()
        self._process.communicate()

    @cached_property
    def answer(self) -> Mapping[str, Any]:
        """What the process found; "error" alone where it could not."""
        try:
            text, _ = self._process.communicate(timeout=self._seconds)
            return dict(json.loads(text))
        except subprocess.TimeoutExpired:
            return {"error": f"no answer in {self._seconds:.0f} s"}
        except (ValueError, TypeError):
            return {"error": f"the process ended with status {self._process.poll()}"}

    def look_at_tensorflow(self) -> Finding:
        """Whether it loads and computes."""
        found = self.answer
        if "error" in found:
            return fails(f"TensorFlow does not work here. Received: {found['error']}.", _INSTALL, **found)
        sentence = f"TensorFlow {found['version']} loads in {found['load_seconds']:.1f} s and computes."
        return works(sentence, version=found["version"], load_seconds=found["load_seconds"])

    def look_at_gpu(self) -> Finding:
        """Whether TensorFlow sees a GPU, and whether there is one it does not see."""
        found = self.answer
        if found.get("is_gpu"):
            return works(f"TensorFlow computes on {found['device']}.", name=found["device"])
        driver = _gpu_of_the_driver()
        if driver:
            sentence = f"The driver knows {driver}, and TensorFlow does not see it."
            return limited(sentence, _GPU_PACKAGES, name=driver, needs_requirements_gpu=True)
        sentence = "There is no NVIDIA GPU here, so the processor computes."
        return limited(sentence, "Nothing has to be done.", name=None, needs_requirements_gpu=False)

    def look_at_precision(self) -> Finding:
        """How long an X-ray takes in each precision, and which one runs begin with."""
        found = self.answer
        if "film_seconds" not in found:
            return fails("The precision cannot be measured without TensorFlow.", "See TensorFlow.")
        seconds, chosen = found["film_seconds"], found["precision"]
        each = ", ".join(f"{_milliseconds(value)} ms in {name}" for name, value in seconds.items())
        sentence = f"An X-ray takes {each} on {found['device']}; runs begin with {chosen}."
        facts = {"milliseconds": {name: 1000 * value for name, value in seconds.items()}, "precision": chosen}
        if seconds[chosen] > SLOW_PASS_SECONDS:
            return limited(sentence, "This is slow. Close other programs, or use a machine with a GPU.", **facts)
        return works(sentence, **facts)


def _milliseconds(seconds: float) -> str:
    """With as many decimals as tell types apart: a GPU takes less than one."""
    milliseconds = 1000 * seconds
    decimals = 0 if milliseconds >= 10 else 1 if milliseconds >= 1 else 2
    return f"{milliseconds:.{decimals}f}"


def _gpu_of_the_driver() -> str:
    """Name of the GPU that the NVIDIA driver knows, "" where there is none."""
    from covidlab.runs.gpu import sample_gpu

    sample = sample_gpu()
    return sample.name if sample else ""
