"""What a GPU is doing, from samples of the test."""

import sys
import types

import pytest

from covidlab.files import write_json
from covidlab.runs import gpu
from covidlab.runs.gpu import GpuMeter, GpuSample, describe_gpu, parse_nvidia_smi, sample_gpu

SAMPLE = GpuSample(name="NVIDIA X", utilisation=73, used_bytes=5.2e9, total_bytes=80e9)


def test_parse_nvidia_smi_reads_name_percent_and_mebibytes():
    sample = parse_nvidia_smi("NVIDIA H100, 80GB HBM3, 42, 1024, 81559\n")
    assert (sample.name, sample.utilisation) == ("NVIDIA H100, 80GB HBM3", 42)
    assert (sample.used_bytes, sample.total_bytes) == (2**30, 81559 * 2**20)


@pytest.mark.parametrize("line", ["", "No devices were found", "NVIDIA X, [N/A], 1, 2"])
def test_parse_nvidia_smi_what_is_no_sample_is_refused(line):
    with pytest.raises(ValueError, match=r"unpack|convert"):
        parse_nvidia_smi(line)


def test_sample_gpu_without_driver_is_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(gpu, "_NVIDIA_SMI", ("no-such-program",))
    assert sample_gpu() is None


def test_sample_gpu_asks_pynvml_where_it_is_installed(monkeypatch):
    nvml = types.SimpleNamespace(
        NVMLError=RuntimeError,
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: b"NVIDIA X",
        nvmlMemory_v2=2,
        # Without a version it counts what the driver keeps for itself, half a gigabyte, as used.
        nvmlDeviceGetMemoryInfo=lambda handle, version: types.SimpleNamespace(used=5.2e9, total=80e9),
        nvmlDeviceGetUtilizationRates=lambda handle: types.SimpleNamespace(gpu=73),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert sample_gpu() == SAMPLE


def test_meter_writes_what_pages_say_until_it_is_stopped():
    meter = GpuMeter(sample=lambda: SAMPLE, seconds=0.01)
    assert describe_gpu() == ""
    meter.start()
    for _ in range(500):
        if describe_gpu():
            break
        meter._stopped.wait(0.01)
    meter.stop()
    assert describe_gpu() == "73 % busy, 5.2 of 80.0 GB"


def test_meter_without_a_gpu_ends_at_once(covidlab_home):
    meter = GpuMeter(sample=lambda: None)
    meter.start()
    meter._thread.join(timeout=10)
    assert not meter._thread.is_alive()
    assert not (covidlab_home / "gpu.json").exists()


@pytest.mark.parametrize("left", [{**vars(SAMPLE), "heartbeat": -1000.0}, {"name": 3}, {}])
def test_describe_gpu_of_what_a_worker_left_is_nothing(covidlab_home, left):
    write_json(covidlab_home / "gpu.json", left)
    assert describe_gpu() == ""
