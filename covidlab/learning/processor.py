"""What the processor is called and whether it computes in bfloat16. No TensorFlow here: pages ask too."""

import os
import platform
from contextlib import suppress
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")

# As Linux names them: x86 with AVX-512 BF16 or AMX, Arm.
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def cpu_device_name() -> str:
    """Return what people call the processor as a device, e.g. "CPU (AMD EPYC, 2 cores)"."""
    name = _cpuinfo().get("model name") or platform.processor() or platform.machine()
    return f"CPU ({name}, {os.cpu_count()} cores)"


def has_bfloat16() -> bool:
    """Return whether the processor has instructions for bfloat16; without them nothing is won by it."""
    fields = _cpuinfo()
    return bool(_BFLOAT16_FLAGS & set(f"{fields.get('flags', '')} {fields.get('Features', '')}".split()))


def _cpuinfo() -> dict[str, str]:
    """The first processor's lines of /proc/cpuinfo; empty where there is no such file."""
    fields = {}
    with suppress(OSError):
        for line in _CPUINFO.read_text().splitlines():
            name, separator, value = line.partition(":")
            if not separator and fields:
                break
            fields[name.strip()] = value.strip()
    return fields
