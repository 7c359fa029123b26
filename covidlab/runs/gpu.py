"""What an NVIDIA GPU is doing: sampled by the worker, read by pages from a small file. No TensorFlow.

NVML is asked through pynvml (nvidia-ml-py) where it is installed, else through nvidia-smi, which comes with the driver. Where
neither is there, nothing is sampled and nothing is said.
"""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from covidlab.errors import StorageError
from covidlab.files import load_dataclass, read_json, write_json
from covidlab.language import tr
from covidlab.paths import home
from covidlab.runs.owner import monotonic_seconds

SAMPLE_SECONDS = 2.0
# Older than this, the worker that wrote it has ended.
STALE_SECONDS = 10.0
_FILE = "gpu.json"
_ASK_SECONDS = 5.0
_NVIDIA_SMI = (
    "nvidia-smi",
    "--id=0",
    "--query-gpu=name,utilization.gpu,memory.used,memory.total",
    "--format=csv,noheader,nounits",
)


@dataclass(frozen=True, kw_only=True)
class GpuSample:
    """One look at a GPU. utilisation: percent of the last moment in which it computed. Bytes are of all processes together."""

    name: str
    utilisation: float
    used_bytes: float
    total_bytes: float
    heartbeat: float = 0.0


def sample_gpu() -> GpuSample | None:
    """Return what the first GPU is doing; None where nobody can tell."""
    return _by_pynvml() or _by_nvidia_smi()


def describe_gpu() -> str:
    """Return "73 % busy, 5.2 of 80.0 GB" while a worker samples a GPU, else ""."""
    with suppress(ValueError, TypeError):
        sample = load_dataclass(GpuSample, read_json(home() / _FILE))
        if abs(monotonic_seconds() - sample.heartbeat) < STALE_SECONDS:
            used, total = sample.used_bytes / 1e9, sample.total_bytes / 1e9
            return tr(
                "{utilisation:.0f} % busy, {used:.1f} of {total:.1f} GB",
                utilisation=sample.utilisation,
                used=used,
                total=total,
            )
    return ""


class GpuMeter:
    """Samples the GPU in a thread and writes what it finds, for as long as the process lives or until it is stopped.

    Parameters
    ----------
    sample : returns a look at the GPU; where the first one finds nothing, the thread ends at once
    """

    def __init__(self, *, sample: Callable[[], GpuSample | None] = sample_gpu, seconds: float = SAMPLE_SECONDS) -> None:
        self._sample, self._seconds = sample, seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gpu-meter", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.is_set() and (found := self._sample()):
            # A full disk is the run's to report.
            with suppress(StorageError):
                values = {**asdict(found), "heartbeat": monotonic_seconds()}
                write_json(home() / _FILE, values, durable=False)
            self._stopped.wait(self._seconds)


def _by_pynvml() -> GpuSample | None:
    try:
        import pynvml
    except ImportError:
        return None
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        name, memory = (
            pynvml.nvmlDeviceGetName(handle),
            pynvml.nvmlDeviceGetMemoryInfo(handle, version=pynvml.nvmlMemory_v2),
        )
        return GpuSample(
            name=name if isinstance(name, str) else name.decode(),
            utilisation=pynvml.nvmlDeviceGetUtilizationRates(handle).gpu,
            used_bytes=memory.used,
            total_bytes=memory.total,
        )
    return None


def _by_nvidia_smi() -> GpuSample | None:
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        answer = subprocess.run(_NVIDIA_SMI, capture_output=True, text=True, check=True, timeout=_ASK_SECONDS)
        return parse_nvidia_smi(answer.stdout)
    return None


def parse_nvidia_smi(line: str) -> GpuSample:
    """Return the sample in a line of nvidia-smi, memory in MiB; raises ValueError where it is none."""
    name, *numbers = (part.strip() for part in line.strip().rsplit(",", 3))
    utilisation, used, total = (float(number) for number in numbers)
    return GpuSample(name=name, utilisation=utilisation, used_bytes=used * 2**20, total_bytes=total * 2**20)
